import type { ColumnDefinition } from '../table-definitions.js';
import type { Table } from '../tables.js';

/** A query in FetchXML, checked against the tables. https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/overview */
export interface FetchQuery {
  readonly root: FetchEntity;
  /** Every table of the query in the order of the document, the root first; the place in it is the entity's `index`. */
  readonly entities: readonly FetchEntity[];
  readonly orders: readonly FetchOrder[];
  readonly isDistinct: boolean;
  readonly isAggregate: boolean;
  readonly countsAll: boolean;
  readonly top: number | null;
  /** From 1. */
  readonly page: number;
  /** Rows of a page; null where the query leaves it to the server. */
  readonly count: number | null;
  readonly pagingCookie: string | null;
}

export interface FetchEntity {
  readonly index: number;
  readonly table: Table;
  /** Null for the root. */
  readonly alias: string | null;
  readonly columns: readonly FetchColumn[];
  readonly condition: FetchCondition | null;
  readonly links: readonly FetchLink[];
  /** How the table hangs on the one above it; null for the root. */
  readonly join: FetchJoin | null;
}

export type FetchLink = FetchEntity & { readonly join: FetchJoin };

/** `inner` and `outer` give columns; the others only tell whether there are related rows that match. */
export type JoinKind = 'inner' | 'outer' | 'first' | 'exists' | 'any' | 'not any' | 'all' | 'not all';

export interface FetchJoin {
  readonly kind: JoinKind;
  /** Column of the linked table. */
  readonly from: ColumnDefinition;
  /** Column of the table above. */
  readonly to: ColumnDefinition;
}

export interface FetchColumn {
  readonly column: ColumnDefinition;
  readonly alias: string | null;
  readonly aggregate: AggregateKind | null;
  readonly isDistinct: boolean;
  readonly isGroup: boolean;
  readonly dateGrouping: DateGrouping | null;
}

export type AggregateKind = 'count' | 'countcolumn' | 'sum' | 'avg' | 'min' | 'max';
export type DateGrouping = 'day' | 'week' | 'month' | 'quarter' | 'year' | 'fiscal-period' | 'fiscal-year';

export interface FetchOrder {
  readonly entity: FetchEntity;
  /** Null where the order names the alias of an aggregate. */
  readonly column: ColumnDefinition | null;
  readonly alias: string | null;
  readonly descending: boolean;
}

export type FetchCondition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FetchCondition[] }
  | ColumnCondition
  | { readonly kind: 'related'; readonly link: FetchLink };

export interface ColumnCondition {
  readonly kind: 'column';
  /** Alias of the table that the column is of; null for the one that the filter stands in. */
  readonly entityName: string | null;
  readonly column: string;
  readonly operator: string;
  readonly values: readonly string[];
  /** `column` or `alias.column` to compare with, in place of values. */
  readonly valueOf: string | null;
}
