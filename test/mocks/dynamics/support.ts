import { createDynamicsMock, type DynamicsMock, type DynamicsMockOptions } from '../../../mocks/dynamics/server.js';

/** An answer with its body parsed: JSON where it is JSON, else text. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Bodies differ from request to request; the tests say what they expect of each.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

export interface Organization extends AsyncDisposable {
  readonly mock: DynamicsMock;
  /** `http://…/api/data/v9.2/`. */
  readonly api: string;
  /** Sends a request as the application user; a path is relative to `api`. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
}

export const APPLICATION = { appid: '22222222-2222-2222-2222-222222222222' };

/** Starts a mock that takes any token for the application's. */
export async function startOrganization(options: DynamicsMockOptions = {}): Promise<Organization> {
  const mock = await createDynamicsMock({ contacts: 40, authenticate: () => APPLICATION, ...options });
  const api = `${mock.url}/api/data/v9.2/`;
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const url = path.startsWith('http') ? path : api + path;
    const response = await fetch(url, {
      method,
      headers: {
        authorization: 'Bearer test',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text };
  };
  return {
    mock,
    api,
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    [Symbol.asyncDispose]: () => mock.close(),
  };
}

export const ALL_ANNOTATIONS = { prefer: 'odata.include-annotations="*"' };
