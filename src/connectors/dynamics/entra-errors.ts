import { RemoteError } from '../../model/errors.js';

/** What the token endpoint said when it refused: status and body of its answer. */
export interface TokenRefusal {
  readonly status: number;
  readonly body: unknown;
}

interface Explanation {
  /** What is wrong, as the end of "Entra ID issued no token, because …". */
  readonly why: string;
  readonly remedy: string;
}

const ASSERTION: Explanation = {
  why: 'it does not accept the signature made with the certificate',
  remedy:
    'Check that the certificate is uploaded to the application, that its thumbprint is the customKeyIdentifier and that the private key belongs to it.',
};
const MORE_FACTORS: Explanation = {
  why: 'the user must confirm the sign-in with a second factor, which a server cannot',
  remedy:
    'Exclude the user from multi-factor authentication by a conditional access policy, or use a certificate or client secret.',
};
const SCOPE: Explanation = {
  why: 'it does not know the organization that the token is for',
  remedy:
    'Check the server address of the external account: it must be the exact address of the Dynamics organization.',
};

/** Error codes of Entra ID: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  '7000215': {
    why: 'the client secret is wrong',
    remedy: 'Enter the value of the secret, not its id; make a new one if the value is lost.',
  },
  '7000222': {
    why: 'the client secret has expired',
    remedy: 'Make a new client secret for the application and enter its value.',
  },
  '7000218': {
    why: 'the application may not sign in without a secret or certificate',
    remedy: 'Allow public client flows for the application, or use a certificate or client secret.',
  },
  '700027': ASSERTION,
  '700024': {
    why: 'the signature made with the certificate is outside its time of validity',
    remedy: 'Correct the clock of this machine.',
  },
  '700021': ASSERTION,
  '700023': ASSERTION,
  '50027': ASSERTION,
  '50126': { why: 'the user name or password is wrong', remedy: 'Check account and password of the external account.' },
  '50034': { why: 'the user does not exist in the tenant', remedy: 'Check the account name and the tenant id.' },
  '50053': {
    why: 'the user is locked after too many attempts',
    remedy: 'Wait, or unlock the user, and correct the password.',
  },
  '50055': { why: 'the password has expired', remedy: 'Set a new password for the user.' },
  '50057': { why: 'the user is disabled', remedy: 'Enable the user in Entra ID.' },
  '50076': MORE_FACTORS,
  '50079': MORE_FACTORS,
  '53003': MORE_FACTORS,
  '65001': {
    why: 'nobody has consented to the permissions of the application',
    remedy: 'Let an administrator grant consent for Dynamics CRM user_impersonation.',
  },
  '700016': { why: 'the tenant does not know the application', remedy: 'Check the client id and the tenant id.' },
  '7000112': {
    why: 'the application is disabled in the tenant',
    remedy: 'Enable its enterprise application in Entra ID.',
  },
  '90002': { why: 'the tenant does not exist', remedy: 'Check the tenant id.' },
  '900021': { why: 'the tenant id is not a tenant', remedy: 'Check the tenant id.' },
  '900023': { why: 'the tenant id is neither a GUID nor a domain name', remedy: 'Check the tenant id.' },
  '500011': SCOPE,
  '70011': SCOPE,
  '1002012': SCOPE,
};

const FALLBACK: Explanation = {
  why: 'it refused the request',
  remedy: 'Look the code up in the Entra sign-in log of the application.',
};

/** Turns a refusal of the token endpoint into a `RemoteError` in plain words; `purpose` is whom the token was for. */
export function tokenError(refusal: TokenRefusal, purpose: string): RemoteError {
  const { number, description, requestId } = decodeRefusal(refusal.body);
  const { why, remedy } = (number && EXPLANATIONS[number]) || FALLBACK;
  const code = number === null ? null : `AADSTS${number}`;
  const message = `Expected a token for ${purpose}, but Entra ID issued none, because ${why}${code ? ` (${code})` : ''}. ${remedy}`;
  return new RemoteError('UPSTREAM_UNAUTHENTICATED', message, {
    upstream: { system: 'entra', status: refusal.status, code, message: description, requestId },
  });
}

/** What a person can do about a code such as `AADSTS7000215`; null for one we do not know. */
export function tokenRemedy(code: string | null): string | null {
  return EXPLANATIONS[code?.replace('AADSTS', '') ?? '']?.remedy ?? null;
}

interface DecodedRefusal {
  readonly number: string | null;
  readonly description: string;
  readonly requestId: string | null;
}

function decodeRefusal(body: unknown): DecodedRefusal {
  if (typeof body !== 'object' || body === null)
    return { number: null, description: 'The answer was not JSON.', requestId: null };
  const fields: Readonly<Record<string, unknown>> = { ...body };
  const description = typeof fields.error_description === 'string' ? fields.error_description : '';
  const codes: readonly unknown[] = Array.isArray(fields.error_codes) ? fields.error_codes : [];
  const number = codes[0] === undefined ? (/AADSTS(\d+)/.exec(description)?.[1] ?? null) : String(codes[0]);
  const requestId = typeof fields.trace_id === 'string' ? fields.trace_id : null;
  return { number, description: firstSentence(description), requestId };
}

/** The description without the trace ids and times that follow it. */
function firstSentence(description: string): string {
  const [text = ''] = description.split(/\s*(?:Trace ID:|\r?\n)/);
  return text.slice(0, 300) || 'No description.';
}
