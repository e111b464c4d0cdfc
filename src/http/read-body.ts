import type { IncomingMessage } from 'node:http';

/** Bytes of one request body. */
export const MAX_BODY = 1024 * 1024;

/** Levels of lists and objects in one body: what coerces variables and walks filters calls itself for each. */
const MAX_NESTING = 200;

/** A body that cannot be read. `status` is the HTTP status to answer with. */
export class BodyError extends Error {
  override readonly name = 'BodyError';

  constructor(
    readonly status: number,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/**
 * Reads the body of a POST: the value of a JSON one, `{ query }` of a `.graphql` file sent as it is (`application/graphql`). Of any other
 * type nothing is read and nothing given, so that a form of another site, which may send those unasked, never becomes an operation.
 * Rejects with a `BodyError` where the body is too large, nested too deeply, cut off, compressed, not in UTF-8 or not JSON.
 */
export function readBody(request: IncomingMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // What is thrown here rejects.
    const type = contentType(request);
    if (type === null) return resolve(undefined);
    assertPlain(request);
    const decode = type === 'json' ? decodeJson : (text: string) => ({ query: text });
    collect(request, reject, (bytes) => resolve(decode(bytes.toString('utf8'))));
  });
}

function decodeJson(text: string): unknown {
  const body = parseJson(text);
  if (isDeeper(body, MAX_NESTING))
    throw new BodyError(400, `Expected a body of at most ${MAX_NESTING} lists and objects within one another.`);
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BodyError(400, 'Expected a JSON body with a "query", but it is not JSON.', cause);
  }
}

/** Calls itself for at most so many levels. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function contentType({ headers }: IncomingMessage): 'json' | 'graphql' | null {
  if (headers['content-type'] === 'application/json') return 'json';
  const [type, ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json' && type !== 'application/graphql') return null;
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && charset.replaceAll('"', '') !== 'utf-8')
    throw new BodyError(415, `Expected a body in UTF-8, but it is said to be in ${charset}.`);
  return type === 'application/json' ? 'json' : 'graphql';
}

function assertPlain({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new BodyError(415, `Expected a body without compression, but it is said to be in ${encoding}.`);
}

/** Gives the whole body, or tells why it cannot be had; what `take` throws is told likewise. */
function collect(request: IncomingMessage, fail: (reason: unknown) => void, take: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MAX_BODY) chunks.push(chunk);
    else fail(new BodyError(413, `Expected a body of at most ${MAX_BODY} bytes. Send long lists as several requests.`));
  });
  request.on('end', () => {
    try {
      take(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    } catch (error) {
      fail(error);
    }
  });
  // Node tells so of a request whose connection ends before all of it has come.
  request.on('error', (cause) => fail(new BodyError(400, 'The body ended before all of it had come.', cause)));
}
