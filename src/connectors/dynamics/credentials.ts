import { createPrivateKey } from 'node:crypto';
import type { NodeAuthOptions } from '@azure/msal-node';
import type { AccountCredentials } from '../../model/account.js';
import { RequestError } from '../../model/errors.js';

type CertificateCredentials = Extract<AccountCredentials, { oauthType: 'CERTIFICATE' }>;
type ClientCertificate = NonNullable<NodeAuthOptions['clientCertificate']>;

/** Turns a stored certificate into what MSAL signs with. Rejects a key or thumbprint that cannot work with `BAD_USER_INPUT`, naming the field. */
export function decodeCertificate(credentials: CertificateCredentials): ClientCertificate {
  return { privateKey: decodePrivateKey(credentials.privateKey), ...decodeThumbprint(credentials.customKeyIdentifier) };
}

/** From one-line base64 of a PEM file to the PEM text of an RSA private key. */
function decodePrivateKey(encoded: string): string {
  const field = 'certificate.privateKey';
  const expected = 'Expected the private key as one-line base64 of its PEM file';
  const remedy = 'Encode the file with the mutation encodePrivateKey.';
  const text = encoded.replaceAll(/\s/g, '');
  if (encoded.includes('-----BEGIN')) throw invalid(`${expected}, but it is the PEM text itself. ${remedy}`, field);
  if (text === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    throw invalid(`${expected}, but it is not base64. ${remedy}`, field);
  const pem = Buffer.from(text, 'base64').toString('utf8');
  if (pem.includes('BEGIN CERTIFICATE') && !pem.includes('PRIVATE KEY')) {
    throw invalid(`${expected}, but it is a certificate. Encode the file of the private key instead.`, field);
  }
  if (!pem.includes('-----BEGIN')) throw invalid(`${expected}, but what it encodes is not PEM. ${remedy}`, field);
  return assertRsaKey(pem, field);
}

function assertRsaKey(pem: string, field: string): string {
  let type: string | undefined;
  try {
    type = createPrivateKey(pem).asymmetricKeyType;
  } catch (cause) {
    const why = pem.includes('ENCRYPTED')
      ? 'it is protected by a password. Remove the password'
      : 'it cannot be read. Make the certificate anew';
    throw new RequestError('BAD_USER_INPUT', `Expected a private key in PEM form, but ${why}.`, { field, cause });
  }
  if (type === 'rsa') return pem;
  throw invalid(
    `Expected an RSA private key, but it is of type ${type}. Make the certificate anew with an RSA key.`,
    field,
  );
}

/**
 * `customKeyIdentifier` is hexadecimal in the Entra portal and base64 in Microsoft Graph; people also type it with colons, at the first of
 * which MSAL would silently stop reading.
 */
function decodeThumbprint(identifier: string): Pick<ClientCertificate, 'thumbprint' | 'thumbprintSha256'> {
  const hex = identifier.replaceAll(/[\s:-]/g, '');
  const bytes = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/i.test(hex)
    ? Buffer.from(hex, 'hex')
    : Buffer.from(identifier.trim(), 'base64');
  if (bytes.length === 20) return { thumbprint: bytes.toString('hex').toUpperCase() };
  if (bytes.length === 32) return { thumbprintSha256: bytes.toString('hex').toUpperCase() };
  throw invalid(
    'Expected customKeyIdentifier to be the thumbprint of the certificate (40 hexadecimal digits, or 28 characters of base64). Copy it from the application in Entra ID.',
    'certificate.customKeyIdentifier',
  );
}

function invalid(message: string, field: string): RequestError {
  return new RequestError('BAD_USER_INPUT', message, { field });
}
