/**
 * Makes the id of a grant as Entra does: the bytes of its ids, the first three groups of each with the least byte first, in base64url.
 * The id of the documentation's example is made of the ids beside it:
 * https://learn.microsoft.com/graph/api/oauth2permissiongrant-post
 */
export function grantId(...ids: readonly string[]): string {
  return Buffer.concat(ids.map(guidBytes)).toString('base64url');
}

function guidBytes(id: string): Buffer {
  const [first = '', second = '', third = '', ...rest] = id.split('-');
  const little = [first, second, third].map((group) => Buffer.from(group, 'hex').reverse());
  return Buffer.concat([...little, Buffer.from(rest.join(''), 'hex')]);
}
