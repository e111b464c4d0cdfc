import type { JournalEntry, MockClock, MockRequest } from '../control.js';

const MAX_JOURNAL_ENTRIES = 10_000;
const MAX_JOURNAL_BODY_BYTES = 64 * 1024;

/** What a mock remembers of the vendor requests it was sent. */
export interface Journal {
  begin(request: MockRequest): { answered(status: number | null): void; ended(): void };
  entries(): readonly JournalEntry[];
  clear(): void;
}

/** Makes an empty journal that keeps the last 10,000 entries. */
export function createJournal(clock: MockClock): Journal {
  let entries: { -readonly [Key in keyof JournalEntry]: JournalEntry[Key] }[] = [];
  let lastId = 0;
  return {
    begin: (request) => {
      const start = performance.now();
      lastId += 1;
      const entry = { ...journalEntry(request), id: lastId, at: clock.now().toISOString() };
      entries.push(entry);
      // Cutting many at once keeps the cost of each request constant.
      if (entries.length > MAX_JOURNAL_ENTRIES * 1.1) entries = entries.slice(-MAX_JOURNAL_ENTRIES);
      return {
        answered: (status) => {
          entry.status = status;
        },
        ended: () => {
          entry.milliseconds = Math.round(performance.now() - start);
        },
      };
    },
    entries: () => entries.slice(-MAX_JOURNAL_ENTRIES).map((entry) => ({ ...entry, headers: { ...entry.headers } })),
    clear: () => {
      entries = [];
    },
  };
}

function journalEntry(request: MockRequest): Omit<JournalEntry, 'id' | 'at'> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  const { authorization } = headers;
  if (authorization !== undefined) headers.authorization = redacted(authorization);
  const body = request.body.subarray(0, MAX_JOURNAL_BODY_BYTES).toString('utf8');
  return { method: request.method, path: request.target, headers, body, status: null, milliseconds: 0 };
}

/** Keeps the scheme, so that a journal still tells a Bearer token from Basic credentials. */
function redacted(authorization: string): string {
  const scheme = /^(\w+) /.exec(authorization);
  return scheme ? `${scheme[1]} [redacted]` : '[redacted]';
}
