import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { SignJWT } from 'jose';

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};

export interface TestCertificate {
  /** Base64 of the DER. */
  readonly key: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Hex, in capitals. */
  readonly thumbprint: string;
  /** Signs a client assertion or a proof. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>;
}

/** Makes a certificate that signs itself, valid from yesterday for so many days. */
export async function makeCertificate(days = 90): Promise<TestCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const second = 1000 * Math.floor(Date.now() / 1000);
  const [notBefore, notAfter] = [new Date(second - 86_400_000), new Date(second + days * 86_400_000)];
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=adobecampaign',
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const sha1 = Buffer.from(await certificate.getThumbprint('SHA-1'));
  const privateKey = KeyObject.from(keys.privateKey);
  return {
    key: Buffer.from(certificate.rawData).toString('base64'),
    notBefore,
    notAfter,
    thumbprint: sha1.toString('hex').toUpperCase(),
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', x5t: sha1.toString('base64url') }).sign(privateKey),
  };
}

/** The form of a token request that proves itself by this certificate. */
export async function assertionForm(certificate: TestCertificate, clientId: string, audience: string) {
  const now = Math.floor(Date.now() / 1000);
  return {
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: 'https://contoso.crm.dynamics.com/.default',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await certificate.sign({
      aud: audience,
      iss: clientId,
      sub: clientId,
      nbf: now,
      exp: now + 600,
    }),
  };
}
