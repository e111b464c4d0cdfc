import type { MockRequest, MockResponse } from '../control.js';
import type { Row, Store } from './store.js';
import type { Tables } from './tables.js';

/** Answers that are kept, and the largest one: a client that polls asks for few things over and over. */
const MAX_ANSWERS = 64;
const MAX_LENGTH = 200_000;

/** What depends on the time, or hands out a token that is stamped with it. */
const TIMED = /Microsoft\.Dynamics\.CRM|fetchxml|savedquery|userquery|deltatoken/i;

/** Headers that an answer depends on; links in it begin with the origin of the request, which is kept beside them. */
const HEADERS = ['prefer', 'if-none-match', 'accept', 'mscrmcallerid', 'callerobjectid'] as const;

/** Requests that were made once: the answer is kept when one of them comes again, as most never do. */
const MAX_ASKED = 512;

/**
 * Remembers the answers to reading requests that come again, until anything is written: the same request of the same user then has the
 * same answer. Requests whose answer depends on the time are not remembered.
 */
export class AnswerCache {
  private answers = new Map<string, MockResponse>();
  private asked = new Set<string>();
  private state: readonly unknown[] = [];

  constructor(
    private readonly store: Store,
    private readonly tables: Tables,
  ) {}

  /** Gives the answer that is known, or makes it. */
  answer(user: Row, request: MockRequest, make: () => MockResponse): MockResponse {
    if (!this.isTimeless(request)) return make();
    this.forgetAfterWrites();
    const key = keyOf(user, request);
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    if (this.isFirst(key)) return make();
    const { body, ...answer } = make();
    if (answer.status !== 200 || !isShort(body)) return { ...answer, ...(body === undefined ? {} : { body }) };
    const made = { ...answer, body: typeof body === 'string' ? Buffer.from(body) : body };
    if (this.answers.size >= MAX_ANSWERS) this.answers.clear();
    this.answers.set(key, made);
    return made;
  }

  private isFirst(key: string): boolean {
    if (this.asked.delete(key)) return false;
    if (this.asked.size >= MAX_ASKED) this.asked.clear();
    this.asked.add(key);
    return true;
  }

  private forgetAfterWrites(): void {
    const { epoch, version } = this.store;
    const state = [epoch, version, this.tables.version];
    if (state.every((part, at) => part === this.state[at])) return;
    this.state = state;
    this.answers = new Map();
  }

  /** Rows of tables alone: functions may tell anything. */
  private isTimeless({ method, path, target, headers }: MockRequest): boolean {
    const set = /^\/api\/data\/v9\.\d\/(\w+)/.exec(path)?.[1];
    if (method !== 'GET' || set === undefined || !this.tables.bySetName.has(set)) return false;
    return !TIMED.test(decoded(target)) && !String(headers.prefer).includes('track-changes');
  }
}

function keyOf({ systemuserid }: Row, { origin, target, headers }: MockRequest): string {
  return [systemuserid, origin, target, ...HEADERS.map((name) => headers[name])].join('\n');
}

function isShort(body: MockResponse['body']): body is string | Buffer {
  return (typeof body === 'string' || Buffer.isBuffer(body)) && body.length <= MAX_LENGTH;
}

/** What is badly encoded is refused later, and not remembered. */
function decoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return 'Microsoft.Dynamics.CRM';
  }
}
