import { createHash } from 'node:crypto';
import type { KeyCredential } from '../../connectors/dynamics/dynamics-set-up.js';

/** SHA-1 of a certificate in DER: 40 hexadecimal digits in capitals. */
export function thumbprintOf(der: Buffer): string {
  return createHash('sha1').update(der).digest('hex').toUpperCase();
}

/**
 * The thumbprint of a certificate that Microsoft Graph tells of, computed from the certificate where it is told, since `customKeyIdentifier` is
 * hexadecimal, base64 or anything that a tool wrote there. Null where neither tells.
 */
export function thumbprintOfCredential({ key, customKeyIdentifier }: KeyCredential): string | null {
  if (key !== null) return thumbprintOf(derOf(key));
  return customKeyIdentifier === null ? null : normalizeThumbprint(customKeyIdentifier);
}

/** 40 hexadecimal digits from the forms that a thumbprint is written in; null for anything else. */
export function normalizeThumbprint(identifier: string): string | null {
  const plain = identifier.replaceAll(/[\s:-]/g, '');
  if (/^[0-9a-f]{40}$/i.test(plain)) return plain.toUpperCase();
  const bytes = Buffer.from(identifier.trim(), 'base64');
  return bytes.length === 20 ? bytes.toString('hex').toUpperCase() : null;
}

/** Graph keeps the DER, or the PEM file where that was uploaded. */
function derOf(key: string): Buffer {
  const bytes = Buffer.from(key, 'base64');
  const [, body] = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END/.exec(bytes.toString('latin1')) ?? [];
  return body === undefined ? bytes : Buffer.from(body, 'base64');
}
