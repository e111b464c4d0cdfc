/** One answered operation. */
export interface Answer {
  readonly data: Record<string, unknown>;
  readonly milliseconds: number;
  /** The requests to Dynamics, Entra ID and Campaign that it cost. */
  readonly upstream: readonly UpstreamCall[];
}

export interface UpstreamCall {
  readonly system: string;
  readonly method: string;
  readonly target: string;
  readonly status: number | null;
  readonly milliseconds: number;
}

interface Body {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
  readonly extensions?: { readonly upstream?: readonly UpstreamCall[] };
}

const TIMEOUT_MS = 120_000;

/** Sends an operation as the text of its file. Rejects with the messages of the errors in the answer. */
export async function send(endpoint: string, text: string): Promise<Answer> {
  const start = performance.now();
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/graphql', 'isthmus-upstream': 'true' },
    body: text,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const body = (await response.json()) as Body; // what a GraphQL server answers
  const milliseconds = performance.now() - start;
  if (body.errors || !body.data) {
    const messages = body.errors?.map((error) => `${error.extensions?.code ?? 'ERROR'}: ${error.message}`);
    throw new Error(messages?.join('\n') ?? `Expected data, but got HTTP status ${response.status}.`);
  }
  return { data: body.data, milliseconds, upstream: body.extensions?.upstream ?? [] };
}
