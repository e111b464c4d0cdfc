import { describe, expect, it } from 'vitest';
import { readChanges } from '../../../src/connectors/dynamics/changes.js';
import type { ChangePage, RecordQuery } from '../../../src/model/query.js';
import type { Table } from '../../../src/model/table.js';
import { createFakeClient } from './fake-client.js';
import { ACCOUNT, CONTACT } from './tables.js';

const QUERY: RecordQuery<Table> = { from: CONTACT, select: { fields: ['fullname'] }, first: 2 };

/** A client that gives these pages of (name, moment of change) in turn, each but the last with a link to the next. */
function pages(...contents: readonly (readonly (readonly [string, string])[])[]) {
  let index = 0;
  return createFakeClient(() => {
    const rows = contents[index++] ?? [];
    const next = index < contents.length ? { '@odata.nextLink': `https://h/x?$skiptoken=page${index + 1}` } : {};
    return {
      body: { value: rows.map(([fullname, modifiedon]) => ({ contactid: fullname, fullname, modifiedon })), ...next },
    };
  });
}

async function collect(
  client: ReturnType<typeof pages>,
  cursor: string | null,
  query = QUERY,
): Promise<readonly ChangePage[]> {
  const found: ChangePage[] = [];
  for await (const page of readChanges(client, query, () => ACCOUNT, cursor)) found.push(page);
  return found;
}

const targets = (client: ReturnType<typeof pages>) => client.asked.map(({ resource }) => resource);

describe('readChanges', () => {
  it('reads all records in the order of their change, page by page', async () => {
    const client = pages([['Ann', '2024-05-01T10:00:00Z']], [['Bob', '2024-05-02T10:00:00Z']]);
    const found = await collect(client, null);
    expect(found.map(({ changed, complete }) => [changed, complete])).toEqual([
      [[{ contactid: 'Ann', fullname: 'Ann' }], false],
      [[{ contactid: 'Bob', fullname: 'Bob' }], true],
    ]);
    expect(targets(client)).toEqual([
      'contacts?$select=contactid,fullname,modifiedon&$orderby=modifiedon asc,contactid asc',
      'contacts?$select=contactid,fullname,modifiedon&$orderby=modifiedon asc,contactid asc&$skiptoken=page2',
    ]);
  });

  it('begins the next pass a minute before the latest change it saw', async () => {
    const [page] = await collect(pages([['Ann', '2024-05-01T10:00:00Z']]), null);
    const client = pages([]);
    await collect(client, page?.cursor ?? null);
    expect(targets(client)).toEqual([
      'contacts?$select=contactid,fullname,modifiedon&$filter=modifiedon ge 2024-05-01T09:59:00Z&$orderby=modifiedon asc,contactid asc',
    ]);
  });

  it('begins the next pass where this one began when nothing was read', async () => {
    const [first] = await collect(pages([['Ann', '2024-05-01T10:00:00Z']]), null);
    const [empty] = await collect(pages([]), first?.cursor ?? null);
    const client = pages([]);
    await collect(client, empty?.cursor ?? null);
    expect(targets(client)[0]).toContain('modifiedon ge 2024-05-01T09:59:00Z');
  });

  it('continues a pass that was broken off, and remembers what it had seen', async () => {
    const stopped = (await collect(pages([['Zoe', '2024-05-09T00:00:00Z']], []), null))[0];
    const client = pages([]);
    const [rest] = await collect(client, stopped?.cursor ?? null);
    expect(targets(client)[0]).toContain('$skiptoken=page2');
    const later = pages([]);
    await collect(later, rest?.cursor ?? null);
    expect(targets(later)[0]).toContain('modifiedon ge 2024-05-08T23:59:00Z');
  });

  it("keeps the query's own filter and order, and trusts nothing later than the beginning of the pass", async () => {
    const query: RecordQuery<Table> = {
      ...QUERY,
      filter: { kind: 'compare', path: 'donotemail', operator: 'eq', value: false },
      orderBy: [{ path: 'fullname', descending: false }],
    };
    const future = new Date(Date.now() + 86_400_000).toISOString();
    const [page] = await collect(pages([['Ann', future]]), null, query);
    const client = pages([]);
    await collect(client, page?.cursor ?? null, query);
    const [, since = ''] =
      /\(modifiedon ge (\S+) and donotemail eq false\)&\$orderby=fullname asc/.exec(targets(client)[0] ?? '') ?? [];
    expect(Date.parse(since)).toBeLessThan(Date.now());
  });

  it('begins anew when the filter has changed, for other records match it', async () => {
    const [page] = await collect(pages([['Ann', '2024-05-01T10:00:00Z']]), null);
    const client = pages([]);
    await collect(client, page?.cursor ?? null, {
      ...QUERY,
      filter: { kind: 'null', path: 'fullname', isNull: false },
    });
    expect(targets(client)[0]).toContain('$filter=fullname ne null&');
  });

  it('reads a table without a moment of change whole in each pass', async () => {
    const query: RecordQuery<Table> = { from: ACCOUNT, select: { fields: ['name'] }, first: 2 };
    const [page] = await collect(pages([]), null, query);
    const client = pages([]);
    await collect(client, page?.cursor ?? null, query);
    expect(targets(client)).toEqual(['accounts?$select=accountid,name&$orderby=accountid asc']);
  });

  it('refuses a cursor that is none or of another table', async () => {
    await expect(collect(pages([]), 'nonsense')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const [page] = await collect(pages([]), null);
    const other: RecordQuery<Table> = { from: ACCOUNT, select: { fields: [] }, first: 1 };
    await expect(collect(pages([]), page?.cursor ?? null, other)).rejects.toThrow('belongs to table contact');
  });
});
