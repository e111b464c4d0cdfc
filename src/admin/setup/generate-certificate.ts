import { createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { RequestError } from '../../model/errors.js';
import { Outcome } from '../outcome.js';
import { encodePem } from './private-key.js';
import type { GenerateCertificateInput } from './set-up.inputs.js';
import type { GeneratedCertificate } from './set-up.types.js';
import { thumbprintOf } from './thumbprint.js';
import { assertName } from './validate-set-up.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_DAYS = 1095;
/** What the documented procedure makes: `openssl req -x509 -newkey rsa:2048 -sha256`. */
const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

/** Makes a self-signed certificate and its private key. Nothing of it is kept: the answer is the one place where the key is shown. */
export async function generateCertificate(input: GenerateCertificateInput): Promise<GeneratedCertificate> {
  const subject = assertName(input.subject, 'input.subject');
  const days = assertDays(input.days);
  // Loaded when it is first needed: few processes ever make a certificate.
  const x509 = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notBefore = wholeSeconds(new Date());
  const generated = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: [{ CN: [subject] }],
      notBefore,
      notAfter: new Date(notBefore.getTime() + days * DAY_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ],
    },
    webcrypto,
  );
  const certificate = new X509Certificate(Buffer.from(generated.rawData));
  return describe(certificate, await privateKeyPem(keys.privateKey));
}

function describe(certificate: X509Certificate, privateKey: string): GeneratedCertificate {
  const sha1 = thumbprintOf(certificate.raw);
  return {
    outcome: Outcome.CREATED,
    certificate: certificate.toString(),
    privateKey,
    encodedPrivateKey: encodePem(privateKey),
    sha1Thumbprint: sha1,
    sha1ThumbprintBase64: Buffer.from(sha1, 'hex').toString('base64'),
    sha256Thumbprint: certificate.fingerprint256.replaceAll(':', ''),
    subject: certificate.subject,
    startsOn: new Date(certificate.validFrom),
    expiresOn: new Date(certificate.validTo),
  };
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

/** Positive and of 16 bytes: RFC 5280, section 4.1.2.2 */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** Certificates know no parts of a second, and Entra refuses an end that lies one behind the certificate's own. */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

function assertDays(days: number): number {
  if (Number.isInteger(days) && days >= 1 && days <= MAX_DAYS) return days;
  throw new RequestError('BAD_USER_INPUT', `Expected "days" from 1 to ${MAX_DAYS}, but got ${days}.`, {
    field: 'input.days',
  });
}
