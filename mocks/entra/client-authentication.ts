import { compactVerify, decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import type { Application, Directory, RegisteredCertificate, Tenant } from './directory.js';
import { missingParameter } from './discovery.js';
import { EntraError } from './errors.js';

/** How an application proved who it is: `appidacr` of the tokens that it gets. */
export type ClientProof = 'none' | 'secret' | 'certificate';

export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string | null;
  readonly assertionType: string | null;
  readonly assertion: string | null;
}

/** What an application's proof is checked against. */
export interface ClientContext {
  readonly directory: Directory;
  readonly tenant: Tenant;
  readonly now: Date;
  /** Origins by which clients may have addressed the token endpoint. */
  readonly origins: readonly string[];
}

/** Reads the credentials of a client from the form, or from Basic authentication, which wins. */
export function readClientCredentials(form: URLSearchParams, authorization: string | undefined): ClientCredentials {
  const basic = readBasic(authorization);
  const clientId = basic?.clientId ?? form.get('client_id');
  if (!clientId) throw missingParameter('client_id');
  return {
    clientId,
    secret: basic?.secret ?? form.get('client_secret'),
    assertionType: form.get('client_assertion_type'),
    assertion: form.get('client_assertion'),
  };
}

/** Finds the application and checks its proof. One that gives none is `none`; the grant decides whether that will do. */
export async function authenticateClient(
  credentials: ClientCredentials,
  context: ClientContext,
): Promise<{ readonly application: Application; readonly proof: ClientProof }> {
  const application = findApplication(credentials.clientId, context);
  if (credentials.assertion !== null) {
    await checkAssertion(credentials, credentials.assertion, application, context);
    return { application, proof: 'certificate' };
  }
  if (!credentials.secret) return { application, proof: 'none' };
  checkSecret(application, credentials.secret, context.now);
  return { application, proof: 'secret' };
}

/** Basic credentials are percent-encoded before they are joined (RFC 6749, section 2.3.1). */
function readBasic(authorization = ''): { readonly clientId: string; readonly secret: string } | null {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const mark = text.indexOf(':');
  const part = (raw: string) => new URLSearchParams(`v=${raw.replaceAll('&', '%26')}`).get('v') ?? '';
  return mark < 0 ? null : { clientId: part(text.slice(0, mark)), secret: part(text.slice(mark + 1)) };
}

function findApplication(clientId: string, { directory, tenant }: ClientContext): Application {
  const application = directory.application(tenant, clientId);
  if (!application) {
    throw new EntraError(
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${tenant.displayName}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
    );
  }
  if (application.enabled) return application;
  throw new EntraError(7000112, `Application '${application.clientId}'(${application.displayName}) is disabled.`);
}

function checkSecret({ clientId, secrets }: Application, given: string, now: Date): void {
  const secret = secrets.find(({ value }) => value === given);
  if (!secret) {
    throw new EntraError(
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
    );
  }
  if (secret.expiresAt && secret.expiresAt <= now) {
    throw new EntraError(7000222, `The provided client secret keys for app '${clientId}' are expired.`);
  }
}

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_ALGORITHMS = ['RS256', 'PS256'];
const CLOCK_SKEW_SECONDS = 300;

/**
 * Checks a client assertion: algorithm, certificate, signature, issuer and subject, audience, time. The same assertion may come again
 * until it expires, as MSAL keeps it.
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
async function checkAssertion(
  { assertionType }: ClientCredentials,
  assertion: string,
  application: Application,
  context: ClientContext,
): Promise<void> {
  if (assertionType === null) throw missingParameter('client_assertion_type');
  if (assertionType !== JWT_BEARER)
    throw new EntraError(50027, `JWT token is invalid or malformed: the client_assertion_type must be ${JWT_BEARER}.`);
  const { header, claims } = decodeAssertion(assertion);
  const certificate = findCertificate(header, context.directory.certificatesOf(application), context.now);
  await checkSignature(assertion, certificate);
  checkClaims(claims, application, context);
}

function decodeAssertion(assertion: string): {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: JWTPayload;
} {
  try {
    const header = decodeProtectedHeader(assertion);
    const claims = decodeJwt(assertion);
    if (ASSERTION_ALGORITHMS.includes(String(header.alg))) return { header, claims };
  } catch {
    throw new EntraError(50027, 'JWT token is invalid or malformed.');
  }
  throw new EntraError(50027, 'JWT token is invalid or malformed: it must be signed with RS256 or PS256.');
}

function findCertificate(
  header: Readonly<Record<string, unknown>>,
  registered: readonly RegisteredCertificate[],
  now: Date,
): RegisteredCertificate {
  const sha1 = thumbprint(header.x5t);
  const sha256 = thumbprint(header['x5t#S256']);
  const found = registered.find(
    (candidate) => (sha1?.equals(candidate.sha1) || sha256?.equals(candidate.sha256)) ?? false,
  );
  const shown = (sha1 ?? sha256 ?? Buffer.alloc(0)).toString('hex').toUpperCase();
  if (!found) throw invalidSignature(`The key was not found., Thumbprint of key used by client: '${shown}'`);
  if (now > new Date(found.certificate.validTo) || now > found.expiresAt)
    throw invalidSignature(`The key used is expired., Thumbprint of key used by client: '${shown}'`);
  return found;
}

function thumbprint(value: unknown): Buffer | undefined {
  return typeof value === 'string' ? Buffer.from(value, 'base64url') : undefined;
}

async function checkSignature(assertion: string, { certificate, sha1 }: RegisteredCertificate): Promise<void> {
  try {
    await compactVerify(assertion, certificate.publicKey, { algorithms: ASSERTION_ALGORITHMS });
  } catch {
    const shown = sha1.toString('hex').toUpperCase();
    throw invalidSignature(
      `The provided signature value did not match the expected signature value., Thumbprint of key used by client: '${shown}'`,
    );
  }
}

function invalidSignature(reason: string): EntraError {
  return new EntraError(700027, `Client assertion contains an invalid signature. [Reason - ${reason}]`);
}

function checkClaims({ iss, sub, aud, nbf, exp }: JWTPayload, { clientId }: Application, context: ClientContext): void {
  const isOwn = (id: string | undefined) => id?.toLowerCase() === clientId.toLowerCase();
  if (!isOwn(iss) || !isOwn(sub)) {
    throw new EntraError(
      700021,
      "Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials.",
    );
  }
  if (![aud].flat().some((audience) => audience !== undefined && isAudience(audience, context))) {
    throw new EntraError(
      700023,
      'Client assertion audience claim does not match Realm issuer. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials.',
    );
  }
  const now = context.now.getTime() / 1000;
  if (exp === undefined || exp < now - CLOCK_SKEW_SECONDS || (nbf ?? 0) > now + CLOCK_SKEW_SECONDS) {
    throw new EntraError(
      700024,
      `Client assertion is not within its valid time range. Current time: ${context.now.toISOString()}, assertion valid from ${isoOf(nbf)}, expiry time of assertion ${isoOf(exp)}.`,
    );
  }
}

/** The token endpoints of both versions and the issuers, with the tenant by id or domain. */
function isAudience(audience: string, { origins, tenant }: ClientContext): boolean {
  const names = [tenant.id, tenant.domain];
  const accepted = origins.flatMap((origin) =>
    names.flatMap((name) => [
      `${origin}/${name}/oauth2/v2.0/token`,
      `${origin}/${name}/oauth2/token`,
      `${origin}/${name}/v2.0`,
    ]),
  );
  return [...accepted, ...names.map((name) => `https://sts.windows.net/${name}/`)].includes(audience.toLowerCase());
}

function isoOf(seconds: number | undefined): string {
  const date = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? 'none' : date.toISOString();
}
