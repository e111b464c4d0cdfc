import { createHash, generateKeyPair as generate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';

const generateKeyPair = promisify(generate);

/** The key that signs the tokens of a mock; it lives as long as the mock does. */
export interface SigningKey {
  /** Signs claims as they are (RS256); nothing is added to them. */
  sign(claims: JWTPayload): Promise<string>;
  /** Checks signature, audience and times, and gives the claims; throws an error of `jose` that tells what is wrong. */
  verify(token: string, expected: { readonly audience: string[]; readonly now: Date }): Promise<JWTPayload>;
  /** The JSON Web Key Set by which others check signatures; `issuer` is told with the key. */
  keySet(issuer: string): { readonly keys: readonly Readonly<Record<string, unknown>>[] };
}

/** Makes a new RSA key of 2048 bits. */
export async function createSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair('rsa', { modulusLength: 2048 });
  const id = keyId(publicKey);
  return {
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5t: id, kid: id }).sign(privateKey),
    verify: async (token, { audience, now }) =>
      (await jwtVerify(token, publicKey, { algorithms: ['RS256'], audience, currentDate: now, clockTolerance: 300 }))
        .payload,
    keySet: (issuer) => ({
      keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', kid: id, x5t: id, issuer }],
    }),
  };
}

function keyId(publicKey: KeyObject): string {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}
