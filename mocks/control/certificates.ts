import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate with its key, both in PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Signs the certificates of mocks; it lives as long as the process, and its key is written nowhere. */
export interface CertificateAuthority {
  /** Its own certificate in PEM: what a client must trust. */
  readonly ca: string;
  /** Makes a certificate for these names and addresses. */
  issue(hosts: readonly string[]): Promise<ServerCertificate>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 24 * 3600 * 1000;

/** Makes an authority with a new key, valid from yesterday for a year; several mocks may share one. */
export async function createCertificateAuthority(): Promise<CertificateAuthority> {
  // Only TLS needs them: a mock without it starts sooner. The second needs the first.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await createKeys();
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 365 * DAY_MS) };
  const name = `CN=Isthmus mocks ${randomBytes(4).toString('hex')}`;
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    ...validity,
    serialNumber: serialNumber(),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    ca: authority.toString('pem'),
    issue: async (hosts) => {
      const own = await createKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        subject: 'CN=localhost',
        issuer: authority.subject,
        ...validity,
        serialNumber: serialNumber(),
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      const key = KeyObject.from(own.privateKey).export({ type: 'pkcs8', format: 'pem' });
      return { cert: certificate.toString('pem'), key: key.toString() };
    },
  };
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** A positive number: its first bit is not set. */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}
