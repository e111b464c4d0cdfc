import type { MockResponse } from '../../control.js';
import { answerJson, contextUrl, type RequestContext } from '../context.js';
import { MAX_PAGE_SIZE } from '../prefer.js';
import { assertPrivilege } from '../privileges.js';
import { COUNT_LIMIT, type CollectionSource } from '../query/collection.js';
import { type CookieContext, decodeCookie, encodeCookie } from '../query/cookie.js';
import { take } from '../query/expand.js';
import { formattedValue } from '../query/formatted-value.js';
import { columnKey, compareKeys, type SortedRow, type SortKey } from '../query/order.js';
import { aggregateFetch } from './aggregate-fetch.js';
import { fetchError } from './errors.js';
import { joinRows } from './join-rows.js';
import { parseFetch } from './parse-fetch.js';
import type { FetchOrder, FetchQuery } from './query.js';
import type { Scope } from './scope.js';
import { writeScope } from './write-scope.js';

const PAGING_COOKIE = 'Microsoft.Dynamics.CRM.fetchxmlpagingcookie';
const MORE_RECORDS = 'Microsoft.Dynamics.CRM.morerecords';
const METADATA_VERSION = 'Microsoft.Dynamics.CRM.globalmetadataversion';
const TOTAL = 'Microsoft.Dynamics.CRM.totalrecordcount';
const TOTAL_EXCEEDED = 'Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded';

/**
 * `GET accounts?fetchXml=…`. https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/retrieve-data
 *
 * @throws DynamicsError 400 naming what is wrong with the query.
 */
export function answerFetch(context: RequestContext, source: CollectionSource, text: string): MockResponse {
  const query = parseFetch(context.tables, text);
  const { rows, hasMore, cookie, total } = runFetch(context, source, query);
  const { prefer } = context;
  const annotation = (term: string, value: unknown) => (prefer.includesAnnotation(term) ? { [`@${term}`]: value } : {});
  return answerJson(context, {
    '@odata.context': contextUrl(context, contextFragment(source, query)),
    ...annotation(TOTAL, total === null ? -1 : Math.min(total, COUNT_LIMIT)),
    ...annotation(TOTAL_EXCEEDED, total !== null && total > COUNT_LIMIT),
    ...annotation(METADATA_VERSION, String(context.tables.version)),
    ...(hasMore ? annotation(PAGING_COOKIE, cookie) : {}),
    ...(hasMore ? annotation(MORE_RECORDS, true) : {}),
    value: rows,
  });
}

function contextFragment({ table }: CollectionSource, { root, isAggregate }: FetchQuery): string {
  const names = isAggregate ? [] : root.columns.map(({ alias, column }) => alias ?? column.name);
  return names.length === 0 || names.length === table.properties.size
    ? table.definition.setName
    : `${table.definition.setName}(${names.join(',')})`;
}

export interface FetchResult {
  readonly rows: readonly object[];
  readonly hasMore: boolean;
  /** How the next page is asked for; empty where there is none. */
  readonly cookie: string;
  /** Null where the query does not ask for it. */
  readonly total: number | null;
}

/**
 * Carries a query out on a collection.
 *
 * @throws DynamicsError 400 where its table is not that of the collection, 403 where the caller may not read a table it joins.
 */
export function runFetch(context: RequestContext, source: CollectionSource, query: FetchQuery): FetchResult {
  if (query.root.table.name !== source.table.name) {
    throw fetchError(
      'invalidQuery',
      `Expected the entity of the query, '${query.root.table.name}', to be '${source.table.name}', which the URL addresses.`,
    );
  }
  for (const { table } of query.entities) assertPrivilege(context, 'Read', table);
  const scopes = joinRows(context, query, source.ids);
  if (query.isAggregate) return pageByNumber(query, aggregateFetch(context, query, scopes));
  if (query.isDistinct) {
    const rows = distinct([...sorted(context, query, scopes)].map(({ scope }) => writeScope(context, query, scope)));
    return pageByNumber(query, rows);
  }
  return pageOfScopes(context, query, sorted(context, query, scopes));
}

interface PlacedScope {
  readonly scope: Scope;
  readonly place: SortedRow;
}

/** Without an order nothing is sorted, and no more is read than a page needs. */
function sorted(context: RequestContext, query: FetchQuery, scopes: Iterable<Scope>): Iterable<PlacedScope> {
  const placed = places(context, query, scopes);
  return query.orders.length === 0 ? placed : [...placed].sort((a, b) => compareKeys(query.orders, a.place, b.place));
}

function* places(context: RequestContext, query: FetchQuery, scopes: Iterable<Scope>): Generator<PlacedScope> {
  const { primaryId } = query.root.table.definition;
  for (const scope of scopes) {
    const id = String(scope[query.root.index]?.[primaryId]);
    yield { scope, place: { id, keys: query.orders.map((order) => keyOf(context, order, scope)) } };
  }
}

/** Choices are ordered by their labels here, not by their numbers. https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/order-rows */
function keyOf(context: RequestContext, { entity, column }: FetchOrder, scope: Scope): SortKey {
  const row = scope[entity.index];
  if (row === undefined || column === null) return null;
  const isChoice = column.type === 'Picklist' || column.type === 'State' || column.type === 'Status';
  return isChoice ? (formattedValue(context, row, column)?.toLowerCase() ?? null) : columnKey(context, row, column);
}

function distinct(rows: readonly object[]): object[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row).toLowerCase(), row])).values()];
}

/**
 * A page that follows a cookie begins after the row that it names, so that it misses and repeats none after a write. Rows joined
 * with others have no such place: their pages are counted, as the service does.
 */
function pageOfScopes(context: RequestContext, query: FetchQuery, scopes: Iterable<PlacedScope>): FetchResult {
  const isCounted = query.entities.some(({ join }) => join?.kind === 'inner' || join?.kind === 'outer');
  const cookies = cookieContext(query);
  const follows = query.pagingCookie !== null && query.page > 1 && !isCounted;
  const after = follows ? decodeCookie(query.pagingCookie ?? '', cookies) : null;
  const placed = query.countsAll ? [...scopes] : scopes;
  const begun = after === null ? skip(placed, offsetOf(query)) : skipTo(query, placed, after);
  const taken = [...take(begun, sizeOf(query) + 1)];
  const found = taken.slice(0, sizeOf(query));
  const hasMore = query.top === null && taken.length > found.length;
  const [first, last] = [found[0]?.place, found.at(-1)?.place];
  const canFollow = hasMore && !isCounted && first !== undefined && last !== undefined;
  return {
    rows: found.map(({ scope }) => writeScope(context, query, scope)),
    hasMore,
    cookie: canFollow ? encodeCookie({ number: query.page, first, last }, cookies) : countedCookie(query),
    total: Array.isArray(placed) ? placed.length : null,
  };
}

function* skip<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let at = 0;
  for (const item of items) {
    if (at >= count) yield item;
    at += 1;
  }
}

function* skipTo({ orders }: FetchQuery, placed: Iterable<PlacedScope>, after: SortedRow): Generator<PlacedScope> {
  for (const it of placed) if (compareKeys(orders, it.place, after) > 0) yield it;
}

function cookieContext({ root, orders }: FetchQuery): CookieContext {
  return {
    primaryId: root.table.definition.primaryId,
    orderings: orders.map(({ column }) => ({ name: column?.name ?? '' })),
  };
}

function pageByNumber(query: FetchQuery, rows: readonly object[]): FetchResult {
  const start = offsetOf(query);
  const found = rows.slice(start, start + sizeOf(query));
  const hasMore = query.top === null && rows.length > start + found.length;
  return { rows: found, hasMore, cookie: countedCookie(query), total: query.countsAll ? rows.length : null };
}

/** A cookie that names no row. */
function countedCookie({ page }: FetchQuery): string {
  return `<cookie pagenumber="${page + 1}" istracking="False" />`;
}

function offsetOf(query: FetchQuery): number {
  return (query.page - 1) * sizeOf(query);
}

function sizeOf({ top, count }: FetchQuery): number {
  return Math.min(top ?? count ?? MAX_PAGE_SIZE, MAX_PAGE_SIZE);
}
