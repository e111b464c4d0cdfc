import { chunks } from '../model/chunks.js';
import { conjunction, type Page, type RecordQuery, type Scalar, type Tie } from '../model/query.js';
import type { RecordData } from '../model/record.js';

/** As many records as one query may give. */
const MAX_RECORDS = 5_000;

/** The least that a gathered page asks for: a few records more cost less than a request. */
const MIN_GATHERED = 500;

/** Pages by the value that their records hold. */
export type PagesByValue = ReadonlyMap<Scalar, Page>;

/** Reads pages for at most `size` values at a time, all at once. */
export async function readInChunks(
  values: readonly Scalar[],
  size: number,
  read: (some: readonly Scalar[]) => Promise<PagesByValue>,
): Promise<PagesByValue> {
  const parts = await Promise.all(chunks(values, size).map(read));
  return new Map(parts.flatMap((pages) => [...pages]));
}

/** The query for the records of all the pages that are then told apart by `dividePage`. */
export function gatheredQuery<Description>(
  query: RecordQuery<Description>,
  { path, values }: Pick<Tie, 'path' | 'values'>,
): RecordQuery<Description> {
  const { count: _, ...uncounted } = query;
  return {
    ...uncounted,
    select: { ...query.select, fields: [...query.select.fields, path] },
    filter: conjunction({ kind: 'in', path, values }, query.filter),
    first: gatheredFirst(query, values.length),
  };
}

/** How many records to ask for where the pages of `values` are gathered in one: so many that all of them fit, as a rule. */
export function gatheredFirst({ first, count }: Pick<RecordQuery<unknown>, 'first' | 'count'>, values: number): number {
  return count ? MAX_RECORDS : Math.min(MAX_RECORDS, Math.max(MIN_GATHERED, 2 * values * (first + 1)));
}

export interface Division {
  /** A page of the records that hold any of `values`, in the order of the pages that it is divided into. */
  readonly gathered: Page;
  readonly values: readonly Scalar[];
  /** What each page is asked for. */
  readonly query: Pick<RecordQuery<unknown>, 'first' | 'count'>;
  /** The value that a record holds; undefined where it is none of `values`. */
  readonly heldBy: (record: RecordData, index: number) => Scalar | undefined;
  /** Tells the cursors of the page of a value: after a record, found by its index in `gathered` and its place in the page. */
  readonly cursorsOf: (value: Scalar) => (index: number, place: number) => string;
}

/**
 * Divides a gathered page into a page for each value. The start of an ordered list holds the start of each part of it, so that a part is
 * exact where it shows more records than asked for, or where nothing follows the gathered page. Other parts are left out, and all of
 * them where a record belongs to none.
 */
export function dividePage(division: Division): PagesByValue {
  const { gathered, values, heldBy } = division;
  const parts = new Map<Scalar, Part>(values.map((value) => [value, { records: [], indices: [] }]));
  for (const [index, record] of gathered.records.entries()) {
    const value = heldBy(record, index);
    const part = value === undefined ? undefined : parts.get(value);
    if (!part) return new Map();
    part.records.push(record);
    part.indices.push(index);
  }
  const pages = new Map<Scalar, Page>();
  for (const [value, part] of parts) if (isExact(division, part)) pages.set(value, pageOf(division, value, part));
  return pages;
}

/** The records of one value, with their indices in the gathered page. */
interface Part {
  readonly records: RecordData[];
  readonly indices: number[];
}

function isExact({ gathered, query }: Division, { records }: Part): boolean {
  return !gathered.hasNextPage || (!query.count && records.length > query.first);
}

function pageOf({ query, cursorsOf }: Division, value: Scalar, { records, indices }: Part): Page {
  const cursorAt = cursorsOf(value);
  const shown = records.slice(0, query.first);
  return {
    records: shown,
    hasNextPage: records.length > shown.length,
    cursorAt(place) {
      const index = place < shown.length ? indices[place] : undefined;
      if (index !== undefined) return cursorAt(index, place);
      throw new RangeError(`Expected an index below ${shown.length}, but got ${place}.`);
    },
    count: query.count ? { value: records.length, exact: true } : null,
  };
}
