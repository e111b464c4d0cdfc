import type { RemoteError, RequestError } from './errors.js';
import type { Languages } from './labels.js';
import type { RecordData } from './record.js';
import type { Table } from './table.js';

/** A value to compare with. Dates and moments are ISO 8601 strings, 64-bit integers decimal strings. */
export type Scalar = string | number | boolean;

/**
 * Which records. Paths are column names (`emailaddress1`), column names behind a navigation property (`parentcustomerid_account/name`; of a
 * collection one record must match), or Campaign paths without `@` (`location/city`, `folder/label`).
 * `ne` and `not in` also match records that hold no value. Text comparisons ignore case where the remote does.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'compare'; readonly path: string; readonly operator: Comparison; readonly value: Scalar }
  | { readonly kind: 'text'; readonly path: string; readonly operator: TextMatch; readonly value: string }
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Scalar[] }
  | { readonly kind: 'null'; readonly path: string; readonly isNull: boolean }
  /** Of Dynamics alone. `value` is a number of units (`lastDays`), a date (`on`), or null where the period needs none. */
  | { readonly kind: 'period'; readonly path: string; readonly period: DatePeriod; readonly value: Scalar | null };

export type Comparison = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte';
export type TextMatch = 'contains' | 'startsWith' | 'endsWith';

/** A period around the present, or beside a date, by the calendar of the user that the remote sees. */
export type DatePeriod =
  | `on${'' | 'OrBefore' | 'OrAfter'}`
  | 'today'
  | 'yesterday'
  | 'tomorrow'
  | `${'last' | 'this' | 'next'}${'Week' | 'Month' | 'Year'}`
  | `${'last' | 'next' | 'olderThan'}${'Hours' | 'Days' | 'Weeks' | 'Months' | 'Years'}`;

export interface Order {
  readonly path: string;
  readonly descending: boolean;
}

/** Fields of a record, and of the records its single-valued links lead to (`nested`, by navigation property or link name). */
export interface Selection {
  readonly fields: readonly string[];
  readonly nested?: Readonly<Record<string, Selection>>;
}

/**
 * A neutral request for records of the table or schema `from`. The key always comes back with what is selected.
 * Without `orderBy` the order is the remote's own, but stable from page to page.
 */
export interface RecordQuery<Description> {
  readonly from: Description;
  /** Finds the descriptions of others that paths of the filter lead to. Those that are not at hand are read first. */
  readonly related?: (name: string) => Description | undefined;
  readonly select: Selection;
  readonly filter?: Filter;
  readonly orderBy?: readonly Order[];
  /** At most this many records; 1 to 5,000. */
  readonly first: number;
  /** Continue after this cursor, one that `Page.cursorAt` gave for the same filter and order. */
  readonly after?: string;
  /** Also count the records that match; may cost a request. */
  readonly count?: boolean;
  /** The languages that labels are wanted in. Without them, and where the remote has none of these, they are in its own. */
  readonly languages?: Languages;
  /** Related records that are welcome with the page where they take no further request. */
  readonly along?: Along;
}

/** Records of Dynamics related to each record of a page. What a remote does not bring along is to be asked for by itself. */
export interface Along {
  readonly lookups: readonly AlongLookup[];
  readonly lists: readonly AlongList[];
}

/** The record that a lookup leads to by a navigation property, and those that it leads to in turn. */
export interface AlongLookup {
  readonly navigation: string;
  readonly from: Table;
  readonly select: Selection;
  readonly lookups: readonly AlongLookup[];
}

/** The first page of a relationship to many, as `tiedTo` asks for it of one record. */
export interface AlongList {
  readonly navigation: string;
  readonly from: Table;
  /** Where the records of the list hold the id of the one they are tied to: `parentcustomerid`, `listcontact_association/listid`. */
  readonly path: string;
  readonly select: Selection;
  readonly filter?: Filter;
  readonly orderBy?: readonly Order[];
  readonly first: number;
  /** A list that goes on after its page does not come along then, as only a request of its own counts it. */
  readonly count?: boolean;
}

/** What several pages of one kind have in common, and by what they differ: each has the records that hold one of `values` at `path`. */
export interface Tie {
  readonly path: string;
  readonly values: readonly Scalar[];
  /** Where the values are ids of Dynamics records of another kind: that kind, and its navigation property that leads to the pages. */
  readonly parent?: { readonly from: Table; readonly navigation: string };
}

/** The records of a query that hold a value at a path: what is tied to one record of a `Tie`. */
export function tiedTo<Query extends object>(
  query: Query & { readonly filter?: Filter },
  path: string,
  value: Scalar,
): Query & { readonly filter: Filter } {
  return { ...query, filter: conjunction({ kind: 'compare', path, operator: 'eq', value }, query.filter) };
}

/** Both filters, without a level for what is joined already. */
export function conjunction(filter: Filter, other: Filter | undefined): Filter {
  if (!other) return filter;
  return { kind: 'and', filters: [filter, ...(other.kind === 'and' ? other.filters : [other])] };
}

export interface Page {
  readonly records: readonly RecordData[];
  readonly hasNextPage: boolean;
  /** The cursor that continues after the record at an index of `records`. */
  cursorAt(index: number): string;
  readonly count: Count | null;
  /** What came along with the records; absent where nothing did. */
  readonly along?: BroughtAlong;
}

/** What a page brought of the `Along` it was asked with. */
export interface BroughtAlong {
  /** Records that lookups lead to, by kind and selection; one may be there several times. */
  readonly records: readonly {
    readonly from: Table;
    readonly select: Selection;
    readonly records: readonly RecordData[];
  }[];
  /** By the list as it was asked for: a page for each record of the page, in its order; null where it did not come whole. */
  readonly lists: ReadonlyMap<AlongList, readonly (Page | null)[]>;
}

/** `exact` is false where the remote stops counting: there are at least `value` records. */
export interface Count {
  readonly value: number;
  readonly exact: boolean;
}

/** A step of reading changes. Storing `cursor` together with what was done with the page lets a stopped run resume. */
export interface ChangePage {
  readonly changed: readonly RecordData[];
  /** Ids of records deleted since the cursor. */
  readonly deleted: readonly string[];
  readonly cursor: string;
  /** True on the last page of this pass; its cursor starts the next pass. */
  readonly complete: boolean;
}

/** Records to write. Each holds its values by path, flat: `{ 'email': 'a@b.example', 'location/city': 'Paris' }`. */
export interface WriteRequest<Description> {
  readonly to: Description;
  readonly operation: 'upsert' | 'create' | 'update' | 'delete';
  /** Path of the field that identifies a record, or the paths of several that do so together. */
  readonly key: string | readonly string[];
  readonly records: readonly Readonly<Record<string, WriteValue>>[];
  /** Update or delete only what still has this version (`versionnumber` of Dynamics); `CONFLICT` is the outcome otherwise. */
  readonly ifMatch?: string;
  /**
   * Of an upsert to Dynamics: only where there is no such record yet, or only where there is one. The outcome is `CONFLICT` or `NOT_FOUND`
   * otherwise.
   */
  readonly only?: 'create' | 'update';
  /** Of an update in Campaign, which says nothing of a record that is not there: nobody need be told of it, which spares a request. */
  readonly mayBeMissing?: boolean;
}

export type WriteValue = string | number | boolean | null;

/** The paths that identify a record of a write. */
export function keyPathsOf({ key }: Pick<WriteRequest<unknown>, 'key'>): readonly string[] {
  return typeof key === 'string' ? [key] : key;
}

/**
 * What happened to the record at the same index of the request. `id` is the remote's own id where it told one; `created` tells of an upsert
 * whether it made the record, null where an answer was lost on the way, and is absent where the remote does not say. `cause` is the refusal
 * as the remote gave it.
 */
export type WriteOutcome =
  | { readonly ok: true; readonly id: string | null; readonly created?: boolean | null }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly cause?: RequestError | RemoteError;
    };
