import { RequestError } from '../../model/errors.js';
import type { AdministratorInput } from './set-up.inputs.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const USER_NAME = /^[^\s@"'\\/[\]:;|=,+*?<>]{1,64}@(?=.{4,253}$)([a-z0-9-]+\.)+[a-z0-9-]+$/i;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Names that a console shows on one line. */
export function assertName(name: string, field: string): string {
  const trimmed = name.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (trimmed !== '' && trimmed.length <= 120 && !/[\u0000-\u001f\u007f<>]/.test(trimmed)) return trimmed;
  throw badInput(`a name of 1 to 120 characters on one line, without < and >, but got ${shown(name)}`, field);
}

export function assertClientId(clientId: string): string {
  const trimmed = clientId.trim().toLowerCase();
  if (GUID.test(trimmed)) return trimmed;
  throw badInput(`the application (client) id, a GUID, but got ${shown(clientId)}`, 'input.clientId');
}

/** As Entra takes it for a redirect: https, or http on this machine. */
export function assertSignOnUrl(signOnUrl: string): string {
  const url = URL.parse(signOnUrl.trim());
  const isFine = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (isFine && !url.username && !url.hash && signOnUrl.length <= 255) return signOnUrl.trim();
  throw badInput(
    `an https address, or http://localhost, of at most 255 characters, but got ${shown(signOnUrl)}`,
    'input.signOnUrl',
  );
}

export function assertUserName(name: string): string {
  const trimmed = name.trim();
  if (USER_NAME.test(trimmed)) return trimmed;
  throw badInput(`a sign-in name such as crm.user@contoso.example, but got ${shown(name)}`, 'input.userPrincipalName');
}

export function assertCountry(country: string): string {
  const trimmed = country.trim().toUpperCase();
  if (/^[A-Z]{2}$/.test(trimmed)) return trimmed;
  throw badInput(`a country in two letters such as FR, but got ${shown(country)}`, 'input.usageLocation');
}

/** At least one role, each of at most 100 characters, which is what Dynamics allows for the name of one. */
export function assertRoles(roles: readonly string[]): readonly string[] {
  if (roles.length === 0 || roles.length > 20)
    throw badInput(`one to twenty security roles, but got ${roles.length}`, 'input.securityRoles');
  return roles.map((role, index) => {
    const trimmed = role.trim();
    if (trimmed !== '' && trimmed.length <= 100) return trimmed;
    throw badInput(`the name or id of a security role, but got ${shown(role)}`, `input.securityRoles.${index}`);
  });
}

export function signInOf(input: { readonly administrator?: AdministratorInput | null }) {
  const { graphToken, dynamicsToken } = input.administrator ?? {};
  return { graphToken: graphToken ?? null, dynamicsToken: dynamicsToken ?? null };
}

function badInput(expected: string, field: string): RequestError {
  return new RequestError('BAD_USER_INPUT', `Expected ${expected}.`, { field });
}

function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
