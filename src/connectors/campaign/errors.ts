import { RemoteError, type RemoteErrorCode } from '../../model/errors.js';
import type { SoapAnswer } from './soap.js';

/** An answer that is no result, and what it answered. */
export interface FaultyAnswer {
  readonly status: number;
  readonly answer: Exclude<SoapAnswer, { kind: 'outputs' }>;
  /** `xtk:queryDef#ExecuteQuery`, or the path of a page. */
  readonly action: string;
}

/**
 * Turns a fault of Campaign's into a `RemoteError`. Faults come with HTTP 200 (v7) or 500 (v8), refusals of a session as plain text,
 * so the codes in the text decide and not the status. Tokens that the text may hold are struck out.
 */
export function remoteErrorOf({ status, answer, action }: FaultyAnswer): RemoteError {
  const text = answer.kind === 'fault' ? `${answer.summary}\n${answer.detail}` : answer.text;
  const codes = [...text.matchAll(FAULT_CODE)].map((match) => match[0]);
  const rule = RULES.find((candidate) => candidate.applies(codes, text));
  if (answer.kind === 'other' && !rule) return notSoap(status, action, text);
  const code = rule?.code ?? codes.find((candidate) => !WRAPPERS.has(candidate)) ?? codes[0] ?? null;
  const message = excerpt(text);
  return new RemoteError(
    rule?.means ?? 'UPSTREAM_REJECTED',
    `Expected Campaign to carry out ${action}, but it answered: ${message || 'nothing'}${rule?.remedy ? ` ${rule.remedy}` : ''}`,
    { upstream: { system: 'campaign', status, code, message, requestId: null } },
  );
}

/** Three letters and six digits: `XTK-170036`. */
const FAULT_CODE = /\b[A-Z]{3}-\d{6}\b/g;

/** Codes that only say that something inside went wrong. */
const WRAPPERS = new Set(['SOP-330011', 'XSV-350023', 'SOP-330023']);

interface Rule {
  /** The code to report. */
  readonly code: string;
  readonly means: RemoteErrorCode;
  readonly remedy?: string;
  applies(codes: readonly string[], text: string): boolean;
}

const RULES: readonly Rule[] = [
  rule('XSV-350008', 'UPSTREAM_UNAUTHENTICATED'),
  rule('XSV-350012', 'UPSTREAM_UNAUTHENTICATED', 'Check CAMPAIGN_USER and CAMPAIGN_PASSWORD.'),
  rule(
    'XSV-350013',
    'UPSTREAM_UNAUTHENTICATED',
    'Add the address of this gateway to a security zone of the instance that allows the operator to log on.',
  ),
  rule('XTK-170019', 'FORBIDDEN', 'Give the operator of CAMPAIGN_USER the rights for it.'),
  {
    code: 'ODB-240000',
    means: 'CONFLICT',
    applies: (codes, text) => codes.includes('ODB-240000') && /unique|duplicate/i.test(text),
  },
  rule('XFR-180000', 'NOT_FOUND'),
  rule('XSV-350000', 'NOT_FOUND'),
];

function rule(code: string, means: RemoteErrorCode, remedy?: string): Rule {
  return { code, means, ...(remedy ? { remedy } : {}), applies: (codes) => codes.includes(code) };
}

/** A page of a proxy, a wrong address, an answer cut short. Its text is not repeated: nobody knows what it holds. */
function notSoap(status: number, action: string, text: string): RemoteError {
  const found = `an answer of ${text.length} characters that is not SOAP, with HTTP status ${status}`;
  return new RemoteError(
    'UPSTREAM_UNAVAILABLE',
    `Expected Campaign to answer ${action}, but got ${found}. Check that CAMPAIGN_URL leads to a Campaign server.`,
    {
      upstream: { system: 'campaign', status, code: null, message: found, requestId: null },
      // An answer cut short may follow work that was done; a page that says "not here" does not.
      mayHaveArrived: status < 300 || status >= 500,
    },
  );
}

/** The first lines of a fault, without anything that looks like a token. */
function excerpt(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const first = lines.filter((line) => line !== '').slice(0, 5);
  return redact(first.join(' ')).slice(0, 600);
}

/** Strikes out session tokens (`___` and hexadecimal) and security tokens or stored passwords (`@` and base64). */
export function redact(text: string): string {
  return text.replace(/___[0-9A-Za-z-]{8,}/g, '[token]').replace(/@[A-Za-z0-9+/]{24,}={0,2}/g, '[token]');
}

/** Tells whether a call failed because its session is over, so that a new one mends it. */
export function isSessionExpired(error: unknown): boolean {
  return error instanceof RemoteError && error.upstream.code === 'XSV-350008';
}

/** A Campaign answer that lacks what its method always gives. */
export function unexpectedAnswer(action: string, expected: string): RemoteError {
  const message = `the answer holds no ${expected}`;
  return new RemoteError(
    'UPSTREAM_UNAVAILABLE',
    `Expected Campaign to answer ${action} with ${expected}, but it did not. Check that CAMPAIGN_URL leads to a Campaign Classic server.`,
    { upstream: { system: 'campaign', status: 200, code: null, message, requestId: null } },
  );
}

/** What calls under way are told when the connector closes. */
export function connectorClosed(): RemoteError {
  const message = 'The connection to Campaign was closed while a call was under way.';
  return new RemoteError('UPSTREAM_UNAVAILABLE', message, {
    upstream: { system: 'campaign', status: null, code: null, message, requestId: null },
    mayHaveArrived: true,
  });
}
