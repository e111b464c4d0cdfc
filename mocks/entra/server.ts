import type { JWTPayload } from 'jose';
import {
  createClock,
  type Fault,
  listenMock,
  type Mock,
  type MockOptions,
  type MockRequest,
  type MockResponse,
} from '../control.js';
import { Directory, MICROSOFT, READY_MADE } from './directory.js';
import { instanceDiscovery, keySet, openIdConfiguration, userRealm } from './discovery.js';
import { EntraError, errorResponse, faultResponse } from './errors.js';
import type { GraphOptions } from './graph/call.js';
import { answerGraph, isGraphPath } from './graph/graph.js';
import { graphFault } from './graph/graph-error.js';
import { answerAdminConsent, answerAuthorize, answerDeviceCode, createSignIns } from './interactive.js';
import { createSigningKey } from './keys.js';
import { seedDirectory } from './seed.js';
import { loadDirectory, saveDirectory } from './state-file.js';
import { answerTokenRequest, type TokenContext } from './token.js';

export interface EntraMockOptions extends MockOptions, GraphOptions {
  /** Audiences that tokens are given for, as in `https://contoso.crm.dynamics.com`; default: every http or https origin. */
  readonly resources?: readonly string[];
  /** Who signs in in the browser, at once and without a page; default: the ready-made administrator. */
  readonly interactiveUser?: string;
  /** The directory is read from this file at start, where it is there, and written to it now and then and at close. */
  readonly stateFile?: string;
}

/** A mock of Microsoft Entra ID, as far as servers sign in to it, and of Microsoft Graph, as far as they are set up by it. */
export interface EntraMock extends Mock {
  /** Tenants, applications and users, the same that Microsoft Graph shows; `reset()` returns it to what it was at start. */
  readonly directory: Directory;
  /** Signs claims with the key of the mock, for a test that needs a token that Entra would not give. */
  signToken(claims: JWTPayload): Promise<string>;
  /** A token of the ready-made administration application, which may do everything in Microsoft Graph. */
  administratorToken(): Promise<string>;
}

/** Starts the mock; its tenant, applications and users are `READY_MADE`. */
export async function createEntraMock(options: EntraMockOptions = {}): Promise<EntraMock> {
  const clock = options.clock ?? createClock();
  const now = () => clock.now();
  const directory = new Directory(now);
  if (!loadDirectory(directory, options.stateFile)) seedDirectory(directory);
  const atStart = directory.state();
  const key = await createSigningKey();
  const signIns = createSignIns(options.interactiveUser ?? READY_MADE.administratorName);
  const context: TokenContext = {
    directory,
    key,
    signIns,
    refreshTokens: new Map(),
    resources: options.resources,
    now,
  };
  const mock: Mock = await listenMock({
    ...options,
    clock,
    name: 'entra',
    maxBodyBytes: 4 * 1024 * 1024,
    handle: (request, { faultFor }) =>
      isGraphPath(request.path)
        ? answerGraph(request, { directory, key, options, now }, faultFor)
        : route(request, context),
    fail: (fault, request) => fail(fault, request, now()),
    reset: () => {
      directory.load(atStart);
      context.refreshTokens.clear();
      signIns.codes.clear();
      signIns.deviceCodes.clear();
    },
    save: options.stateFile === undefined ? undefined : () => saveDirectory(directory, options.stateFile),
  });
  return {
    ...mock,
    directory,
    signToken: key.sign,
    administratorToken: () => administratorToken(context),
  };
}

/** Parts of a batch have no version in their paths, and yet are always Graph's. */
function fail(fault: Fault, request: MockRequest, now: Date): MockResponse {
  const isGraph = isGraphPath(request.path) || fault.match?.part !== undefined;
  return isGraph ? graphFault(fault, request.headers, now) : faultResponse(fault, request, now);
}

function administratorToken({ directory, key, now }: TokenContext): Promise<string> {
  const { tenantId, administrationClientId, administrationServicePrincipalId: oid } = READY_MADE;
  const seconds = Math.floor(now().getTime() / 1000);
  return key.sign({
    aud: 'https://graph.microsoft.com',
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: seconds,
    nbf: seconds,
    exp: seconds + 3599,
    appid: administrationClientId,
    appidacr: '1',
    oid,
    roles: directory.assignedRoles(oid, MICROSOFT.graph, tenantId),
    sub: oid,
    tid: tenantId,
    ver: '1.0',
  });
}

async function route(request: MockRequest, context: TokenContext): Promise<MockResponse> {
  try {
    return await answer(request, context);
  } catch (error) {
    if (error instanceof EntraError) return errorResponse(error, request, context.now());
    throw error;
  }
}

/** Paths are compared without regard to case: MSAL writes authorities in small letters. */
async function answer(request: MockRequest, context: TokenContext): Promise<MockResponse> {
  const [segment = '', ...rest] = request.path.toLowerCase().split('/').slice(1);
  const { directory, key } = context;
  switch (rest.join('/')) {
    case 'oauth2/v2.0/token':
      return answerTokenRequest(segment, 2, request, context);
    case 'oauth2/token':
      return answerTokenRequest(segment, 1, request, context);
    case 'oauth2/v2.0/devicecode':
      return answerDeviceCode(segment, request, context);
    case 'oauth2/v2.0/authorize':
      return answerAuthorize(segment, request, context);
    case 'v2.0/adminconsent':
      return answerAdminConsent(segment, request, context);
    case 'v2.0/.well-known/openid-configuration':
      return openIdConfiguration(directory, segment, 2, request);
    case '.well-known/openid-configuration':
      return openIdConfiguration(directory, segment, 1, request);
    case 'discovery/v2.0/keys':
      return keySet(directory, key, segment, 2, request);
    case 'discovery/keys':
      return keySet(directory, key, segment, 1, request);
    case 'discovery/instance':
      return instanceDiscovery(request);
    default:
      return rest[0] === 'userrealm' && rest[1] ? userRealm(rest[1]) : { status: 404 };
  }
}
