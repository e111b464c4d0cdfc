import { RequestError } from '../../model/errors.js';
import { isLoopback } from './auth.js';

/**
 * Checks that credentials may be sent to an address: https, without a path, on a host that DYNAMICS_HOSTS allows; or a loopback address, with
 * plain http too. Gives its origin; throws BAD_USER_INPUT that names the field.
 */
export function assertAllowedServer(server: string, patterns: readonly string[], field: string): string {
  const url = URL.parse(server.trim());
  const refuse = (why: string) => new RequestError('BAD_USER_INPUT', `Expected ${why}.`, { field });
  if (url === null) throw refuse(`an address such as https://contoso.crm.dynamics.com, but got "${server}"`);
  if (url.username || url.password) throw refuse('an address without user name and password');
  const isLocal = isLoopback(url);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))
    throw refuse('an https address; plain http is taken for a loopback address only');
  if (isLocal || patterns.some((pattern) => matches(url.hostname, pattern))) return url.origin;
  throw refuse(
    `a host of Dynamics 365, but got "${url.hostname}". Add it to the setting DYNAMICS_HOSTS (now ${patterns.join(',')}) if credentials may be sent there`,
  );
}

/** `*.dynamics.com` stands for every host below it, and not for itself. */
function matches(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
}
