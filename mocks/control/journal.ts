import type { JournalEntry, MockClock, MockRequest } from '../control.js';

const MAX_JOURNAL_ENTRIES = 10_000;
const MAX_JOURNAL_BODY_BYTES = 64 * 1024;

/** The paths and bodies of all entries hold no more characters than this: more might not fit into one answer that tells them all. */
const MAX_JOURNAL_CHARACTERS = 64 * 1024 * 1024;

/** What a mock remembers of the vendor requests it was sent. */
export interface Journal {
  begin(request: MockRequest): { answered(status: number | null): void; ended(): void };
  entries(): readonly JournalEntry[];
  clear(): void;
}

/** An entry as it is kept: what a reader of the journal asks for beyond it is made then. */
interface Kept {
  readonly id: number;
  readonly at: Date;
  readonly request: Pick<MockRequest, 'method' | 'target' | 'headers'>;
  readonly body: string;
  status: number | null;
  milliseconds: number;
}

/** Makes an empty journal that keeps the last 10,000 entries, fewer where their bodies are long. */
export function createJournal(clock: MockClock): Journal {
  let entries: Kept[] = [];
  let lastId = 0;
  let characters = 0;
  return {
    begin: ({ method, target, headers, body }) => {
      const start = performance.now();
      lastId += 1;
      const entry: Kept = {
        id: lastId,
        at: clock.now(),
        request: { method, target, headers },
        body: body.length === 0 ? '' : body.subarray(0, MAX_JOURNAL_BODY_BYTES).toString('utf8'),
        status: null,
        milliseconds: 0,
      };
      entries.push(entry);
      characters += sizeOf(entry);
      if (entries.length > MAX_JOURNAL_ENTRIES * 1.1 || characters > MAX_JOURNAL_CHARACTERS) {
        entries = newestOf(entries);
        characters = entries.reduce((sum, it) => sum + sizeOf(it), 0);
      }
      return {
        answered: (status) => {
          entry.status = status;
        },
        ended: () => {
          entry.milliseconds = Math.round(performance.now() - start);
        },
      };
    },
    entries: () => entries.slice(-MAX_JOURNAL_ENTRIES).map(journalEntry),
    clear: () => {
      entries = [];
      characters = 0;
    },
  };
}

/** Fewer than may be kept, as cutting many at once keeps the cost of each request constant. */
function newestOf(entries: readonly Kept[]): Kept[] {
  let characters = 0;
  const tooOld = entries.findLastIndex((entry) => {
    characters += sizeOf(entry);
    return characters > MAX_JOURNAL_CHARACTERS * 0.9;
  });
  return entries.slice(tooOld + 1).slice(-MAX_JOURNAL_ENTRIES);
}

function sizeOf({ request, body }: Kept): number {
  return request.target.length + body.length;
}

function journalEntry({ id, at, request, body, status, milliseconds }: Kept): JournalEntry {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  const { authorization } = headers;
  if (authorization !== undefined) headers.authorization = redacted(authorization);
  const { method, target } = request;
  return { method, path: target, headers, body, status, milliseconds, id, at: at.toISOString() };
}

/** Keeps the scheme, so that a journal still tells a Bearer token from Basic credentials. */
function redacted(authorization: string): string {
  const scheme = /^(\w+) /.exec(authorization);
  return scheme ? `${scheme[1]} [redacted]` : '[redacted]';
}
