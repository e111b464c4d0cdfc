import type { EntraMock } from '../../../../mocks/entra/server.js';

export type Json = Readonly<Record<string, unknown>>;

/** What Graph answered: the status, the body (empty where there is none) and the headers. */
export interface GraphAnswer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}

/** A plain client of the mock Graph; the administrator's token unless another is given. */
export class GraphClient {
  constructor(
    private readonly entra: EntraMock,
    private readonly token?: string,
  ) {}

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<GraphAnswer> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body?: unknown): Promise<GraphAnswer> {
    return this.send('POST', path, body);
  }

  patch(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<GraphAnswer> {
    return this.send('PATCH', path, body, headers);
  }

  delete(path: string): Promise<GraphAnswer> {
    return this.send('DELETE', path);
  }

  /** The `value` of a list. */
  async list(path: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly Json[]> {
    return (await this.get(path, headers)).body.value as readonly Json[];
  }

  /** Status, code and message of a refusal, and the codes of its details. */
  async refusal(answer: Promise<GraphAnswer>): Promise<readonly unknown[]> {
    const { status, body } = await answer;
    const error = body.error as { code: string; message: string; details?: { code: string }[] };
    return [status, error.code, error.message, ...(error.details ?? []).map(({ code }) => code)];
  }

  private async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<GraphAnswer> {
    const response = await fetch(`${this.entra.url}/v1.0${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token ?? (await this.entra.administratorToken())}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    return { status: response.status, body: isJson ? JSON.parse(text) : { text }, headers: response.headers };
  }
}

/** Asks the token endpoint; gives the body of its answer. */
export async function requestToken(entra: EntraMock, form: Readonly<Record<string, string>>): Promise<Json> {
  const path = '/contoso.example/oauth2/v2.0/token';
  const response = await fetch(entra.url + path, { method: 'POST', body: new URLSearchParams(form) });
  return (await response.json()) as Json;
}

/** What the token endpoint says to a form: `token`, or the number of its refusal. */
export async function tokenOutcome(entra: EntraMock, form: Readonly<Record<string, string>>): Promise<unknown> {
  const body = await requestToken(entra, form);
  return body.error_codes === undefined ? 'token' : (body.error_codes as number[])[0];
}
