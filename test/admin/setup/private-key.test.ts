import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import 'reflect-metadata';
import { generateCertificate } from '../../../src/admin/setup/generate-certificate.js';
import { assertPrivateKeyPem, encodePem } from '../../../src/admin/setup/private-key.js';
import { readCertificate } from '../../../src/admin/setup/read-certificate.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PKCS8 = rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const PKCS1 = rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();
const PUBLIC = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();
const passphrase = { cipher: 'aes-256-cbc', passphrase: 'x' } as const;
const ENCRYPTED = rsa.privateKey.export({ format: 'pem', type: 'pkcs8', ...passphrase }).toString();
const ENCRYPTED_PKCS1 = rsa.privateKey.export({ format: 'pem', type: 'pkcs1', ...passphrase }).toString();
const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const EC = ec.export({ format: 'pem', type: 'sec1' }).toString();

describe('a private key', () => {
  it.each([
    ['PKCS#1', PKCS1],
    ['PKCS#8', PKCS8],
  ])('in %s is taken, and encoded on one line that decodes to the same file', (_form, pem) => {
    expect(() => assertPrivateKeyPem(pem, 'pem')).not.toThrow();
    expect(encodePem(pem)).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(Buffer.from(encodePem(pem), 'base64').toString()).toBe(pem);
  });

  it.each([
    ['an encrypted key', ENCRYPTED, 'passphrase'],
    ['an encrypted key of the older form', ENCRYPTED_PKCS1, 'passphrase'],
    ['a public key', PUBLIC, 'public key'],
    ['a key that is not RSA', EC, 'type ec'],
    ['several keys', PKCS8 + PKCS1, 'several keys'],
    ['a key cut short', PKCS8.slice(0, 400), 'cut short'],
    ['other text', 'hello', 'BEGIN'],
  ])('is not %s, which is refused in its words', (_what, pem, words) => {
    expect(() => assertPrivateKeyPem(pem, 'pem')).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', field: 'pem' }),
    );
    expect(() => assertPrivateKeyPem(pem, 'pem')).toThrow(words);
  });
});

describe('a generated certificate', () => {
  it('is self-signed with RSA 2048 and SHA-256, for the days and the name that were asked for', async () => {
    const made = await generateCertificate({ subject: 'adobecampaigntest', days: 90 });
    const certificate = new X509Certificate(made.certificate);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(certificate.subject).toBe('CN=adobecampaigntest');
    expect(made.expiresOn.getTime() - made.startsOn.getTime()).toBe(90 * 24 * 60 * 60 * 1000);
    expect(certificate.toLegacyObject()).toMatchObject({ bits: 2048 });
  });

  it('comes with its key and thumbprints in every form', async () => {
    const made = await generateCertificate({ subject: 'x', days: 1 });
    const certificate = new X509Certificate(made.certificate);
    expect(certificate.checkPrivateKey(createPrivateKey(made.privateKey))).toBe(true);
    expect(Buffer.from(made.encodedPrivateKey, 'base64').toString()).toBe(made.privateKey);
    expect(made.sha1Thumbprint).toBe(certificate.fingerprint.replaceAll(':', ''));
    expect(Buffer.from(made.sha1ThumbprintBase64, 'base64').toString('hex').toUpperCase()).toBe(made.sha1Thumbprint);
    expect(made.sha256Thumbprint).toBe(certificate.fingerprint256.replaceAll(':', ''));
  });

  it('has a serial number and a key of its own each time', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => generateCertificate({ subject: 'x', days: 1 })));
    expect(one?.sha1Thumbprint).not.toBe(other?.sha1Thumbprint);
    expect(one?.privateKey).not.toBe(other?.privateKey);
  });

  it.each([
    [{ subject: 'x', days: 0 }, 'input.days'],
    [{ subject: 'x', days: 5000 }, 'input.days'],
    [{ subject: ' ', days: 1 }, 'input.subject'],
    [{ subject: 'a\nb', days: 1 }, 'input.subject'],
  ])('with %j is refused', async (input, field) => {
    await expect(generateCertificate(input)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', field });
  });

  it('is read again, unless it holds its private key', async () => {
    const made = await generateCertificate({ subject: 'x', days: 1 });
    expect(readCertificate(made.certificate, 'certificate').subject).toBe('CN=x');
    expect(() => readCertificate(made.certificate + made.privateKey, 'certificate')).toThrow('private key');
    expect(() => readCertificate(made.certificate.repeat(2), 'certificate')).toThrow('several');
    expect(() => readCertificate(PUBLIC, 'certificate')).toThrow('BEGIN CERTIFICATE');
  });
});
