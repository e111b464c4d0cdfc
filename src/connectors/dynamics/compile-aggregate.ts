import type { AggregateFunction, AggregateQuery, Measure } from '../../model/aggregate.js';
import { type Column, findColumn, type Table } from '../../model/table.js';
import { columnAnnotations, encode } from './compile.js';
import { compileFilter, noTables, type TableLookup } from './compile-filter.js';
import { badInput, propertyOf, readableColumn } from './literal.js';

/** An aggregate query in the words of the Web API; plain text, which `aggregateTarget` encodes. */
export interface CompiledAggregate {
  readonly setName: string;
  readonly apply: string;
  readonly annotations: readonly string[];
  readonly keys: readonly Column[];
  /** Names under which the answer has the count and the measures; null where the count was not asked for. */
  readonly count: string | null;
  readonly measures: readonly AliasedMeasure[];
}

export interface AliasedMeasure extends Measure {
  readonly column: Column;
  readonly alias: string;
}

/**
 * Compiles an aggregate query to `$apply`. Rejects with `BAD_USER_INPUT` an unknown column, and one that Dynamics cannot group by or
 * sum up: it groups by no dates and no columns of several choices.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/aggregate-data
 */
export function compileAggregate(query: AggregateQuery<Table>, tables: TableLookup = noTables): CompiledAggregate {
  const { from: table } = query;
  const keys = [...new Set(query.groupBy)].map((name) => groupedColumn(table, name));
  const count = query.count ? aliasOf(table, 'count') : null;
  const measures = query.measures.map((measure) => aliased(table, measure));
  const steps = [
    ...(query.filter ? [`filter(${compileFilter(table, query.filter, tables)})`] : []),
    compileTransformation(keys, compileAggregates(count, measures)),
  ];
  return {
    setName: table.setName,
    apply: steps.join('/'),
    annotations: columnAnnotations(keys),
    keys,
    count,
    measures,
  };
}

/** Path and query below the Web API. `skipToken` is as it stood in a nextLink, still encoded. */
export function aggregateTarget({ setName, apply }: CompiledAggregate, skipToken: string | null): string {
  return `${setName}?$apply=${encode(apply)}${skipToken === null ? '' : `&$skiptoken=${skipToken}`}`;
}

function compileTransformation(keys: readonly Column[], aggregates: string | null): string {
  if (keys.length === 0 && aggregates !== null) return aggregates;
  if (keys.length === 0) throw badInput('Expected an aggregate query to ask for a count, a measure or groups.');
  const list = `(${keys.map(propertyOf).join(',')})`;
  return `groupby(${aggregates === null ? list : `${list},${aggregates}`})`;
}

function compileAggregates(count: string | null, measures: readonly AliasedMeasure[]): string | null {
  const parts = [
    ...(count === null ? [] : [`$count as ${count}`]),
    ...measures.map(({ column, function: name, alias }) => `${propertyOf(column)} with ${METHODS[name]} as ${alias}`),
  ];
  return parts.length === 0 ? null : `aggregate(${parts.join(',')})`;
}

const METHODS = {
  sum: 'sum',
  avg: 'average',
  min: 'min',
  max: 'max',
  countDistinct: 'countdistinct',
} as const satisfies Record<AggregateFunction, string>;

const UNGROUPED = new Set<Column['type']>(['date', 'datetime', 'choices']);

function groupedColumn(table: Table, name: string): Column {
  const column = readableColumn(table, name);
  if (!UNGROUPED.has(column.type)) return column;
  throw badInput(
    `Expected a column to group by, but column "${name}" is of type ${column.type}, which Dynamics cannot group by.`,
  );
}

function aliased(table: Table, measure: Measure): AliasedMeasure {
  const column = readableColumn(table, measure.path);
  const isMeasured = measure.function === 'countDistinct' || MEASURED[measure.function].has(column.type);
  if (isMeasured) return { ...measure, column, alias: aliasOf(table, `${measure.function}_${column.name}`) };
  throw badInput(
    `Expected a column for ${measure.function}, but column "${column.name}" is of type ${column.type}, which Dynamics cannot sum up so.`,
  );
}

const NUMBERS = ['integer', 'bigint', 'decimal', 'double', 'money'] as const;

const MEASURED: Readonly<Record<Exclude<AggregateFunction, 'countDistinct'>, ReadonlySet<Column['type']>>> = {
  sum: new Set<Column['type']>(NUMBERS),
  avg: new Set<Column['type']>(NUMBERS),
  min: new Set<Column['type']>([...NUMBERS, 'date', 'datetime']),
  max: new Set<Column['type']>([...NUMBERS, 'date', 'datetime']),
};

/** Dynamics refuses an alias that is the name of a column. */
function aliasOf(table: Table, wanted: string): string {
  return findColumn(table, wanted) ? aliasOf(table, `${wanted}_`) : wanted;
}
