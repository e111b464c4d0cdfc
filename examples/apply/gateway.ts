/** Errors of the gateway, as a client sees them. `field` is the path of the input that is wrong. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(
    message: string,
    readonly code: string | null = null,
    readonly field: string | null = null,
  ) {
    super(message);
  }
}

/** A running gateway. */
export interface Gateway {
  /** Sends an operation. Rejects with a `GatewayError` where it cannot be reached or answers with an error. */
  send<Data>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Data>;
}

interface Body<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly field?: string };
  }[];
}

/** Mapping a whole organization takes minutes. */
const TIMEOUT_MS = 15 * 60_000;

/** `url` is the address without `/graphql`; the key is sent where there is one. */
export function openGateway(url: string, apiKey: string | undefined): Gateway {
  const endpoint = new URL('/graphql', url).href;
  const headers = { 'content-type': 'application/json', ...(apiKey && { 'x-api-key': apiKey }) };
  return {
    async send<Data>(query: string, variables: Readonly<Record<string, unknown>> = {}) {
      const body = JSON.stringify({ query, variables });
      const response = await fetch(endpoint, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((cause: unknown) => {
        const reason =
          cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : '';
        throw new GatewayError(
          `The gateway at ${endpoint} does not answer (${reason}). Start it, or name another with --gateway.`,
        );
      });
      return readBody<Data>(response, endpoint);
    },
  };
}

async function readBody<Data>(response: Response, endpoint: string): Promise<Data> {
  const text = await response.text();
  const body = parse<Data>(text);
  const [error] = body?.errors ?? [];
  if (error) throw new GatewayError(error.message, error.extensions?.code ?? null, error.extensions?.field ?? null);
  if (body?.data) return body.data;
  throw new GatewayError(
    `Expected ${endpoint} to answer as a GraphQL server, but it answered with status ${response.status}.`,
  );
}

function parse<Data>(text: string): Body<Data> | null {
  try {
    return JSON.parse(text) as Body<Data>; // what a GraphQL server answers
  } catch {
    return null;
  }
}
