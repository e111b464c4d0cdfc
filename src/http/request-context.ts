import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { isAllowed, type Principal } from '../admin/context.js';
import type { CallOptions, UpstreamCall } from '../model/call.js';
import { RequestError } from '../model/errors.js';
import type { Reading, UnifiedContext } from '../unified/context.js';
import type { ReadLanguages } from './accept-language.js';
import type { Authenticate } from './authenticate.js';
import type { RequestContext } from './context.js';
import type { Metrics } from './metrics.js';

/** Upstream requests remembered for one operation; more are counted in the metrics only. */
const MAX_CALLS = 500;

export interface RequestContextOptions {
  readonly authenticate: Authenticate;
  readonly createUnifiedContext: (reading: Reading) => Omit<UnifiedContext, 'mayWrite'>;
  readonly readLanguages: ReadLanguages;
  readonly metrics: Metrics;
  /** How long a query may take, in milliseconds. */
  readonly queryTimeoutMs: number;
}

/** Makes what the resolvers of one request share. Throws a `GraphQLError` where the caller is not known or not allowed. */
export async function createRequestContext(
  options: RequestContextOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<RequestContext> {
  const started = performance.now();
  let principal: Principal;
  try {
    principal = await options.authenticate(request.headers);
  } catch (error) {
    throw refusalOf(error);
  }
  const languages = options.readLanguages(request.headers['accept-language']);
  const controller = new AbortController();
  const calls: UpstreamCall[] = [];
  const call: CallOptions = {
    signal: controller.signal,
    onCall: (made) => {
      options.metrics.upstream(made);
      if (calls.length < MAX_CALLS) calls.push(made);
    },
  };
  let mayEnd = false;
  return {
    ...options.createUnifiedContext({ ...call, ...(languages && { languages }), onlyReads: () => mayEnd }),
    mayWrite: isAllowed(principal, 'operator'),
    principal,
    call,
    calls,
    started,
    cost: null,
    execution: { result: null },
    mayEndEarly() {
      if (!mayEnd) endEarly(controller, response, options.queryTimeoutMs);
      mayEnd = true;
    },
  };
}

/** Ends the upstream work when the client leaves or the time is over. What is answered by then is still told. */
function endEarly(controller: AbortController, response: ServerResponse, timeoutMs: number): void {
  const timer = setTimeout(() => controller.abort(endedEarly(outOfTime(timeoutMs))), timeoutMs);
  const end = () => {
    clearTimeout(timer);
    if (!response.writableFinished) controller.abort(endedEarly('The client left before it was answered.'));
  };
  if (response.closed) end();
  else response.once('close', end);
}

function outOfTime(timeoutMs: number): string {
  return `Expected the query to be answered within ${timeoutMs} ms, but both systems had not told all by then. Ask for less at once, or raise QUERY_TIMEOUT_MS.`;
}

/** What the upstream requests under way reject with, and so the fields that wait for them. */
function endedEarly(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UPSTREAM_UNAVAILABLE' } });
}

const STATUS: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403 };

/** Apollo keeps the code and status of an error thrown from its context only if it is a `GraphQLError`. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof RequestError)) return error;
  return new GraphQLError(error.message, {
    extensions: { code: error.code, http: { status: STATUS[error.code] ?? 400 } },
  });
}
