import { keepLast, once } from '../../model/keep-last.js';
import type { Languages } from '../../model/labels.js';
import {
  type Along,
  type AlongList,
  type AlongLookup,
  type BroughtAlong,
  type Count,
  type Page,
  type RecordQuery,
  tiedTo,
} from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import type { Table } from '../../model/table.js';
import type { JsonObject } from './client.js';
import { compileQuery } from './compile.js';
import { noTables } from './compile-filter.js';
import { encodeCursor, optionOf, queryFingerprint } from './cursor.js';
import { createDecoder, isObject } from './decode.js';

/** Makes the decoder of what came along with the rows of a page. */
export function createAlongDecoder(query: Pick<RecordQuery<Table>, 'from' | 'languages'>, along: Along): AlongDecoder {
  const { from, languages } = query;
  return keptDecoders(along, [from, languages], () => makeAlongDecoder(query, along, listFingerprint(from)));
}

export type AlongDecoder = (rows: readonly JsonObject[]) => BroughtAlong;

const keptDecoders = keepLast<AlongDecoder>();

function makeAlongDecoder(
  { from: table, languages }: Pick<RecordQuery<Table>, 'from' | 'languages'>,
  { lookups, lists }: Along,
  fingerprintOf: (list: AlongList, id: string) => string,
): AlongDecoder {
  const decodeLists = lists.map((list) => ({ list, decode: listDecoder(list, languages) }));
  return (rows) => {
    const pages = decodeLists.map(({ list, decode }): [AlongList, readonly (Page | null)[]] => [
      list,
      rows.map((row) => decode(row, () => fingerprintOf(list, String(row[table.primaryId])))),
    ]);
    return { records: lookups.flatMap((lookup) => decodeLookup(lookup, rows, languages)), lists: new Map(pages) };
  };
}

function decodeLookup(
  lookup: AlongLookup,
  rows: readonly JsonObject[],
  languages: Languages | undefined,
): BroughtAlong['records'] {
  const { from, select, lookups, navigation } = lookup;
  const related = rows.map((row) => row[navigation]).filter(isObject);
  const records = related.map(createDecoder(from, select, noTables, languages));
  return [{ from, select, records }, ...lookups.flatMap((deeper) => decodeLookup(deeper, related, languages))];
}

/** A list comes whole or, where Dynamics gave less than was asked for, not at all. */
function listDecoder(
  list: AlongList,
  languages: Languages | undefined,
): (row: JsonObject, fingerprint: () => string) => Page | null {
  const decode = createDecoder(list.from, list.select, noTables, languages);
  return (row, fingerprint) => {
    const related = row[list.navigation];
    if (!Array.isArray(related)) return null;
    const hasNextPage = related.length > list.first;
    // The link that always follows a collection leads to the same rows again; with a skiptoken it would lead to further ones.
    if (!hasNextPage && optionOf(row[`${list.navigation}@odata.nextLink`], 'skiptoken') !== null) return null;
    if (list.count && hasNextPage) return null;
    const rows = hasNextPage ? related.slice(0, list.first) : related;
    const count = list.count ? { value: rows.length, exact: true } : null;
    return new ListPage(rows.map(decode), hasNextPage, count, list.from.primaryId, fingerprint);
  };
}

/** Tells the fingerprint of a list as a request of its own asks for it, by the id of the record it belongs to. */
function listFingerprint(parent: Table): (list: AlongList, id: string) => string {
  // The path of a list over a table between the two leads back to the parent, and nowhere else.
  const tables = () => parent;
  return ({ path, count: _, ...list }, id) =>
    queryFingerprint(compileQuery(tiedTo({ ...list, select: NO_FIELDS }, path, id), tables));
}

const NO_FIELDS = { fields: [] };

/** A page that came with others. Its cursors are those of a request of its own, from whose start they count. */
export class ListPage implements Page {
  private readonly fingerprint: () => string;

  constructor(
    readonly records: readonly RecordData[],
    readonly hasNextPage: boolean,
    readonly count: Count | null,
    private readonly primaryId: string,
    fingerprint: () => string,
  ) {
    this.fingerprint = once(fingerprint);
  }

  cursorAt(index: number): string {
    const anchor = String(this.records[index]?.[this.primaryId]);
    return encodeCursor(this.fingerprint(), { skipToken: null, offset: index + 1, anchor });
  }
}
