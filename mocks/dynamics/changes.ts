import type { MockResponse } from '../control.js';
import { toBytes } from './byte-text.js';
import { answerRowsText, contextUrl, type RequestContext } from './context.js';
import { CODES, DynamicsError, queryError } from './errors.js';
import { MAX_PAGE_SIZE } from './prefer.js';
import { contextFragment } from './query/collection.js';
import { decodeSkipToken, encodeSkipToken } from './query/cookie.js';
import { take } from './query/expand.js';
import type { QueryOptions } from './query/options.js';
import { selectRows } from './query/select-rows.js';
import { selectProperties, writeRowOnce } from './query/write-row.js';
import { assertGlobal } from './reach.js';
import type { CollectionResource } from './resource.js';
import type { Row } from './store.js';
import type { Table } from './tables.js';

/*
 * Change tracking: https://learn.microsoft.com/power-apps/developer/data-platform/use-change-tracking-synchronize-data-external-systems
 */

const REFUSED = ['$filter', '$orderby', '$expand', '$top'];
const DEFAULT_EXPIRY_DAYS = 7;
const DAY_MILLISECONDS = 86_400_000;

/** Whether a query is one of change tracking: it begins one, pages through one, or asks for the changes since one. */
export function isTracked({ prefer }: RequestContext, { deltaToken, skipToken }: QueryOptions): boolean {
  return prefer.trackChanges || deltaToken !== undefined || (skipToken?.includes('istracking="True"') ?? false);
}

/** Answers a query for which `isTracked` holds. */
export function answerChanges(
  context: RequestContext,
  resource: CollectionResource,
  options: QueryOptions,
): MockResponse {
  const { table } = resource;
  if (table.definition.changeTracking === false || resource.ids !== null) {
    throw new DynamicsError(400, CODES.changeTrackingOff, `Entity ${table.name} isn't enabled for change tracking.`);
  }
  assertGlobal(context, 'Read', table);
  const refused = REFUSED.find((name) => options.all.has(name));
  if (refused !== undefined)
    throw queryError(`The "${refused}" query parameter isn't supported when Change Tracking is enabled.`);
  const tracked = { resource, options };
  if (options.deltaToken === undefined) return answerInitial(context, tracked);
  const since = parseDeltaToken(context, options.deltaToken);
  return resource.kind === 'count' ? answerChangeCount(context, table, since) : answerDelta(context, tracked, since);
}

interface Tracked {
  readonly resource: CollectionResource;
  readonly options: QueryOptions;
}

/**
 * All rows, page by page. The delta link comes with the last page and is stamped then: a row that changes after its page was given
 * out is not among the changes of the next pass.
 */
function answerInitial(context: RequestContext, { resource, options }: Tracked): MockResponse {
  const { table } = resource;
  const cookie = { primaryId: table.definition.primaryId, orderings: [] };
  const start = options.skipToken === undefined ? null : decodeSkipToken(options.skipToken, cookie);
  const selected = selectRows(context, { table, ids: null, filter: null, orderBy: [] });
  const size = context.prefer.maxPageSize ?? MAX_PAGE_SIZE;
  const found = [...take(selected.after(start?.after ?? null), size + 1)];
  const page = found.slice(0, size);
  const [first, last] = [page[0]?.place, page.at(-1)?.place];
  const hasMore = found.length > size && first !== undefined && last !== undefined;
  const tracked = { resource, options };
  const ends = hasMore ? { number: start?.number ?? 1, first, last } : null;
  const link =
    ends === null
      ? { '@odata.deltaLink': deltaLink(context, tracked, context.store.version) }
      : { '@odata.nextLink': linkWith(context, tracked, `$skiptoken=${tracking(encodeSkipToken(ends, cookie))}`) };
  const shape = { table, properties: selectProperties(table, options.select), expand: [] };
  const rows = page.map((it) => writeRowOnce(context, shape, it.row));
  return answerRowsText(
    context,
    { '@odata.context': contextUrl(context, contextFragment(table, options)), ...link },
    rows,
  );
}

/**
 * Changed rows by rising version, then deletions. The cookie of a further page tells after which entry it begins, and the version at
 * which the pass began: its delta link is stamped with that, so that what changes between two pages comes again.
 */
function answerDelta(context: RequestContext, { resource, options }: Tracked, since: number): MockResponse {
  const { table } = resource;
  const start =
    options.skipToken === undefined
      ? { isDeleted: false, version: since, stamp: context.store.version }
      : parseDeltaCookie(options.skipToken);
  const entries = changesSince(context, table, since).filter((entry) => isAfter(entry, start));
  const size = context.prefer.maxPageSize ?? MAX_PAGE_SIZE;
  const page = entries.slice(0, size);
  const last = page.at(-1);
  const repeated = `$deltatoken=${lowerHex(encodeURIComponent(options.deltaToken ?? ''))}`;
  const tracked = { resource, options };
  const next =
    entries.length > size && last !== undefined ? `${repeated}&$skiptoken=${deltaCookie(last, start.stamp)}` : null;
  const link =
    next === null
      ? { '@odata.deltaLink': deltaLink(context, tracked, start.stamp) }
      : { '@odata.nextLink': linkWith(context, tracked, next) };
  const shape = { table, properties: selectProperties(table, options.select), expand: [] };
  const head = { '@odata.context': contextUrl(context, `${contextFragment(table, options)}/$delta`), ...link };
  const written = page.map(({ id, row }) =>
    row === null ? toBytes(deletedEntity(context, table, id)) : writeRowOnce(context, shape, row),
  );
  return answerRowsText(context, head, written);
}

function answerChangeCount(context: RequestContext, table: Table, since: number): MockResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: `\uFEFF${changesSince(context, table, since).length}`,
  };
}

/** A changed row, or the id of a deleted one. */
interface ChangeEntry {
  readonly id: string;
  readonly version: number;
  readonly row: Row | null;
}

interface DeltaStart {
  readonly isDeleted: boolean;
  readonly version: number;
  readonly stamp: number;
}

function changesSince(context: RequestContext, table: Table, since: number): ChangeEntry[] {
  const rows = context.store.table(table.name);
  const changed = rows
    .changedSince(since)
    .map((row) => ({ id: String(row[table.definition.primaryId]), version: Number(row.versionnumber), row }));
  return [...changed, ...rows.deletedSince(since).map(({ id, version }) => ({ id, version, row: null }))];
}

function isAfter({ row, version }: ChangeEntry, start: DeltaStart): boolean {
  const isDeleted = row === null;
  return isDeleted === start.isDeleted ? version > start.version : isDeleted;
}

function deletedEntity(context: RequestContext, table: Table, id: string): string {
  const type = contextUrl(context, `${table.definition.setName}/$deletedEntity`);
  return JSON.stringify({ '@odata.context': type, id, reason: 'deleted' });
}

function deltaLink(context: RequestContext, tracked: Tracked, version: number): string {
  return linkWith(context, tracked, `$deltatoken=${lowerHex(encodeToken(version, context.now()))}`);
}

function linkWith(context: RequestContext, { resource, options }: Tracked, token: string): string {
  return `${context.base}${resource.path}?${[...options.rawWithoutToken, token].join('&')}`;
}

/** `919042!08/22/2017 08:10:44`. */
function encodeToken(version: number, at: Date): string {
  const [date = '', time = ''] = at.toISOString().slice(0, 19).split('T');
  const [year, month, day] = date.split('-');
  return encodeURIComponent(`${version}!${month}/${day}/${year} ${time}`).replaceAll('!', '%21');
}

function parseDeltaToken(context: RequestContext, token: string): number {
  const [, version, month, day, year, time] = /^(\d+)!(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)$/.exec(token) ?? [];
  if (version === undefined) throw queryError(`The delta token '${token}' is not valid.`);
  const age = context.now().getTime() - Date.parse(`${year}-${month}-${day}T${time}Z`);
  if (age > expiryDays(context) * DAY_MILLISECONDS) {
    throw new DynamicsError(
      400,
      CODES.expiredVersionStamp,
      'Version stamp associated with the client has expired. Please perform a full sync.',
    );
  }
  return Number(version);
}

function expiryDays(context: RequestContext): number {
  const [organization] = context.store.table('organization').all();
  const days = organization?.expirechangetrackingindays;
  return typeof days === 'number' ? days : DEFAULT_EXPIRY_DAYS;
}

function tracking(skipToken: string): string {
  return skipToken.replace('istracking=%22False%22', 'istracking=%22True%22');
}

function deltaCookie({ row, version }: ChangeEntry, stamp: number): string {
  const cookie = `<cookie pagenumber="2" pagingcookie="${row === null ? 'deleted' : 'changed'}-${version}-${stamp}" istracking="True" />`;
  return encodeURIComponent(cookie);
}

function parseDeltaCookie(token: string): DeltaStart {
  const [, kind, version, stamp] = /pagingcookie="(changed|deleted)-(\d+)-(\d+)"/.exec(token) ?? [];
  if (kind === undefined) throw queryError('Malformed XML in the Paging Cookie');
  return { isDeleted: kind === 'deleted', version: Number(version), stamp: Number(stamp) };
}

function lowerHex(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase());
}
