import type { MockRequest, MockResponse } from '../../control.js';
import type { Directory } from '../directory.js';
import type { SigningKey } from '../keys.js';
import { assertAccess, readCaller } from './access.js';
import { answerBatch, type PartFault } from './batch.js';
import type { GraphAnswer, GraphOptions, GraphRequest } from './call.js';
import { errorBody, GraphError, graphResponse, requestIds } from './graph-error.js';
import { findRoute } from './routes.js';

/** What Microsoft Graph acts upon; it is the same directory that the token endpoint goes by. */
export interface GraphContext {
  readonly directory: Directory;
  readonly key: SigningKey;
  readonly options: GraphOptions;
  now(): Date;
}

const VERSION = /^\/(v1\.0|beta)(?=\/|$)/i;

/** Tells whether a path belongs to Microsoft Graph, which shares its port with Entra ID here. */
export function isGraphPath(path: string): boolean {
  return VERSION.test(path);
}

/**
 * Answers a request to Microsoft Graph; `faultFor` gives the answers of parts of a batch that a test has fail.
 * https://learn.microsoft.com/graph/use-the-api
 */
export async function answerGraph(
  request: MockRequest,
  context: GraphContext,
  faultFor: PartFault,
): Promise<MockResponse> {
  const version = VERSION.exec(request.path)?.[1] ?? 'v1.0';
  const graphRequest: GraphRequest = {
    method: request.method,
    path: request.path.slice(version.length + 1),
    query: new URLSearchParams(request.search),
    headers: request.headers,
    body: request.body,
    root: `${request.origin}/${version}`,
  };
  const answerPart = (part: GraphRequest) => answerOrRefuse(part, context);
  const isBatch = /^\/\$batch$/i.test(graphRequest.path);
  const answer = isBatch
    ? await refusing(graphRequest, context, () => answerBatch(graphRequest, answerPart, faultFor))
    : await answerPart(graphRequest);
  const { headers = {} } = answer;
  const ids = requestIds(request.headers);
  // /$count answers with the bare number.
  if ('text' in answer && typeof answer.text === 'string') {
    const { headers: common } = graphResponse(200, undefined, ids, headers);
    return { status: 200, headers: { ...common, 'content-type': 'text/plain' }, body: answer.text };
  }
  return graphResponse(answer.status, answer.body, ids, headers);
}

/** An answer, and in place of a body the text of a count. */
export interface GraphOutcome extends GraphAnswer {
  readonly text?: string;
}

function answerOrRefuse(request: GraphRequest, context: GraphContext): Promise<GraphOutcome> {
  return refusing(request, context, () => operate(request, context));
}

async function operate(request: GraphRequest, context: GraphContext): Promise<GraphOutcome> {
  const { directory, key, options } = context;
  const now = context.now();
  const caller = await readCaller(request, { directory, key, now });
  const { route, keys } = findRoute(request.method, request.path);
  const call = { ...request, directory, options, caller, now, keys };
  if (route.access) assertAccess(call, route.access);
  const answer = await route.operation(call);
  const headers = { 'x-ms-resource-unit': '1' };
  if (typeof answer === 'number') return { status: 200, text: String(answer), headers };
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

async function refusing(
  request: GraphRequest,
  context: GraphContext,
  work: () => Promise<GraphOutcome>,
): Promise<GraphOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const body = errorBody(error, requestIds(request.headers), context.now());
    const challenge: Record<string, string> =
      error.status === 401
        ? {
            'www-authenticate': `Bearer realm="", authorization_uri="${new URL(request.root).origin}/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`,
          }
        : {};
    return { status: error.status, body, headers: challenge };
  }
}
