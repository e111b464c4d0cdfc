import type { MockResponse } from '../../control.js';
import { answerJson, contextUrl, type RequestContext } from '../context.js';
import { queryError, unknownProperty } from '../errors.js';
import { type ApplyAggregate, parseApply } from '../odata/apply.js';
import type { FilterNode } from '../odata/ast.js';
import { assertMayFollow, followed } from '../reach.js';
import { type Cell, isReference, type Row } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { isLookup, type Table, targetType } from '../tables.js';
import { type AggregateMethod, groupRows } from './aggregate.js';
import type { CollectionSource } from './collection.js';
import { answerCollection } from './collection.js';
import { assertFilter } from './filter.js';
import { formattedCount, formattedValue } from './formatted-value.js';
import type { QueryOptions } from './options.js';
import type { TableRow } from './related.js';
import { selectRows } from './select-rows.js';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';

/**
 * `GET accounts?$apply=groupby((statuscode),aggregate($count as count))`.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/aggregate-data
 *
 * @throws DynamicsError 400 for what is no property, cannot be grouped or summed, and beyond 50,000 rows.
 */
export function answerApply(context: RequestContext, source: CollectionSource, options: QueryOptions): MockResponse {
  const apply = parseApply(options.all.get('$apply') ?? '', { aliases: options.all });
  const filter = joined([...apply.filters, ...(options.filter === undefined ? [] : [options.filter])]);
  if (apply.groupBy.length === 0 && apply.aggregates.length === 0) {
    // A mere filter is the query option of that name.
    return answerCollection(context, source, { ...options, ...(filter === null ? {} : { filter }) });
  }
  const refused = ['$orderby', '$expand', '$select'].find((name) => options.all.has(name));
  if (refused === '$orderby') throw queryError('The query node SingleValueOpenPropertyAccess is not supported.');
  if (refused !== undefined) throw queryError(`The query parameter ${refused} is not supported with $apply.`);
  const { table } = source;
  if (filter !== null) assertFilter(context, table, filter);
  const keys = apply.groupBy.map((path) => groupColumn(context, table, path));
  const values = apply.aggregates.map((aggregate) => aggregateColumn(context, table, aggregate));
  const rows = selectRows(context, { table, ids: source.ids, filter, orderBy: [] });
  const groups = groupRows(rowsOf(table, rows.after(null)), {
    keys: keys.map(
      ({ path }) =>
        (row) =>
          cellAt(context, row, path),
    ),
    aggregations: values.map(({ path, method }) => ({
      method,
      valueOf: (row) => (path === null ? undefined : cellAt(context, row, path)),
    })),
  });
  const found = options.top === undefined ? groups : groups.slice(0, options.top);
  const columns = [...keys, ...values];
  return answerJson(context, {
    '@odata.context': contextUrl(context, table.definition.setName),
    value: found.map((group) => writeGroup(context, columns, [...group.keys, ...group.values])),
  });
}

function joined(filters: readonly FilterNode[]): FilterNode | null {
  const [first] = filters;
  if (first === undefined) return null;
  return filters.length === 1 ? first : { kind: 'and', nodes: filters };
}

function* rowsOf(table: Table, selected: Iterable<{ readonly row: Row }>): Generator<TableRow> {
  for (const { row } of selected) yield { table, row };
}

interface ResultColumn {
  readonly name: string;
  /** Null for `$count`. */
  readonly path: readonly string[] | null;
  /** The column whose values these are; null for a number of rows or of different values. */
  readonly column: ColumnDefinition | null;
}

/** A path over a lookup comes back under the name of the table that it leads to: `contact_fullname`. */
function groupColumn(
  context: RequestContext,
  table: Table,
  path: readonly string[],
): ResultColumn & { path: readonly string[] } {
  const { owner, column } = columnAt(context, table, path);
  if (column.type === 'DateTime' || column.type === 'DateOnly')
    throw queryError(`Grouping by the date property '${path.join('/')}' is not supported; use FetchXML.`);
  const last = path.at(-1) ?? '';
  return { name: path.length === 1 ? last : `${owner.name}_${last}`, path, column };
}

const METHODS: Readonly<Record<ApplyAggregate['method'], AggregateMethod>> = {
  count: 'count',
  sum: 'sum',
  average: 'avg',
  min: 'min',
  max: 'max',
  countdistinct: 'countdistinct',
};

const NUMBERS: ReadonlySet<string> = new Set(['Integer', 'BigInt', 'Decimal', 'Double', 'Money']);

function aggregateColumn(
  context: RequestContext,
  table: Table,
  { path, method, alias }: ApplyAggregate,
): ResultColumn & { readonly method: AggregateMethod } {
  if (table.properties.has(alias))
    throw queryError(`The alias '${alias}' is the name of a property of 'Microsoft.Dynamics.CRM.${table.name}'.`);
  const known = { name: alias, method: METHODS[method] };
  if (path === null) return { ...known, path, column: null };
  const { column } = columnAt(context, table, path);
  if ((method === 'sum' || method === 'average') && !NUMBERS.has(column.type))
    throw queryError(`The property '${path.join('/')}' cannot be aggregated with ${method}: it is no number.`);
  return { ...known, path, column: method === 'countdistinct' ? null : column };
}

function columnAt(
  context: RequestContext,
  table: Table,
  [first = '', ...rest]: readonly string[],
): { readonly owner: Table; readonly column: ColumnDefinition } {
  if (rest.length === 0) {
    const column = table.properties.get(first)?.column;
    if (column === undefined) throw unknownProperty(first, table.name);
    return { owner: table, column };
  }
  const navigation = table.navigation.get(first);
  if (navigation?.kind !== 'lookup') throw unknownProperty(first, table.name);
  assertMayFollow(context, navigation);
  return columnAt(context, targetType(context.tables, navigation), rest);
}

function cellAt(context: RequestContext, row: TableRow, [first = '', ...rest]: readonly string[]): Cell | undefined {
  if (rest.length === 0) {
    const column = row.table.properties.get(first)?.column;
    return column === undefined ? undefined : row.row[column.name];
  }
  const navigation = row.table.navigation.get(first);
  const target = navigation === undefined ? undefined : followed(context, row, navigation);
  return target === undefined ? undefined : cellAt(context, target, rest);
}

/** Without a key, without an ETag; what has no value is left out. */
function writeGroup(
  context: RequestContext,
  columns: readonly ResultColumn[],
  cells: readonly (Cell | undefined)[],
): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  columns.forEach(({ name, column }, at) => {
    const cell = cells[at];
    if (cell === undefined) return;
    const formatted =
      column === null
        ? formattedCount(context, Number(cell))
        : formattedValue(context, { [column.name]: cell }, column);
    if (formatted !== undefined && context.prefer.includesAnnotation(FORMATTED))
      json[`${name}@${FORMATTED}`] = formatted;
    if (isReference(cell) && column !== null && isLookup(column) && context.prefer.wantsAnnotations)
      json[`${name}@Microsoft.Dynamics.CRM.lookuplogicalname`] = cell.table;
    json[name] = isReference(cell) ? cell.id : cell;
  });
  return json;
}
