import { isRefusal } from '../../model/errors.js';
import { once } from '../../model/keep-last.js';
import type { Languages } from '../../model/labels.js';
import { type AlongList, type Page, type RecordQuery, type Scalar, type Tie, tiedTo } from '../../model/query.js';
import type { RecordValue } from '../../model/record.js';
import type { Table } from '../../model/table.js';
import { dividePage, gatheredQuery, type PagesByValue, readInChunks } from '../divide-page.js';
import { compileList, parentsAtOnce } from './along.js';
import { compileQuery } from './compile.js';
import type { TableLookup } from './compile-filter.js';
import { encodeCursor, queryFingerprint } from './cursor.js';

/** What it takes to ask. */
export interface Asking {
  readonly query: (query: RecordQuery<Table>) => Promise<Page>;
  /** Finds the tables that the query leads to. */
  readonly tables: TableLookup;
}

/** Ids one request names: their filter stands in a URL, which Dynamics and what lies before it bound in length. */
const MAX_IDS = 100;

const NONE: PagesByValue = new Map();

/**
 * Reads the pages of several records in as few requests as it takes. Where they can be expanded, the records are asked for again, each
 * with its list. Otherwise the records of all the lists are asked for at once, and divided.
 */
export async function queryEach(asking: Asking, page: RecordQuery<Table>, tie: Tie): Promise<PagesByValue> {
  const expanded = await expandAll(asking, page, tie);
  const rest = tie.values.filter((value) => !expanded.has(value));
  // A record does not tell which others a table between the two ties it to.
  if (rest.length < 2 || tie.path.includes('/')) return expanded;
  const gathered = await inChunks({ ...tie, values: rest }, MAX_IDS, (some) => gatherEach(asking, page, some));
  return new Map([...expanded, ...gathered]);
}

async function expandAll(asking: Asking, page: RecordQuery<Table>, tie: Tie): Promise<PagesByValue> {
  const list = listOf(page, tie);
  const { languages } = page;
  if (list === null) return NONE;
  return inChunks(tie, parentsAtOnce(list), (some) => expandEach(asking, list, some, languages)).catch(orRefused);
}

/** Null where the pages cannot be expanded, or are better divided, which counts the long ones too. */
function listOf(page: RecordQuery<Table>, { parent, path }: Tie): AlongList | null {
  const { from, select, filter, orderBy, first, count } = page;
  if (!parent || (count && !path.includes('/'))) return null;
  const list = {
    ...{ navigation: parent.navigation, from, path, select, first },
    ...(filter && { filter }),
    ...(orderBy && { orderBy }),
    ...(count && { count }),
  };
  return compileList(list) === null ? null : list;
}

/** What Dynamics does not expand it may still give when asked for it by itself. */
function orRefused(error: unknown): PagesByValue {
  if (isRefusal(error)) return NONE;
  throw error;
}

async function inChunks(tie: Tie, most: number, read: (some: Tie) => Promise<PagesByValue>): Promise<PagesByValue> {
  const size = Math.max(1, Math.min(MAX_IDS, most));
  return readInChunks(tie.values, size, (values) => read({ ...tie, values }));
}

async function expandEach(
  { query }: Asking,
  list: AlongList,
  { parent, values }: Tie,
  languages: Languages | undefined,
): Promise<PagesByValue> {
  if (!parent) return NONE;
  const { from } = parent;
  const page = await query({
    from,
    select: { fields: [] },
    filter: { kind: 'in', path: from.primaryId, values },
    first: values.length,
    along: { lookups: [], lists: [list] },
    ...(languages && { languages }),
  });
  const lists = page.along?.lists.get(list) ?? [];
  const byId = new Map(
    page.records.map((record, index) => [String(record[from.primaryId]).toLowerCase(), lists[index]]),
  );
  return new Map(
    values.flatMap((value): [Scalar, Page][] => {
      const found = byId.get(String(value).toLowerCase());
      return found ? [[value, found]] : [];
    }),
  );
}

async function gatherEach(
  { query, tables }: Asking,
  page: RecordQuery<Table>,
  { path, values }: Tie,
): Promise<PagesByValue> {
  const gathered = await query(gatheredQuery(page, { path, values }));
  const byId = new Map(values.map((value) => [String(value).toLowerCase(), value]));
  return dividePage({
    gathered,
    values,
    query: page,
    heldBy: (record) => byId.get(idAt(record[path])),
    cursorsOf(value) {
      const fingerprint = once(() => queryFingerprint(compileQuery(tiedTo(page, path, value), tables)));
      return (index, place) => {
        const anchor = String(gathered.records[index]?.[page.from.primaryId]);
        return encodeCursor(fingerprint(), { skipToken: null, offset: place + 1, anchor });
      };
    },
  });
}

/** The id that a lookup holds, or a column of ids. */
function idAt(value: RecordValue | undefined): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
  return String(id).toLowerCase();
}
