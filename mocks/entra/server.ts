import type { JWTPayload } from 'jose';
import { listenMock, type Mock, type MockOptions, type MockRequest, type MockResponse } from '../control.js';
import { Directory } from './directory.js';
import { instanceDiscovery, keySet, openIdConfiguration, userRealm } from './discovery.js';
import { EntraError, errorResponse, faultResponse } from './errors.js';
import { createSigningKey } from './keys.js';
import { answerTokenRequest, type TokenContext } from './token.js';

export interface EntraMockOptions extends MockOptions {
  /** Audiences that tokens are given for, as in `https://contoso.crm.dynamics.com`; default: every http or https origin. */
  readonly resources?: readonly string[];
}

/** A mock of Microsoft Entra ID, as far as servers sign in to it. */
export interface EntraMock extends Mock {
  /** Tenants, applications and users; tests add to it. `reset()` returns it to what is ready-made. */
  readonly directory: Directory;
  /** Signs claims with the key of the mock, for a test that needs a token that Entra would not give. */
  signToken(claims: JWTPayload): Promise<string>;
}

/** Starts the mock; its tenant, application and user are `READY_MADE`. */
export async function createEntraMock(options: EntraMockOptions = {}): Promise<EntraMock> {
  const directory = new Directory();
  const key = await createSigningKey();
  const refreshTokens: TokenContext['refreshTokens'] = new Map();
  const mock: Mock = await listenMock({
    ...options,
    name: 'entra',
    maxBodyBytes: 1024 * 1024,
    handle: async (request) => {
      const context: TokenContext = {
        directory,
        key,
        refreshTokens,
        resources: options.resources,
        now: () => mock.clock.now(),
      };
      return route(request, context);
    },
    fail: (fault, request) => faultResponse(fault, request, mock.clock.now()),
    reset: () => {
      directory.reset();
      refreshTokens.clear();
    },
  });
  return { ...mock, directory, signToken: key.sign };
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
