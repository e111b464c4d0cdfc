import type { TypedDocumentString } from './generated/graphql.js';

const URL_OF_GATEWAY = process.env.ISTHMUS_URL ?? 'http://127.0.0.1:4000';
const API_KEY = process.env.ISTHMUS_API_KEY;
const TIMEOUT_MS = 30_000;

/** An error of an answer; `extensions.code` is one of the codes of docs/graph.md. */
interface GraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string };
}

/** The answer to an operation: a fault of one system leaves null what needed it, and is told beside the rest. */
export interface Answer<Result> {
  readonly data: Result | null;
  readonly errors: readonly GraphError[];
}

/** Sends an operation; its result and its variables have the types that were generated for it. */
export async function ask<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  ...[variables]: Variables extends Record<string, never> ? [] : [Variables]
): Promise<Answer<Result>> {
  const response = await fetch(new URL('/graphql', URL_OF_GATEWAY), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(API_KEY !== undefined && { 'x-api-key': API_KEY }) },
    body: JSON.stringify({ query: document.toString(), variables }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { data = null, errors = [] } = (await response.json()) as Partial<Answer<Result>>; // what a GraphQL server answers
  return { data, errors };
}
