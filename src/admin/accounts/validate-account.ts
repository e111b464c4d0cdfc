import { createPrivateKey } from 'node:crypto';
import type { AccountConnection, AccountCredentials } from '../../model/account.js';
import { RequestError } from '../../model/errors.js';
import type { ExternalAccountInput } from './external-account.inputs.js';

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z]$/i;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The settings of an account as they are kept: checked, trimmed, the address without path or trailing slash. */
export type ValidAccount = AccountConnection & { readonly label: string };

/** Checks an account's input. Throws BAD_USER_INPUT that names the field and the remedy. */
export function validateAccount(input: ExternalAccountInput): ValidAccount {
  return {
    name: expect(input.name, NAME, 'name', 'a letter, then letters, digits or _, at most 40 characters'),
    label: input.label?.trim() || input.name,
    server: validateServer(input.server),
    tenantId: validateTenant(input.tenantId),
    clientId: expect(input.clientId.trim(), GUID, 'clientId', 'the application (client) id, a GUID').toLowerCase(),
    credentials: validateCredentials(input),
  };
}

function validateServer(server: string): string {
  const url = URL.canParse(server.trim()) ? new URL(server.trim()) : null;
  if (url === null) throw invalid('server', `an address such as https://contoso.crm.dynamics.com, but got "${server}"`);
  const isPlainLoopback = url.protocol === 'http:' && LOOPBACK.has(url.hostname);
  if (url.protocol !== 'https:' && !isPlainLoopback) {
    throw invalid('server', 'an https address; plain http is taken for a loopback address only');
  }
  if (url.username || url.password) throw invalid('server', 'an address without user name and password');
  return url.origin;
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
      const { privateKey, customKeyIdentifier, keyId } = required(input.certificate, 'certificate', input.oauthType);
      assertPrivateKey(privateKey);
      return {
        oauthType: 'CERTIFICATE',
        privateKey: privateKey.trim(),
        customKeyIdentifier: validateThumbprint(customKeyIdentifier),
        keyId: expect(keyId.trim(), GUID, 'certificate.keyId', 'the keyId of the uploaded certificate, a GUID'),
      };
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

function assertPrivateKey(privateKey: string): void {
  const pem = Buffer.from(privateKey, 'base64').toString('utf8');
  const remedy = 'the base64 of the PEM file of the private key on one line (base64 -w0 private.key)';
  if (!pem.includes('-----BEGIN')) throw invalid('certificate.privateKey', remedy);
  if (pem.includes('ENCRYPTED'))
    throw invalid('certificate.privateKey', `${remedy}, without a passphrase (openssl pkey removes it)`);
  try {
    createPrivateKey(pem);
  } catch (cause) {
    throw invalid('certificate.privateKey', `${remedy}; what came is no private key`, cause);
  }
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
