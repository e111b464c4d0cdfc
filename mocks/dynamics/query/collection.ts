import type { MockResponse } from '../../control.js';
import { answerRowsText, contextUrl, LONG, type RequestContext } from '../context.js';
import { queryError } from '../errors.js';
import type { ExpandItem, FilterNode, OrderItem } from '../odata/ast.js';
import { MAX_PAGE_SIZE } from '../prefer.js';
import type { Row } from '../store.js';
import type { Table } from '../tables.js';
import { decodeSkipToken, encodeSkipToken } from './cookie.js';
import { assertExpand, take } from './expand.js';
import { assertFilter } from './filter.js';
import type { QueryOptions } from './options.js';
import { type SelectedRows, selectRows } from './select-rows.js';
import { type RowShape, selectProperties, writeRow, writeRowOnce } from './write-row.js';

/** The rows that a request addresses: an entity set, or a collection that hangs on a row. */
export interface CollectionSource {
  readonly table: Table;
  /** Null: all rows of the table. */
  readonly ids: Iterable<string> | null;
  /** What follows the base of the URL, as the client wrote it. */
  readonly path: string;
}

/** Counts stop here. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/count-rows */
export const COUNT_LIMIT = 5000;

/** `GET contacts?…`. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/overview */
export function answerCollection(
  context: RequestContext,
  source: CollectionSource,
  options: QueryOptions,
): MockResponse {
  const query = checkQuery(context, source.table, options);
  const selected = selectRows(context, {
    table: source.table,
    ids: source.ids,
    filter: query.filter,
    orderBy: query.orderBy,
  });
  const { rows, nextLink } = readPage(context, { source, options, selected });
  const shape = {
    table: source.table,
    properties: selectProperties(source.table, options.select),
    expand: query.expand,
  };
  const head = {
    '@odata.context': contextUrl(context, contextFragment(source.table, options)),
    ...countProperties(context, selected, options),
    '@odata.nextLink': nextLink ?? undefined,
  };
  return answerRowsText(context, head, writeRows(context, shape, rows));
}

/**
 * Rows never change, so that those of a long page may be written while it is sent; what they expand to, and the names and labels of
 * annotations, might.
 */
function writeRows(context: RequestContext, shape: RowShape, rows: readonly Row[]): Iterable<string> {
  if (rows.length <= LONG) return rows.map((row) => writeRow(context, shape, row));
  const written = writeEach(context, shape, rows);
  const isOnItsOwn = shape.expand.length === 0 && !context.prefer.wantsAnnotations;
  return isOnItsOwn ? written : context.tables.beforeChange.pieces(written);
}

function* writeEach(context: RequestContext, shape: RowShape, rows: readonly Row[]): Generator<string> {
  for (const row of rows) yield writeRowOnce(context, shape, row);
}

/** `GET contacts/$count`: digits after a byte order mark. */
export function answerCount(context: RequestContext, source: CollectionSource, options: QueryOptions): MockResponse {
  const query = checkQuery(context, source.table, options);
  const selected = selectRows(context, { table: source.table, ids: source.ids, filter: query.filter, orderBy: [] });
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: `\uFEFF${Math.min(countUpTo(selected), COUNT_LIMIT)}`,
  };
}

interface CheckedQuery {
  readonly filter: FilterNode | null;
  readonly orderBy: readonly OrderItem[];
  readonly expand: readonly ExpandItem[];
}

function checkQuery(context: RequestContext, table: Table, options: QueryOptions): CheckedQuery {
  if (options.filter !== undefined) assertFilter(context, table, options.filter);
  assertExpand(context, table, options.expand ?? []);
  if (options.top !== undefined && options.top > MAX_PAGE_SIZE) {
    throw queryError(`The value of $top, ${options.top}, exceeds the limit of ${MAX_PAGE_SIZE}.`);
  }
  return { filter: options.filter ?? null, orderBy: options.orderBy ?? [], expand: options.expand ?? [] };
}

interface PageRequest {
  readonly source: CollectionSource;
  readonly options: QueryOptions;
  readonly selected: SelectedRows;
}

/** `$top` ends a collection without a link, but is ignored where the client asks for pages. */
function readPage(context: RequestContext, { source, options, selected }: PageRequest) {
  const { maxPageSize } = context.prefer;
  const isTop = options.top !== undefined && maxPageSize === null;
  const size = isTop ? (options.top ?? 0) : (maxPageSize ?? MAX_PAGE_SIZE);
  const cookie = { primaryId: source.table.definition.primaryId, orderings: selected.orderings };
  const start = options.skipToken === undefined ? null : decodeSkipToken(options.skipToken, cookie);
  const found = [...take(selected.after(start?.after ?? null), isTop ? size : size + 1)];
  const page = found.slice(0, size);
  const [first, last] = [page[0]?.place, page.at(-1)?.place];
  const hasMore = found.length > size && first !== undefined && last !== undefined;
  const token = hasMore ? encodeSkipToken({ number: start?.number ?? 1, first, last }, cookie) : null;
  return {
    rows: page.map((it) => it.row),
    nextLink: token === null ? null : pageLink(context, { source, options, token }),
  };
}

/** The link repeats every option of the client as it was written. */
function pageLink(
  context: RequestContext,
  { source, options, token }: { source: CollectionSource; options: QueryOptions; token: string },
): string {
  return `${context.base}${source.path}?${[...options.rawWithoutToken, `$skiptoken=${token}`].join('&')}`;
}

function countProperties(
  context: RequestContext,
  selected: SelectedRows,
  options: QueryOptions,
): Record<string, unknown> {
  const { prefer } = context;
  const count = options.count === true ? countUpTo(selected) : -1;
  const capped = Math.min(count, COUNT_LIMIT);
  return {
    ...(options.count === true ? { '@odata.count': capped } : {}),
    ...(prefer.includesAnnotation('Microsoft.Dynamics.CRM.totalrecordcount')
      ? { '@Microsoft.Dynamics.CRM.totalrecordcount': capped }
      : {}),
    ...(prefer.includesAnnotation('Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded')
      ? { '@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded': count > COUNT_LIMIT }
      : {}),
    ...(prefer.includesAnnotation('Microsoft.Dynamics.CRM.globalmetadataversion')
      ? { '@Microsoft.Dynamics.CRM.globalmetadataversion': String(context.tables.version) }
      : {}),
  };
}

function countUpTo(selected: SelectedRows): number {
  let count = 0;
  for (const _ of take(selected.after(null), COUNT_LIMIT + 1)) count += 1;
  return count;
}

/** `contacts(fullname,_parentcustomerid_value,primarycontactid(fullname))`. */
export function contextFragment(table: Table, options: Pick<QueryOptions, 'select' | 'expand'>): string {
  const expanded = (options.expand ?? []).map((item) => `${item.property}(${(item.select ?? []).join(',')})`);
  const parts = [...(options.select ?? []), ...expanded];
  return parts.length === 0 ? table.definition.setName : `${table.definition.setName}(${parts.join(',')})`;
}
