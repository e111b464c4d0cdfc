import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answering, MockClock, MockRequest, MockResponse } from '../control.js';
import { AnswerCache } from './answer-cache.js';
import type { Authenticator } from './auth.js';
import { answerBatch } from './batch.js';
import { answerJson, contextUrl, type RequestContext, type TenantDirectory } from './context.js';
import { answerError, DynamicsError, methodNotAllowed, queryError } from './errors.js';
import { answerCsdl } from './metadata/csdl.js';
import { createMetadata, type Metadata } from './metadata/metadata.js';
import { answerMetadataOperation, isMetadataOperation } from './metadata/metadata-operations.js';
import { writeMetadata } from './metadata/write-metadata.js';
import { ODataError } from './odata/errors.js';
import { answerBoundOperation, answerOperation, isOperation } from './operations/operations.js';
import { parsePreferences } from './prefer.js';
import { assertHasRole } from './privileges.js';
import { answerRead } from './read.js';
import { assertMayRead } from './read-privileges.js';
import { resolveResource } from './resource.js';
import { assertUrlLength, parseResourcePath, type Segment, takeKeysFromSegments } from './resource-path.js';
import { ORGANIZATION_ID } from './seed/organization.js';
import type { ServiceProtection } from './service-protection.js';
import type { Row, Store } from './store.js';
import { synchronizeUsers } from './synchronize-users.js';
import type { Tables } from './tables.js';
import { answerWrite } from './writes/answer-write.js';

/** The Web API without its HTTP server. */
export interface Service {
  answer(request: MockRequest, answering?: Answering): Promise<MockResponse>;
  /** Adds the headers that every answer has. */
  decorate(response: MockResponse): MockResponse;
}

export interface ServiceParts {
  readonly store: Store;
  readonly tables: Tables;
  readonly clock: MockClock;
  readonly authenticator: Authenticator;
  readonly protection: ServiceProtection;
  readonly directory?: TenantDirectory | undefined;
  /** Takes `contacts/<id>` for `contacts(<id>)`. */
  readonly keysAsSegments?: boolean;
}

const ROOT = /^\/api\/data\/v9\.[0-2](?=\/|$)/;

export function createService(parts: ServiceParts): Service {
  const metadata = createMetadata(parts.tables);
  const answers = new AnswerCache(parts.store, parts.tables);
  return {
    answer: async (request, answering) =>
      decorate(await answerSafely({ ...parts, metadata, answers }, request, answering)),
    decorate,
  };
}

interface Parts extends ServiceParts {
  readonly answers: AnswerCache;
  readonly metadata: Metadata;
}

async function answerSafely(parts: Parts, request: MockRequest, answering?: Answering): Promise<MockResponse> {
  try {
    const root = ROOT.exec(request.path)?.[0];
    if (root === undefined) throw new DynamicsError(404, '', '');
    synchronizeUsers(parts);
    const user = await parts.authenticator.authenticate(request);
    assertHasRole(parts.store, user);
    const admission = parts.protection.admit(String(user.systemuserid));
    try {
      if (admission.holdMs > 0) await sleep(admission.holdMs);
      const response = answerUser(parts, { user, request, answering });
      return { ...response, headers: { ...admission.headers, ...response.headers } };
    } finally {
      admission.end();
    }
  } catch (error) {
    return answerFailure(error, request);
  }
}

interface UserRequest {
  readonly user: Row;
  readonly request: MockRequest;
  readonly answering: Answering | undefined;
}

/** Faults may be set for single parts of a batch. */
function answerUser(parts: Parts, { user, request, answering }: UserRequest): MockResponse {
  if (!/^\/api\/data\/v9\.[0-2]\/\$batch\/?$/.test(request.path)) {
    assertUrlLength(request.target, 'request');
    return parts.answers.answer(user, request, () => answerAs(parts, user, request));
  }
  return answerBatch(
    request,
    (part) => answering?.faultFor(part) ?? answerAs(parts, user, part),
    (work) => parts.store.transaction(work),
  );
}

/** Answers one request of a user who is known: a whole one, or a part of a batch. Never throws for a fault of the request. */
function answerAs(parts: Parts, user: Row, request: MockRequest): MockResponse {
  try {
    assertUrlLength(request.target, 'part');
    const root = ROOT.exec(request.path)?.[0];
    if (root === undefined) throw new DynamicsError(404, '', '');
    const context: RequestContext = {
      store: parts.store,
      tables: parts.tables,
      user,
      prefer: parsePreferences(request.headers),
      directory: parts.directory,
      base: `${request.origin}${root}/`,
      now: () => parts.clock.now(),
    };
    const parsed = parseResourcePath(request.path.slice(root.length));
    const segments = parts.keysAsSegments ? takeKeysFromSegments(parsed) : parsed;
    return route(parts, { context, segments, request });
  } catch (error) {
    return answerFailure(error, request);
  }
}

function answerFailure(error: unknown, request: MockRequest): MockResponse {
  const known = error instanceof ODataError ? queryError(error.message) : error;
  if (!(known instanceof DynamicsError)) throw error;
  if (known.status === 401 || known.code === '') return { status: known.status, headers: known.headers };
  return answerError(known, { withDetails: wantsDetails(request) });
}

/** Preferences may be what is wrong with the request. */
function wantsDetails({ headers }: MockRequest): boolean {
  try {
    return parsePreferences(headers).includesAnnotation('Microsoft.PowerApps.CDS.HelpLink');
  } catch {
    return false;
  }
}

interface Routed {
  readonly context: RequestContext;
  readonly segments: readonly Segment[];
  readonly request: MockRequest;
}

function route({ metadata }: Parts, { context, segments, request }: Routed): MockResponse {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const first = segments[0];
  if (first === undefined) return isRead ? answerServiceDocument(context) : notAllowed(request);
  if (first.name === '$metadata') return isRead ? answerCsdl(context, request) : notAllowed(request);
  if (metadata.has(first.name))
    return isRead ? metadata.answer(context, segments, request) : writeMetadata(context, segments, request);
  if (isMetadataOperation(first.name)) return answerMetadataOperation(context, segments, request);
  if (isOperation(first.name)) return answerOperation(context, { segment: first, rest: segments.slice(1), request });
  const resource = resolveResource(context, segments);
  if (resource.kind === 'bound') return answerBoundOperation(context, resource, request);
  if (!isRead) return answerWrite(context, resource, request);
  assertMayRead(context, resource, request.search);
  return answerRead(context, resource, request);
}

function notAllowed(request: MockRequest): never {
  throw methodNotAllowed(request.method);
}

const METADATA_SETS = [
  'EntityDefinitions',
  'RelationshipDefinitions',
  'GlobalOptionSetDefinitions',
  'ManagedPropertyDefinitions',
];

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-service-documents */
function answerServiceDocument(context: RequestContext): MockResponse {
  const names = [...context.tables.all.map((table) => table.definition.setName), ...METADATA_SETS].sort();
  const value = names.map((name) => ({ name, kind: 'EntitySet', url: name }));
  return answerJson(context, { '@odata.context': contextUrl(context, '').slice(0, -1), value });
}

/** The headers of every answer. */
function decorate(response: MockResponse): MockResponse {
  const id = randomUUID();
  return {
    ...response,
    headers: {
      'cache-control': 'no-cache',
      allow: 'OPTIONS,GET,HEAD,POST',
      public: 'OPTIONS,GET,HEAD,POST',
      expires: '-1',
      vary: 'Accept-Encoding',
      'x-ms-service-request-id': id,
      req_id: id,
      'odata-version': '4.0',
      authactivityid: randomUUID(),
      'x-ms-dop-hint': '48',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'set-cookie': [
        `ARRAffinity=${id.replaceAll('-', '')}; path=/; secure; HttpOnly`,
        `orgId=${ORGANIZATION_ID}; path=/; secure; HttpOnly`,
        `ReqClientId=${randomUUID()}; path=/; secure; HttpOnly`,
      ],
      'x-ms-ratelimit-time-remaining-xrm-requests': '1,200.00',
      'x-ms-ratelimit-burst-remaining-xrm-requests': '5999',
      ...response.headers,
    },
  };
}
