import { randomUUID } from 'node:crypto';
import type { Fault, MockRequest, MockResponse } from '../../control.js';

export interface GraphErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

/** A request that Microsoft Graph refuses. https://learn.microsoft.com/graph/errors */
export class GraphError extends Error {
  override readonly name = 'GraphError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: readonly GraphErrorDetail[] = [],
  ) {
    super(message);
  }
}

/** 400: a value or a combination of values that Graph does not take. */
export function badRequest(message: string, details: readonly GraphErrorDetail[] = []): GraphError {
  return new GraphError(400, 'Request_BadRequest', message, details);
}

/** 400: a property of the body that does not exist, is read-only or has a value of another kind. */
export function invalidProperty(name: string, reason = `Invalid property '${name}'.`): GraphError {
  return badRequest(reason, [{ code: 'InvalidValue', message: reason, target: name }]);
}

/** 400: a query option or operator that this list does not support. */
export function unsupportedQuery(message: string): GraphError {
  return new GraphError(400, 'Request_UnsupportedQuery', message);
}

/** 404: an object that does not exist, or not yet on this replica. */
export function resourceNotFound(id: string): GraphError {
  return new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** 403: the token or the user lacks a permission. */
export function accessDenied(): GraphError {
  return new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

/** The body of an error; `date` is without a zone, as Graph writes it. */
export function errorBody(
  { code, message, details }: Pick<GraphError, 'code' | 'message' | 'details'>,
  ids: RequestIds,
  now: Date,
): Readonly<Record<string, unknown>> {
  const innerError = {
    date: now.toISOString().slice(0, 19),
    'request-id': ids.requestId,
    'client-request-id': ids.clientRequestId,
  };
  return { error: { code, message, ...(details.length === 0 ? {} : { details }), innerError } };
}

/** The ids of a request: Graph's own, and the client's where it sent one. */
export interface RequestIds {
  readonly requestId: string;
  readonly clientRequestId: string;
}

export function requestIds(headers: MockRequest['headers']): RequestIds {
  const requestId = randomUUID();
  const given = headers['client-request-id'];
  return { requestId, clientRequestId: typeof given === 'string' ? given : requestId };
}

const JSON_TYPE = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** Makes an answer with the headers that each answer of Graph has; without a body it has no content type. */
export function graphResponse(
  status: number,
  body: unknown,
  ids: RequestIds,
  headers: Readonly<Record<string, string>> = {},
): MockResponse {
  const common = {
    'cache-control': 'no-cache',
    'strict-transport-security': 'max-age=31536000',
    'request-id': ids.requestId,
    'client-request-id': ids.clientRequestId,
    'x-ms-ags-diagnostic':
      '{"ServerInfo":{"DataCenter":"Mock","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"MOCK"}}',
  };
  if (body === undefined) return { status, headers: { ...common, ...headers } };
  return {
    status,
    headers: { ...common, ...headers, 'content-type': JSON_TYPE, 'odata-version': '4.0' },
    body: JSON.stringify(body),
  };
}

const FAULT_CODES: Readonly<Record<number, string>> = {
  400: 'Request_BadRequest',
  401: 'InvalidAuthenticationToken',
  403: 'Authorization_RequestDenied',
  404: 'Request_ResourceNotFound',
  409: 'Request_MultipleObjectsWithSameKeyValue',
  413: 'RequestEntityTooLarge',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
};

/** Gives an injected fault the shape of a Graph error. */
export function graphFault(fault: Fault, headers: MockRequest['headers'], now: Date): MockResponse {
  const status = fault.status ?? (fault.retryAfter === undefined ? 400 : 429);
  const code = fault.code ?? FAULT_CODES[status] ?? 'UnknownError';
  const ids = requestIds(headers);
  const message = fault.message ?? 'A fault that a test asked for.';
  const retryAfter: Record<string, string> =
    fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  return graphResponse(status, errorBody({ code, message, details: [] }, ids, now), ids, retryAfter);
}
