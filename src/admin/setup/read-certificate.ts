import { X509Certificate } from 'node:crypto';
import { RequestError } from '../../model/errors.js';

/** Reads the PEM text of one certificate with an RSA key. Throws BAD_USER_INPUT, also for a file that holds a private key. */
export function readCertificate(pem: string, field: string): X509Certificate {
  const refuse = (why: string, cause?: unknown) =>
    new RequestError('BAD_USER_INPUT', `Expected the PEM file of one certificate, but ${why}.`, { field, cause });
  if (pem.includes('PRIVATE KEY'))
    throw refuse('it holds a private key, which must not leave your hands. Give the certificate alone');
  const count = pem.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  if (count === 0) throw refuse('there is no "-----BEGIN CERTIFICATE-----" in it');
  if (count > 1) throw refuse('it holds several. Give the one that belongs to the private key');
  const certificate = parse(pem, refuse);
  const type = certificate.publicKey.asymmetricKeyType;
  if (type === 'rsa') return certificate;
  throw refuse(`its key is of type ${type}. Make it anew with an RSA key`);
}

function parse(pem: string, refuse: (why: string, cause?: unknown) => RequestError): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw refuse('it cannot be read: it may be cut short', cause);
  }
}
