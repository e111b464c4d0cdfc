import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector } from '../../src/connectors/connector.js';
import type { WriteWatch } from '../../src/connectors/write-watch.js';
import type { CallOptions, UpstreamCall } from '../../src/model/call.js';
import type { Filter, RecordQuery, WriteValue } from '../../src/model/query.js';
import type { RecordData } from '../../src/model/record.js';

/** A connector and the mock remote it speaks to, with at least a dozen records of one kind in it. */
export interface ContractSubject<Description extends Summary, Summary> {
  readonly connector: Connector<Description, Summary>;
  /** What the connector was given to hear of its writes. */
  readonly writes: WriteWatch;
  /** Name of the kind of record: `contact`, `nms:recipient`. */
  readonly name: string;
  /** Its description, as introspected. */
  readonly description: Description;
  /** The name that a summary or description tells. */
  readonly nameOf: (summary: Summary) => string;
  /** Path of the field that comes back with every record and tells them apart. */
  readonly id: string;
  /** Path of a text field to filter and order by. */
  readonly text: string;
  /** Path of the field that upserts go by. */
  readonly key: string;
  /** A record that does not exist yet, with a value for `key` and for `text`. */
  readonly newRecord: Readonly<Record<string, WriteValue>>;
  /** Makes the next requests to the remote fail. */
  readonly addFault: (fault: { readonly status: number; readonly times: number }) => void;
  readonly clearFaults: () => void;
  /** How many requests the remote has had. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

/** What every connector does alike, whatever it speaks to. */
export function describeConnectorContract<Description extends Summary, Summary>(
  name: string,
  open: () => Promise<ContractSubject<Description, Summary>>,
): void {
  describe(`${name} keeps the contract of connectors:`, () => {
    let subject: ContractSubject<Description, Summary>;

    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close());

    it('passes its own connection test', async () => {
      const steps = await subject.connector.check();
      expect(steps.length).toBeGreaterThan(1);
      expect(steps.filter((step) => !step.ok || step.remedy !== null)).toEqual([]);
    });

    it('lists every kind of record', async () => {
      const summaries = await subject.connector.summaries();
      expect(summaries.map(subject.nameOf)).toContain(subject.name);
    });

    it('leaves out names that do not exist when it describes', async () => {
      const described = await subject.connector.introspect([subject.name, 'no_such_thing']);
      expect(described.map(subject.nameOf)).toEqual([subject.name]);
    });

    it('follows cursors to the end without losing or repeating a record', async () => {
      const whole = await readAll(subject, { first: 5_000 });
      const paged = await readAll(subject, { first: Math.max(2, Math.ceil(whole.length / 4)) });
      expect(whole.length).toBeGreaterThan(10);
      expect(paged).toEqual(whole);
      expect(new Set(whole).size).toBe(whole.length);
    });

    it('continues after any record of a page, not only after its last', async () => {
      const whole = await subject.connector.query(query(subject, { first: 9 }));
      const rest = await subject.connector.query(query(subject, { first: 4, after: whole.cursorAt(2) }));
      expect(ids(subject, rest.records)).toEqual(ids(subject, whole.records).slice(3, 7));
      const further = await subject.connector.query(query(subject, { first: 2, after: rest.cursorAt(0) }));
      expect(ids(subject, further.records)).toEqual(ids(subject, whole.records).slice(4, 6));
    });

    it('says that nothing follows the last record', async () => {
      const whole = await subject.connector.query(query(subject, { first: 5_000 }));
      expect(whole.hasNextPage).toBe(false);
      const after = whole.cursorAt(whole.records.length - 1);
      const rest = await subject.connector.query(query(subject, { first: 10, after }));
      expect([rest.records, rest.hasNextPage]).toEqual([[], false]);
    });

    it('turns the records round with the order', async () => {
      const up = await readAll(subject, { first: 5_000, orderBy: [{ path: subject.id, descending: false }] });
      const down = await readAll(subject, { first: 5_000, orderBy: [{ path: subject.id, descending: true }] });
      expect(down).toEqual(up.toReversed());
    });

    it('gives the records that a filter admits, and only those', async () => {
      const wanted = await someText(subject);
      const filter: Filter = { kind: 'compare', path: subject.text, operator: 'eq', value: wanted };
      const all = await subject.connector.query(query(subject, { first: 5_000 }));
      const found = await subject.connector.query(query(subject, { first: 5_000, filter }));
      const expected = all.records.filter((record) => record[subject.text] === wanted);
      expect(ids(subject, found.records)).toEqual(ids(subject, expected));
    });

    it('divides all records between a filter and its negation', async () => {
      const filter: Filter = { kind: 'compare', path: subject.text, operator: 'eq', value: await someText(subject) };
      const all = await readAll(subject, { first: 5_000 });
      const inside = await readAll(subject, { first: 5_000, filter });
      const outside = await readAll(subject, { first: 5_000, filter: { kind: 'not', filter } });
      expect(new Set([...inside, ...outside])).toEqual(new Set(all));
      expect(inside.length + outside.length).toBe(all.length);
    });

    it('counts the records that match, not those of the page', async () => {
      const all = await readAll(subject, { first: 5_000 });
      const page = await subject.connector.query(query(subject, { first: 2, count: true }));
      expect([page.records.length, page.count]).toEqual([2, { value: all.length, exact: true }]);
    });

    it('counts the records that agree in a field, and all of them', async () => {
      const { records } = await subject.connector.query(query(subject, { first: 5_000 }));
      const counts = new Map<unknown, number>();
      for (const { [subject.text]: text = null } of records) counts.set(text, (counts.get(text) ?? 0) + 1);
      const measures = [{ function: 'countDistinct', path: subject.text }] as const;
      const whole = { from: subject.description, groupBy: [], count: true, measures };
      const groups = await subject.connector.aggregate({ ...whole, groupBy: [subject.text], measures: [] });
      expect(new Map(groups.map(({ key, count }) => [key[subject.text], count]))).toEqual(counts);
      const [all] = await subject.connector.aggregate(whole);
      const distinct = new Set([...counts.keys()].filter((text) => text !== null)).size;
      expect(all).toEqual({ key: {}, count: records.length, values: [distinct] });
    });

    it('sums up to nothing where no record matches', async () => {
      const filter: Filter = { kind: 'compare', path: subject.text, operator: 'eq', value: 'no such text anywhere' };
      const whole = { from: subject.description, filter, groupBy: [], count: true, measures: [] };
      expect(await subject.connector.aggregate(whole)).toEqual([{ key: {}, count: 0, values: [] }]);
      expect(await subject.connector.aggregate({ ...whole, groupBy: [subject.text] })).toEqual([]);
    });

    it('refuses a cursor that is none', async () => {
      await expect(subject.connector.query(query(subject, { after: 'nonsense' }))).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
    });

    it('refuses a cursor of another order', async () => {
      const page = await subject.connector.query(query(subject, { first: 2 }));
      const other = query(subject, { after: page.cursorAt(0), orderBy: [{ path: subject.text, descending: true }] });
      await expect(subject.connector.query(other)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    });

    it('refuses a path that does not exist, by its name', async () => {
      const unknown = { code: 'BAD_USER_INPUT', message: expect.stringContaining('nosuchpath') };
      const selected = { ...query(subject), select: { fields: ['nosuchpath'] } };
      await expect(subject.connector.query(selected)).rejects.toMatchObject(unknown);
      const filter: Filter = { kind: 'null', path: 'nosuchpath', isNull: true };
      await expect(subject.connector.query(query(subject, { filter }))).rejects.toMatchObject(unknown);
    });

    it('ends with the reason of an abort', async () => {
      const aborted = AbortSignal.abort(new Error('enough'));
      await expect(subject.connector.query(query(subject), { signal: aborted })).rejects.toThrow('enough');
    });

    it('copes with a fault that passes', async () => {
      subject.addFault({ status: 503, times: 1 });
      const page = await subject.connector.query(query(subject, { first: 1 }));
      expect(page.records).toHaveLength(1);
    });

    it('tells of a fault that lasts', async () => {
      subject.addFault({ status: 503, times: 100 });
      const failed = subject.connector.query(query(subject, { first: 1 }));
      await expect(failed).rejects.toMatchObject({
        name: 'RemoteError',
        code: 'UPSTREAM_UNAVAILABLE',
        upstream: { status: 503 },
      });
      subject.clearFaults();
    });

    it('tells of every request it sends', async () => {
      const calls: UpstreamCall[] = [];
      const before = subject.requests();
      await subject.connector.query(query(subject, { first: 1, count: true }), { onCall: (call) => calls.push(call) });
      const own = calls.filter((call) => call.system === subject.connector.system);
      expect(own.length).toBe(subject.requests() - before);
      expect(own.every((call) => call.status === 200 && call.target !== '')).toBe(true);
    });

    it('asks for a page and for groups once where several may share them, and for each where they may not', async () => {
      const { connector, description } = subject;
      const groups = { from: description, groupBy: [subject.text], count: true, measures: [] };
      const askTwice = async (call: CallOptions) => {
        const before = subject.requests();
        const pages = await Promise.all([1, 2].map(() => connector.query(query(subject, { first: 3 }), call)));
        const told = await Promise.all([1, 2].map(() => connector.aggregate({ ...groups }, call)));
        expect(pages[1]?.records).toEqual(pages[0]?.records);
        expect(told[1]).toEqual(told[0]);
        return subject.requests() - before;
      };
      expect(await askTwice({ mayShare: true })).toBe(2);
      expect(await askTwice({})).toBe(4);
    });

    it('asks for the pages of several records once where they may be shared', async () => {
      const { connector, text } = subject;
      const page = await connector.query(query(subject, { first: 50 }));
      const values = [...new Set(page.records.map((record) => String(record[text])))].slice(0, 3);
      const tie = { path: text, values };
      const before = subject.requests();
      const [one, other] = await Promise.all(
        [1, 2].map(() => connector.queryEach(query(subject, { first: 2 }), tie, { mayShare: true })),
      );
      expect(subject.requests() - before).toBe(1);
      for (const value of values) expect(other?.get(value)?.records).toEqual(one?.get(value)?.records);
      const [first] = values;
      const cursors = [one, other].map((pages) => first !== undefined && pages?.get(first)?.cursorAt(0));
      expect(cursors).toEqual([expect.any(String), cursors[0]]);
    });

    it('shares no page between queries that differ in anything', async () => {
      const all: readonly Parts[] = [
        {},
        { first: 9 },
        { count: true },
        { filter: { kind: 'null', path: subject.text, isNull: false } },
        { filter: { kind: 'null', path: subject.text, isNull: true } },
        { orderBy: [{ path: subject.text, descending: true }] },
        { orderBy: [{ path: subject.text, descending: false }] },
      ];
      const mayShare = { mayShare: true };
      const together = await Promise.all(all.map((parts) => subject.connector.query(query(subject, parts), mayShare)));
      for (const [index, parts] of all.entries()) {
        const alone = await subject.connector.query(query(subject, parts));
        expect(together[index]?.records).toEqual(alone.records);
        expect(together[index]?.count).toEqual(alone.count);
      }
    });

    it('tells the watch of its writes, and not of its reads', async () => {
      const { connector, description, key, newRecord, writes } = subject;
      const { moment } = writes;
      await connector.query(query(subject, { first: 1, count: true }));
      await connector.introspect([subject.name]);
      expect(writes.moment).toBe(moment);
      const record = { to: description, key, records: [newRecord] } as const;
      await connector.write({ ...record, operation: 'upsert' });
      expect(writes.moment).toBeGreaterThan(moment);
    });

    it('makes one record of the same record upserted twice', async () => {
      const { connector, description, key, newRecord, text } = subject;
      const write = { to: description, operation: 'upsert', key, records: [newRecord] } as const;
      const outcomes = [...(await connector.write(write)), ...(await connector.write(write))];
      expect(outcomes).toMatchObject([{ ok: true }, { ok: true }]);
      const filter: Filter = { kind: 'compare', path: key, operator: 'eq', value: String(newRecord[key]) };
      const found = await connector.query(query(subject, { filter }));
      expect(found.records.map((record) => record[text])).toEqual([newRecord[text]]);
    });

    it('gives the changes since the pass before, whole pages at a time', async () => {
      const { connector, description, key, newRecord, text } = subject;
      const first = await readChanges(subject, null);
      expect(first.records.length).toBe((await readAll(subject, { first: 5_000 })).length);
      const changed = { ...newRecord, [text]: 'Changed since' };
      await connector.write({ to: description, operation: 'upsert', key, records: [changed] });
      const second = await readChanges(subject, first.cursor);
      expect(second.records.map((record) => record[text])).toContain('Changed since');
    });
  });
}

type Parts = Partial<Pick<RecordQuery<unknown>, 'first' | 'after' | 'filter' | 'orderBy' | 'count'>>;

function query<Description extends Summary, Summary>(
  subject: ContractSubject<Description, Summary>,
  parts: Parts = {},
): RecordQuery<Description> {
  return { from: subject.description, select: { fields: [subject.id, subject.text] }, first: 10, ...parts };
}

async function readAll<Description extends Summary, Summary>(
  subject: ContractSubject<Description, Summary>,
  parts: Parts,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (let after: string | undefined, more = true; more; ) {
    const page = await subject.connector.query(query(subject, { ...parts, ...(after === undefined ? {} : { after }) }));
    found.push(...ids(subject, page.records));
    more = page.hasNextPage;
    if (more) after = page.cursorAt(page.records.length - 1);
  }
  return found;
}

async function readChanges<Description extends Summary, Summary>(
  subject: ContractSubject<Description, Summary>,
  start: string | null,
): Promise<{ readonly records: readonly RecordData[]; readonly cursor: string }> {
  const records: RecordData[] = [];
  let cursor = '';
  for await (const page of subject.connector.changes(query(subject, { first: 1_000 }), start)) {
    records.push(...page.changed);
    cursor = page.cursor;
    if (page.complete) break;
  }
  return { records, cursor };
}

/** A text that some record holds. */
async function someText<Description extends Summary, Summary>(
  subject: ContractSubject<Description, Summary>,
): Promise<string> {
  const filter: Filter = { kind: 'null', path: subject.text, isNull: false };
  const page = await subject.connector.query(query(subject, { first: 1, filter }));
  return String(page.records[0]?.[subject.text]);
}

function ids<Description extends Summary, Summary>(
  subject: ContractSubject<Description, Summary>,
  records: readonly RecordData[],
): readonly string[] {
  return records.map((record) => String(record[subject.id]));
}
