import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { MockRequest, MockResponse } from '../control.js';
import { type BatchItem, type BatchOperation, parseBatch } from './batch-parser.js';
import { answerError, DynamicsError, methodNotAllowed, queryError } from './errors.js';
import { parsePreferences } from './prefer.js';
import { TextStream } from './text-stream.js';

/** Answers one operation of a batch. */
export type AnswerPart = (request: MockRequest) => MockResponse;

/** What a batch needs of the store: work that is taken back when it throws. */
export type Transaction = <T>(work: () => T) => T;

const MAX_OPERATIONS = 1000;

/**
 * Answers `POST $batch`: operations in order, each change set in one transaction. The first failure ends the batch and gives its status
 * to the whole, unless `Prefer: odata.continue-on-error` is sent.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
 */
export function answerBatch(request: MockRequest, answerPart: AnswerPart, transaction: Transaction): MockResponse {
  if (request.method !== 'POST') throw methodNotAllowed(request.method);
  const items = parseBatch(request.headers['content-type'] ?? '', request.body);
  const count = items.reduce((sum, item) => sum + item.operations.length, 0);
  if (count > MAX_OPERATIONS)
    throw queryError(`The batch request contains ${count} operations, but at most ${MAX_OPERATIONS} are allowed.`);
  const { continueOnError } = parsePreferences(request.headers);
  const parts: string[] = [];
  let failed = 200;
  for (const item of items) {
    const outcome = item.isChangeSet
      ? answerChangeSet({ request, answerPart, transaction }, item)
      : answerSingle({ request, answerPart, transaction }, item);
    parts.push(outcome.text);
    if (outcome.status < 400 || continueOnError) continue;
    failed = outcome.status;
    break;
  }
  return multipart(parts, failed);
}

interface BatchContext {
  readonly request: MockRequest;
  readonly answerPart: AnswerPart;
  readonly transaction: Transaction;
}

interface Outcome {
  readonly text: string;
  readonly status: number;
}

const CRLF = '\r\n';

function answerSingle(batch: BatchContext, { operations }: BatchItem): Outcome {
  const [operation] = operations;
  if (operation === undefined) return { text: '', status: 200 };
  const response = safely(() => {
    const alone = withReferences(operation, NOTHING_CREATED);
    return answerOperation(batch, alone, resolveReference(operation.target, NOTHING_CREATED));
  });
  return { text: writePart(response, operation.contentId), status: response.status };
}

/** Content-IDs hold within a change set only. */
const NOTHING_CREATED: ReadonlyMap<string, string> = new Map();

function answerOperation(batch: BatchContext, operation: BatchOperation, target: string): MockResponse {
  const request = requestOf(batch.request, operation, target);
  if (/\/\$batch\/?$/.test(request.path)) throw queryError('A batch request cannot be nested in another one.');
  return batch.answerPart(request);
}

/** Thrown out of the transaction of a change set to have it taken back. */
class ChangeSetFailure extends Error {
  constructor(readonly response: MockResponse) {
    super('An operation of the change set failed.');
  }
}

/** A change set that fails gives one part: the answer of the operation that failed. */
function answerChangeSet(batch: BatchContext, item: BatchItem): Outcome {
  try {
    const parts = batch.transaction(() => runChangeSet(batch, item));
    const boundary = `changesetresponse_${randomUUID()}`;
    const body = parts.map((part) => `--${boundary}${CRLF}${part}`).join('');
    return {
      text: `Content-Type: multipart/mixed; boundary=${boundary}${CRLF}${CRLF}${body}--${boundary}--${CRLF}`,
      status: 200,
    };
  } catch (error) {
    if (!(error instanceof ChangeSetFailure)) throw error;
    return { text: writePart(error.response, null), status: error.response.status };
  }
}

function runChangeSet(batch: BatchContext, { operations }: BatchItem): string[] {
  const created = new Map<string, string>();
  const seen = new Set<string>();
  return operations.map((operation) => {
    const response = safely(() => {
      if (operation.method === 'GET') throw queryError('A GET request is not allowed inside a change set.');
      if (operation.contentId === null) throw queryError('Every operation of a change set must have a Content-ID.');
      if (seen.has(operation.contentId))
        throw queryError(`The Content-ID '${operation.contentId}' was found more than once in the change set.`);
      seen.add(operation.contentId);
      return answerOperation(batch, withReferences(operation, created), resolveReference(operation.target, created));
    });
    if (response.status >= 400) throw new ChangeSetFailure(response);
    const url = response.headers?.['odata-entityid'];
    if (operation.contentId !== null && typeof url === 'string') created.set(operation.contentId, url);
    return writePart(response, operation.contentId);
  });
}

function safely(work: () => MockResponse): MockResponse {
  try {
    return work();
  } catch (error) {
    if (error instanceof DynamicsError) return answerError(error);
    throw error;
  }
}

/** `$1` in place of a URL is what the operation with that Content-ID created. */
function resolveReference(target: string, created: ReadonlyMap<string, string>): string {
  const [, id, rest = ''] = /^\/?\$([^/?]+)(.*)$/.exec(target) ?? [];
  if (id === undefined || /^(metadata|batch)/.test(id)) return target;
  const url = created.get(id);
  if (url === undefined) throw queryError(`Content-ID Reference: '$${id}' does not exist in the batch context.`);
  return url + rest;
}

function withReferences(operation: BatchOperation, created: ReadonlyMap<string, string>): BatchOperation {
  const text = operation.body.toString('utf8');
  if (!/"\/?\$[^"]*"/.test(text)) return operation;
  const replaced = text.replaceAll(
    /("[^"]*@odata\.(?:bind|id)"\s*:\s*)"(\/?\$[^"]+)"/g,
    (_, name: string, url: string) => {
      return `${name}${JSON.stringify(resolveReference(url, created))}`;
    },
  );
  return { ...operation, body: Buffer.from(replaced, 'utf8') };
}

/** Targets are absolute, relative to the host, or relative to the service. Who calls is known from the batch. */
function requestOf(batch: MockRequest, operation: BatchOperation, target: string): MockRequest {
  const absolute = /^https?:\/\/[^/]+(\/.*)$/i.exec(target)?.[1];
  const root = batch.path.slice(0, batch.path.lastIndexOf('/'));
  const local = absolute ?? (target.startsWith('/') ? target : `${root}/${target}`);
  const mark = local.indexOf('?');
  const headers: IncomingHttpHeaders = operation.headers;
  return {
    method: operation.method,
    target: local,
    path: mark < 0 ? local : local.slice(0, mark),
    search: mark < 0 ? '' : local.slice(mark + 1),
    headers,
    body: operation.body,
    origin: batch.origin,
  };
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

function writePart(response: MockResponse, contentId: string | null): string {
  const head = [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(contentId === null ? [] : [`Content-ID: ${contentId}`]),
  ];
  const status = `HTTP/1.1 ${response.status} ${REASONS[response.status] ?? 'Error'}`;
  const headers = Object.entries(response.headers ?? {}).map(
    ([name, value]) => `${headerName(name)}: ${String(value)}`,
  );
  return [...head, '', status, ...headers, 'OData-Version: 4.0', '', textOf(response.body), ''].join(CRLF);
}

function textOf(body: MockResponse['body']): string {
  if (body instanceof TextStream) return body.text();
  return typeof body === 'string' || Buffer.isBuffer(body) ? body.toString() : '';
}

const HEADER_NAMES: Readonly<Record<string, string>> = {
  'content-type': 'Content-Type',
  location: 'Location',
  'odata-entityid': 'OData-EntityId',
  etag: 'ETag',
  'preference-applied': 'Preference-Applied',
  'retry-after': 'Retry-After',
};

function headerName(name: string): string {
  return HEADER_NAMES[name] ?? name;
}

/** Readers of such answers take the first characters for the boundary, so nothing may stand before it. */
function multipart(parts: readonly string[], status: number): MockResponse {
  const boundary = `batchresponse_${randomUUID()}`;
  const body = parts.map((part) => `--${boundary}${CRLF}${part}`).join('');
  return {
    status,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}` },
    body: `${body}--${boundary}--${CRLF}`,
  };
}
