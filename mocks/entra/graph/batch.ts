import type { Answering } from '../../control.js';
import { isJsonObject, type Json, type JsonObject } from '../directory-objects.js';
import { bodyOf, type GraphAnswer, type GraphRequest } from './call.js';
import type { GraphOutcome } from './graph.js';
import { GraphError } from './graph-error.js';

export type PartFault = Answering['faultFor'];

interface Part {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly dependsOn: readonly string[];
  readonly headers: JsonObject;
  readonly body: Json | undefined;
}

const MAX_PARTS = 20;

/**
 * Answers `POST /$batch`: up to 20 requests in JSON. One that depends on a failed one is answered with 424.
 * https://learn.microsoft.com/graph/json-batching
 */
export async function answerBatch(
  request: GraphRequest,
  answerPart: (part: GraphRequest) => Promise<GraphOutcome>,
  faultFor: PartFault,
): Promise<GraphAnswer> {
  if (request.method !== 'POST') throw invalidBatch(`The HTTP method ${request.method} is not supported for a batch.`);
  const parts = readParts(request);
  const statuses = new Map<string, number>();
  const responses: JsonObject[] = [];
  for (const part of parts) {
    const dependsOnFailed = part.dependsOn.some((id) => (statuses.get(id) ?? 424) >= 400);
    const response = dependsOnFailed
      ? failedDependency(part)
      : await answerOnePart(request, part, answerPart, faultFor);
    statuses.set(part.id, Number(response.status));
    responses.push(response);
  }
  return { status: 200, body: { responses } };
}

function readParts(request: GraphRequest): Part[] {
  const { requests } = bodyOf(request);
  if (!Array.isArray(requests) || requests.length === 0)
    throw invalidBatch("Invalid batch payload format: 'requests' is missing.");
  if (requests.length > MAX_PARTS)
    throw invalidBatch(`Number of batch request steps exceeds the maximum value of ${MAX_PARTS}.`);
  const parts = requests.map(readPart);
  if (new Set(parts.map(({ id }) => id)).size < parts.length)
    throw invalidBatch('The ids of batch requests must be unique.');
  const isAhead = parts.some(({ dependsOn }, index) =>
    dependsOn.some((id) => !parts.slice(0, index).some((earlier) => earlier.id === id)),
  );
  if (isAhead) throw invalidBatch('A batch request may depend on requests before it only.');
  return parts;
}

function readPart(value: Json): Part {
  const { id, method, url, dependsOn, headers, body } = isJsonObject(value) ? value : {};
  if (typeof id !== 'string' || typeof method !== 'string' || typeof url !== 'string')
    throw invalidBatch("Each batch request needs 'id', 'method' and 'url'.");
  return {
    id,
    method: method.toUpperCase(),
    url,
    dependsOn: Array.isArray(dependsOn) ? dependsOn.map(String) : [],
    headers: isJsonObject(headers) ? headers : {},
    body,
  };
}

async function answerOnePart(
  request: GraphRequest,
  part: Part,
  answerPart: (part: GraphRequest) => Promise<GraphOutcome>,
  faultFor: PartFault,
): Promise<JsonObject> {
  const fault = faultFor({ method: part.method, target: part.url });
  if (fault) {
    const headers = { 'retry-after': fault.headers?.['retry-after'] };
    return response(part.id, fault.status, { body: JSON.parse(String(fault.body)), headers });
  }
  // Microsoft's client writes the version into the URLs of parts for hosts that are not Microsoft's.
  const [path = '', ...search] = part.url.replace(/^\/?(v1\.0|beta)(?=\/)/, '').split('?');
  const {
    status,
    body,
    text,
    headers = {},
  } = await answerPart({
    method: part.method,
    path: path.startsWith('/') ? path : `/${path}`,
    query: new URLSearchParams(search.join('?')),
    headers: { ...partHeaders(part), authorization: request.headers.authorization },
    body: Buffer.from(part.body === undefined ? '' : JSON.stringify(part.body)),
    root: request.root,
  });
  return response(part.id, status, { body: text ?? body, headers });
}

function partHeaders({ headers }: Part): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function response(
  id: string,
  status: number,
  { body, headers }: { readonly body: unknown; readonly headers: Readonly<Record<string, unknown>> },
): JsonObject {
  const shown: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' };
  if (typeof headers.location === 'string') shown.Location = headers.location;
  if (typeof headers['retry-after'] === 'string') shown['Retry-After'] = headers['retry-after'];
  // Whatever Graph answers is JSON.
  return { id, status, headers: shown, ...(body === undefined ? {} : { body: body as Json }) };
}

function failedDependency({ id }: Part): JsonObject {
  const error = { code: 'FailedDependency', message: 'A request that this one depends on failed.' };
  return response(id, 424, { body: { error }, headers: {} });
}

function invalidBatch(message: string): GraphError {
  return new GraphError(400, 'BadRequest', message);
}
