import { describe, expect, it } from 'vitest';
import { readChanges } from '../../../src/connectors/campaign/changes.js';
import type { CampaignSchema } from '../../../src/model/campaign-schema.js';
import type { ChangePage, RecordQuery } from '../../../src/model/query.js';
import { folder, recipient } from './recipient.js';

/** A Campaign with five records, whose clock stands still. */
class FakeSource {
  readonly asked: RecordQuery<CampaignSchema>[] = [];

  constructor(private readonly clock = '2026-01-31T12:00:00.000Z') {}

  readonly now = async () => new Date(this.clock);

  readonly query = async (query: RecordQuery<CampaignSchema>) => {
    this.asked.push(query);
    const from = Number(query.after ?? 0);
    const records = [1, 2, 3, 4, 5].slice(from, from + query.first).map((id) => ({ id }));
    const cursorAt = (index: number) => String(from + index + 1);
    return { records, hasNextPage: from + query.first < 5, cursorAt, count: null };
  };
}

const QUERY = { from: recipient, select: { fields: ['email'] }, first: 2 } as const;

async function read(
  source: FakeSource,
  cursor: string | null,
  query: RecordQuery<CampaignSchema> = QUERY,
): Promise<readonly ChangePage[]> {
  const pages: ChangePage[] = [];
  for await (const page of readChanges(source, query, cursor)) pages.push(page);
  return pages;
}

describe('changes of Campaign records', () => {
  it('gives every record on the first pass, page by page', async () => {
    const source = new FakeSource();
    const pages = await read(source, null);
    expect(pages.map((page) => page.changed.length)).toEqual([2, 2, 1]);
    expect(pages.map((page) => page.complete)).toEqual([false, false, true]);
    expect(source.asked.every((query) => query.filter === undefined)).toBe(true);
  });

  it('looks on the next pass from a minute before the last one began', async () => {
    const [, , last] = await read(new FakeSource('2026-01-31T12:00:00.000Z'), null);
    const source = new FakeSource('2026-01-31T18:00:00.000Z');
    await read(source, last?.cursor ?? null);
    expect(source.asked[0]?.filter).toEqual({
      kind: 'compare',
      path: 'lastModified',
      operator: 'gte',
      value: '2026-01-31T11:59:00.000Z',
    });
  });

  it('resumes within a pass, and counts the pass from when it began', async () => {
    const [first] = await read(new FakeSource('2026-01-31T12:00:00.000Z'), null);
    const resumed = new FakeSource('2026-02-05T00:00:00.000Z');
    const pages = await read(resumed, first?.cursor ?? null);
    expect(pages.flatMap((page) => page.changed)).toEqual([{ id: 3 }, { id: 4 }, { id: 5 }]);
    const next = new FakeSource();
    await read(next, pages.at(-1)?.cursor ?? null);
    expect(next.asked[0]?.filter).toMatchObject({ value: '2026-01-31T11:59:00.000Z' });
  });

  it('adds what changed to the filter of the caller', async () => {
    const filter = { kind: 'null', path: 'crmId', isNull: false } as const;
    const [, , last] = await read(new FakeSource(), null, { ...QUERY, filter });
    const source = new FakeSource();
    await read(source, last?.cursor ?? null, { ...QUERY, filter });
    expect(source.asked[0]?.filter).toMatchObject({ kind: 'and', filters: [filter, { path: 'lastModified' }] });
  });

  it('reads everything on every pass where the schema keeps no date of change', async () => {
    const query = { ...QUERY, from: folder, select: { fields: ['label'] } };
    const [, , last] = await read(new FakeSource(), null, query);
    const source = new FakeSource();
    await read(source, last?.cursor ?? null, query);
    expect(source.asked[0]?.filter).toBeUndefined();
  });

  it('refuses a cursor of another query or of no query', async () => {
    const [first] = await read(new FakeSource(), null);
    const other = { ...QUERY, filter: { kind: 'null', path: 'crmId', isNull: true } } as const;
    await expect(read(new FakeSource(), first?.cursor ?? null, other)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    await expect(read(new FakeSource(), 'nonsense')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
