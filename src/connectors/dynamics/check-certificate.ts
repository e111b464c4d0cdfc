import type { AccountCredentials } from '../../model/account.js';
import { type Finding, fails, passes, warns } from './finding.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A new certificate should be in place by then. */
const WARN_DAYS = 30;

const REMEDY =
  'Make a new one with generateCertificate, add it with uploadCertificate, and switch to it with updateExternalAccount; the old one may be removed after that.';

/** Looks when the certificate expires; null for other credentials, and where nobody told. */
export function checkCertificate(credentials: AccountCredentials, now = Date.now()): Finding | null {
  if (credentials.oauthType !== 'CERTIFICATE' || credentials.expiresOn === undefined) return null;
  const { expiresOn } = credentials;
  const days = Math.floor((Date.parse(expiresOn) - now) / DAY_MS);
  if (days < 0) return fails(`The certificate expired at ${expiresOn}.`, REMEDY);
  if (days < WARN_DAYS) return warns(`The certificate expires in ${days} days, at ${expiresOn}.`, REMEDY);
  return passes(`The certificate is valid until ${expiresOn}.`);
}
