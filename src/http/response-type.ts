const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

export type ResponseType = typeof JSON_TYPE | typeof GRAPHQL_TYPE;

/** Accept headers remembered; clients use few, and more are read anew each time. */
const MAX_KNOWN = 200;

const known = new Map<string, ResponseType | null>();

/**
 * The type of answer that an `Accept` header prefers, as the GraphQL over HTTP specification has it: JSON where there is no header or no
 * preference, null where neither type is accepted. https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types
 */
export function chooseResponseType(accept: string | undefined): ResponseType | null {
  if (accept === undefined) return JSON_TYPE;
  const remembered = known.get(accept);
  if (remembered !== undefined) return remembered;
  const chosen = choose(accept.split(',').map(parseRange));
  if (known.size < MAX_KNOWN) known.set(accept, chosen);
  return chosen;
}

/** True for the type that came before the specification, under which a request that is wrong is answered with status 200. */
export function isLegacy(type: ResponseType | null): boolean {
  return type === JSON_TYPE;
}

interface MediaRange {
  readonly type: string;
  readonly charset: string | null;
  /** From 0, which refuses, to 1. */
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const values = new Map(parameters.map((parameter) => [parameter.split('=')[0], parameter.split('=')[1] ?? '']));
  const quality = Number(values.get('q') ?? 1);
  return {
    type,
    charset: values.get('charset')?.replaceAll('"', '') ?? null,
    quality: quality >= 0 && quality <= 1 ? quality : 0,
  };
}

function choose(ranges: readonly MediaRange[]): ResponseType | null {
  const json = preference(ranges, 'application/json');
  const graphql = preference(ranges, 'application/graphql-response+json');
  if (json.quality === 0 && graphql.quality === 0) return null;
  if (json.quality !== graphql.quality) return json.quality > graphql.quality ? JSON_TYPE : GRAPHQL_TYPE;
  return graphql.place < json.place ? GRAPHQL_TYPE : JSON_TYPE;
}

/** How much a type is wanted by the range that names it most closely, and where in the header that stands. */
function preference(ranges: readonly MediaRange[], type: string): { readonly quality: number; readonly place: number } {
  for (const pattern of [type, 'application/*', '*/*']) {
    const place = ranges.findIndex((range) => range.type === pattern && (range.charset ?? 'utf-8') === 'utf-8');
    const range = ranges[place];
    if (range) return { quality: range.quality, place };
  }
  return { quality: 0, place: ranges.length };
}
