import { createPrivateKey, type X509Certificate } from 'node:crypto';
import type { AccountConnection, AccountCredentials } from '../../model/account.js';
import { RequestError } from '../../model/errors.js';
import { assertPrivateKeyPem } from '../setup/private-key.js';
import { readCertificate } from '../setup/read-certificate.js';
import { normalizeThumbprint, thumbprintOf } from '../setup/thumbprint.js';
import type { CertificateCredentialsInput, ExternalAccountInput } from './external-account.inputs.js';

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z]$/i;

/** The settings of an account as they are kept: checked, trimmed, the address without path or trailing slash. */
export type ValidAccount = AccountConnection & { readonly label: string };

/** `@label` of an `nms:extAccount` is no longer. */
const MAX_LABEL = 128;

/**
 * Checks an account's input; `assertServer` tells whether credentials may be sent to an address. Throws BAD_USER_INPUT that names the field
 * and the remedy.
 */
export function validateAccount(input: ExternalAccountInput, assertServer: AssertServer): ValidAccount {
  return {
    name: expect(input.name, NAME, 'name', 'a letter, then letters, digits or _, at most 40 characters'),
    label: validateLabel(input.label?.trim() || input.name),
    server: assertServer(input.server, 'input.server'),
    tenantId: validateTenant(input.tenantId),
    clientId: expect(input.clientId.trim(), GUID, 'clientId', 'the application (client) id, a GUID').toLowerCase(),
    credentials: validateCredentials(input),
  };
}

/** Gives the origin of an address, or throws BAD_USER_INPUT that names the field. */
export type AssertServer = (server: string, field: string) => string;

function validateLabel(label: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (label.length <= MAX_LABEL && !/[\u0000-\u001f\u007f]/.test(label)) return label;
  throw invalid('label', `at most ${MAX_LABEL} characters on one line, but got ${label.length} characters`);
}

function validateTenant(tenantId: string): string {
  const tenant = tenantId.trim().toLowerCase();
  if (GUID.test(tenant) || DOMAIN.test(tenant)) return tenant;
  throw invalid('tenantId', `the id of the Entra tenant (a GUID) or one of its domains, but got "${tenantId}"`);
}

/** The credentials that `oauthType` asks for; others beside them are refused, so that no secret is saved by mistake. */
function validateCredentials(input: ExternalAccountInput): AccountCredentials {
  assertNoOther(input);
  switch (input.oauthType) {
    case 'CERTIFICATE': {
      return validateCertificate(required(input.certificate, 'certificate', input.oauthType));
    }
    case 'PASSWORD_CREDENTIALS': {
      const { account, password } = required(input.passwordCredentials, 'passwordCredentials', input.oauthType);
      if (!account.includes('@'))
        throw invalid('passwordCredentials.account', 'a sign-in name such as crm.user@contoso.example');
      if (password === '') throw invalid('passwordCredentials.password', 'a password');
      return { oauthType: 'PASSWORD_CREDENTIALS', account, password };
    }
    case 'CLIENT_SECRET': {
      const clientSecret = required(input.clientSecret, 'clientSecret', input.oauthType);
      if (clientSecret === '') throw invalid('clientSecret', 'the value of the client secret');
      return { oauthType: 'CLIENT_SECRET', clientSecret };
    }
    default:
      throw invalid('oauthType', `CERTIFICATE, PASSWORD_CREDENTIALS or CLIENT_SECRET, but got "${input.oauthType}"`);
  }
}

function assertNoOther(input: ExternalAccountInput): void {
  const given = [
    ['certificate', 'CERTIFICATE', input.certificate],
    ['passwordCredentials', 'PASSWORD_CREDENTIALS', input.passwordCredentials],
    ['clientSecret', 'CLIENT_SECRET', input.clientSecret],
  ] as const;
  const other = given.find(([, type, value]) => value != null && type !== input.oauthType);
  if (other)
    throw invalid(
      other[0],
      `no "${other[0]}" beside oauthType ${input.oauthType}; leave it out, or choose oauthType ${other[1]}`,
    );
}

function required<Value>(value: Value | null | undefined, field: string, oauthType: string): Value {
  if (value == null) throw invalid(field, `"${field}" with oauthType ${oauthType}`);
  return value;
}

function validateCertificate(input: CertificateCredentialsInput): AccountCredentials {
  const privateKey = input.privateKey.trim();
  const pem = decodePrivateKey(privateKey);
  const customKeyIdentifier = validateThumbprint(input.customKeyIdentifier);
  const expiresOn = input.certificate
    ? expiryOf(readCertificate(input.certificate, 'input.certificate.certificate'), pem, customKeyIdentifier)
    : (input.expiresOn ?? null);
  return {
    oauthType: 'CERTIFICATE',
    privateKey,
    customKeyIdentifier,
    keyId: expect(input.keyId.trim(), GUID, 'certificate.keyId', 'the keyId of the uploaded certificate, a GUID'),
    ...(expiresOn && { expiresOn: expiresOn.toISOString() }),
  };
}

/** The PEM file of an RSA private key out of its one-line base64. */
function decodePrivateKey(encoded: string): string {
  const field = 'input.certificate.privateKey';
  const pem = Buffer.from(encoded, 'base64').toString('utf8');
  if (!pem.includes('-----BEGIN')) {
    throw invalid(
      'certificate.privateKey',
      'the base64 of the PEM file of the private key on one line, as encodePrivateKey makes it',
    );
  }
  assertPrivateKeyPem(pem, field);
  return pem;
}

/** When the certificate expires; refused where the private key or the identifier are those of another one. */
function expiryOf(certificate: X509Certificate, pem: string, customKeyIdentifier: string): Date {
  if (!certificate.checkPrivateKey(createPrivateKey(pem)))
    throw invalid('certificate.privateKey', 'the private key that belongs to the certificate, but got another one');
  const thumbprint = thumbprintOf(certificate.raw);
  if (normalizeThumbprint(customKeyIdentifier) !== thumbprint)
    throw invalid('certificate.customKeyIdentifier', `the thumbprint of the certificate, which is ${thumbprint}`);
  return new Date(certificate.validTo);
}

function validateThumbprint(identifier: string): string {
  const text = identifier.trim();
  const isHex = /^([0-9a-f]{2}:?){20}$/i.test(text);
  const isBase64 = /^[A-Za-z0-9+/_-]{27}=?$/.test(text);
  if (isHex || isBase64) return text;
  throw invalid(
    'certificate.customKeyIdentifier',
    'the SHA-1 thumbprint of the certificate: 40 hexadecimal digits, or its base64',
  );
}

function expect(value: string, pattern: RegExp, field: string, what: string): string {
  if (pattern.test(value)) return value;
  throw invalid(field, `${what}, but got "${value}"`);
}

function invalid(field: string, expected: string, cause?: unknown): RequestError {
  return new RequestError('BAD_USER_INPUT', `Expected ${expected}.`, { field: `input.${field}`, cause });
}
