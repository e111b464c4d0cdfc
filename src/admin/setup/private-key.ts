import { createPrivateKey } from 'node:crypto';
import { RequestError } from '../../model/errors.js';

/** One-line base64 of the text of a PEM file, as Campaign and Isthmus take a private key: `base64 -w0 private.key`. */
export function encodePem(pem: string): string {
  return Buffer.from(pem, 'utf8').toString('base64');
}

/** Checks that a PEM file is that of an RSA private key, in PKCS#1 or PKCS#8 and without a passphrase. Throws BAD_USER_INPUT. */
export function assertPrivateKeyPem(pem: string, field: string): void {
  const refuse = (why: string, cause?: unknown) =>
    new RequestError('BAD_USER_INPUT', `Expected the PEM file of an RSA private key, but ${why}.`, { field, cause });
  const labels = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map(([, label]) => label ?? '');
  if (labels.length === 0) throw refuse('there is no "-----BEGIN … PRIVATE KEY-----" in it');
  if (labels.some((label) => label.includes('CERTIFICATE')))
    throw refuse('it holds a certificate. Give the file of the private key alone');
  if (labels.some((label) => label.includes('PUBLIC KEY')))
    throw refuse('it is a public key. Give the private key that belongs to it');
  if (labels.length > 1) throw refuse('it holds several keys. Give the one that belongs to the certificate');
  if (pem.includes('ENCRYPTED'))
    throw refuse('it is protected by a passphrase. Remove it with: openssl pkey -in private.key -out plain.key');
  assertRsa(pem, refuse);
}

function assertRsa(pem: string, refuse: (why: string, cause?: unknown) => RequestError): void {
  let type: string | undefined;
  try {
    type = createPrivateKey(pem).asymmetricKeyType;
  } catch (cause) {
    throw refuse('it cannot be read: it may be cut short', cause);
  }
  if (type !== 'rsa') throw refuse(`it is one of type ${type}. Make the certificate anew with an RSA key`);
}
