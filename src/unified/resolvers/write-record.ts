import type { Connector } from '../../connectors/connector.js';
import { RemoteError, type RemoteErrorCode, RequestError } from '../../model/errors.js';
import type { WriteOutcome, WriteRequest } from '../../model/query.js';
import type { System } from '../../model/system.js';
import type { UnifiedContext } from '../context.js';

/** A record that was written. */
export type Written = Extract<WriteOutcome, { readonly ok: true }>;

/** Rejects with FORBIDDEN where who asks may not change records. */
export function assertMayWrite({ mayWrite }: UnifiedContext): void {
  if (mayWrite) return;
  throw new RequestError('FORBIDDEN', 'Your role does not allow this. Writing records needs the role "operator".');
}

/**
 * Writes one record by one upstream request. What this GraphQL request has read before is forgotten, however it ends: fields that are
 * resolved later see the new state. Rejects with the refusal of the remote, or with its fault.
 */
export async function writeRecord<Description extends Summary, Summary>(
  connector: Connector<Description, Summary>,
  request: WriteRequest<Description>,
  context: UnifiedContext,
): Promise<Written> {
  const [outcome] = await connector.write(request, callOptions(context)).finally(() => context.loaders.clear());
  if (!outcome) throw new Error(`The connector to ${connector.system} told nothing of the record that was written.`);
  if (outcome.ok) return outcome;
  throw outcome.cause ?? refusal(outcome, connector.system);
}

/** The signal and the listener of this GraphQL request, for calls that do not go by its loaders. */
export function callOptions({ signal, onCall }: UnifiedContext) {
  return { ...(signal && { signal }), ...(onCall && { onCall }) };
}

/** The same fault in the words of a write: a lost answer is neither a success nor a failure. */
export function tellOfWrite(error: unknown): unknown {
  if (!(error instanceof RemoteError) || !error.mayHaveArrived) return error;
  const { code, message, upstream, retryAfter } = error;
  return new RemoteError(
    code,
    `${message} Whether the record was written is not known: read it before you write it again.`,
    { upstream, mayHaveArrived: true, cause: error, ...(retryAfter !== null && { retryAfter }) },
  );
}

/** What a connector found wrong by itself. */
const OF_INPUT: ReadonlySet<string> = new Set(['BAD_VALUE', 'KEY_MISSING', 'BAD_USER_INPUT']);

const REMOTE_CODES: readonly string[] = ['NOT_FOUND', 'CONFLICT', 'FORBIDDEN'] satisfies RemoteErrorCode[];

function refusal({ code, message }: Extract<WriteOutcome, { readonly ok: false }>, system: System): Error {
  if (OF_INPUT.has(code)) return new RequestError('BAD_USER_INPUT', message, { field: 'input' });
  const known = REMOTE_CODES.includes(code) ? (code as RemoteErrorCode) : 'UPSTREAM_REJECTED'; // it is one of the list
  return new RemoteError(known, message, { upstream: { system, status: null, code, message, requestId: null } });
}
