import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import type { Json, JsonObject } from '../directory-objects.js';
import { badRequest, GraphError } from './graph-error.js';
import { isoSeconds } from './time.js';

/** How a thumbprint is shown that nobody sent: 40 hex digits, or base64 of the 20 bytes; Graph is known to do both. */
export type ThumbprintForm = 'hex' | 'base64';

/** What is uploaded is checked against. */
export interface KeyCredentialContext {
  readonly now: Date;
  readonly thumbprintForm: ThumbprintForm;
  /** The credentials that the application has. */
  readonly existing: readonly JsonObject[];
}

const TYPES = ['AsymmetricX509Cert', 'X509CertAndPassword'];
const USAGES = ['Verify', 'Sign'];
const PROPERTIES = [
  'customKeyIdentifier',
  'displayName',
  'endDateTime',
  'key',
  'keyId',
  'startDateTime',
  'type',
  'usage',
  'hasExtendedValue',
];

/** Makes the credential of a certificate, as if it were uploaded without anything beside it. */
export function keyCredentialOf(certificate: X509Certificate, form: ThumbprintForm = 'hex'): JsonObject {
  const sha1 = createHash('sha1').update(certificate.raw).digest();
  return {
    customKeyIdentifier: form === 'hex' ? sha1.toString('hex').toUpperCase() : sha1.toString('base64'),
    displayName: certificate.subject.replaceAll('\n', ', '),
    endDateTime: isoSeconds(new Date(certificate.validTo)),
    key: certificate.raw.toString('base64'),
    keyId: randomUUID(),
    startDateTime: isoSeconds(new Date(certificate.validFrom)),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  };
}

/**
 * Reads a list of key credentials that replaces what the application has. One that is there already is known by its `keyId` and may be
 * sent without its key; it cannot be changed. Throws a `GraphError` for what Entra refuses.
 * https://learn.microsoft.com/graph/api/resources/keycredential
 */
export function readKeyCredentials(list: readonly Json[], context: KeyCredentialContext): JsonObject[] {
  const credentials = list.map((credential) => readKeyCredential(Object(credential), context));
  const ids = credentials.map(({ keyId }) => keyId);
  if (new Set(ids).size < ids.length) throw badRequest('Each credential must have a keyId of its own.');
  return credentials;
}

/** Reads one key credential, as `readKeyCredentials` does. */
export function readKeyCredential(given: JsonObject, context: KeyCredentialContext): JsonObject {
  const unknown = Object.keys(given).find((name) => !PROPERTIES.includes(name));
  if (unknown !== undefined) throw badRequest(`Invalid property '${unknown}'.`);
  checkChoice('type', given.type, TYPES);
  checkChoice('usage', given.usage, USAGES);
  const existing = context.existing.find(({ keyId }) => isSameId(keyId, given.keyId));
  const credential = existing ? unchanged(existing, given) : newCredential(given, context);
  if (new Date(String(credential.endDateTime)) <= context.now) throw invalidEndDate();
  return credential;
}

/** An existing credential, which is refused where what was sent differs from it. */
function unchanged(existing: JsonObject, given: JsonObject): JsonObject {
  const changed = PROPERTIES.find((name) => {
    const value = given[name];
    return value !== undefined && value !== null && !isSameValue(name, existing[name], value);
  });
  if (changed === undefined) return existing;
  const message = `Update to existing credential with KeyId '${String(given.keyId)}' is not allowed.`;
  throw badRequest(message, [{ code: 'KeyNotUpdatable', message, target: 'keyCredentials' }]);
}

function isSameValue(name: string, existing: Json | undefined, given: Json): boolean {
  if (name === 'keyId') return isSameId(existing, given);
  if (name === 'key') return readCertificate(given).raw.toString('base64') === existing;
  if (name.endsWith('DateTime')) return isoSeconds(new Date(String(given))) === existing;
  return existing === given;
}

function isSameId(one: Json | undefined, other: Json | undefined): boolean {
  return typeof one === 'string' && typeof other === 'string' && one.toLowerCase() === other.toLowerCase();
}

function newCredential(given: JsonObject, { now, thumbprintForm }: KeyCredentialContext): JsonObject {
  const certificate = readCertificate(given.key);
  const notAfter = new Date(certificate.validTo);
  const start = readTime('startDateTime', given.startDateTime) ?? now;
  const yearOn = new Date(start);
  yearOn.setUTCFullYear(start.getUTCFullYear() + 1);
  const end = readTime('endDateTime', given.endDateTime) ?? (yearOn < notAfter ? yearOn : notAfter);
  if (end > notAfter || end <= start) throw invalidEndDate();
  const made = keyCredentialOf(certificate, thumbprintForm);
  return {
    ...made,
    customKeyIdentifier: readIdentifier(given.customKeyIdentifier) ?? made.customKeyIdentifier ?? null,
    displayName: given.displayName ?? made.displayName ?? null,
    keyId: given.keyId ?? made.keyId ?? null,
    type: given.type ?? null,
    usage: given.usage ?? null,
    startDateTime: isoSeconds(start),
    endDateTime: isoSeconds(end),
  };
}

/** The key is base64 of the certificate in DER, or of a PEM file that holds one certificate and no private key. */
function readCertificate(key: Json | undefined): X509Certificate {
  if (typeof key !== 'string' || key === '') throw invalidCertificate('A new credential needs its key.');
  const bytes = Buffer.from(key, 'base64');
  const text = bytes.toString('latin1');
  if (text.includes('PRIVATE KEY')) throw invalidCertificate('The key must not hold a private key.');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  if (blocks > 1) throw invalidCertificate('The key must hold one certificate.');
  try {
    return new X509Certificate(bytes);
  } catch {
    throw invalidCertificate('The key must be the base64 of a certificate.');
  }
}

function readTime(name: string, value: Json | undefined): Date | undefined {
  if (value === undefined || value === null) return undefined;
  const time = new Date(String(value));
  if (Number.isNaN(time.getTime()))
    throw badRequest(`Cannot convert the literal '${String(value)}' of ${name} to a date.`);
  return time;
}

function readIdentifier(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '' && value.length <= 40) return value;
  throw badRequest('The value for the property "customKeyIdentifier" in one of your credentials is invalid.');
}

function checkChoice(name: 'type' | 'usage', value: Json | undefined, choices: readonly string[]): void {
  if (typeof value === 'string' && choices.includes(value)) return;
  const acceptable = name === 'usage' ? 'Sign, Verify' : choices.join(', ');
  throw badRequest(
    `The value for the property "${name}" in one of your credentials is invalid. Acceptable values are ${acceptable}.`,
  );
}

function invalidEndDate(): GraphError {
  const message = 'Key credential end date is invalid.';
  return new GraphError(400, 'KeyCredentialsInvalidEndDate', message, [
    { code: 'KeyCredentialsInvalidEndDate', message, target: 'keyCredentials' },
  ]);
}

function invalidCertificate(reason: string): GraphError {
  const message = `Key credential certificate is invalid. ${reason}`;
  return badRequest(message, [{ code: 'KeyCredentialsInvalidCertificate', message, target: 'keyCredentials' }]);
}
