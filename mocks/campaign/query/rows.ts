import { noDataSource, unknownSchema } from '../errors.js';
import type { Candidates, Range } from '../expression/access.js';
import { type Compiled, logic } from '../expression/compile.js';
import { isTruthy } from '../expression/operand.js';
import type { CompiledSchema } from '../schema-model.js';
import type { SessionView } from '../session-view.js';
import type { Row, Table } from '../store.js';
import { emptyValue, kindOf, type Value } from '../values.js';
import type { XmlElement } from '../xml.js';
import { compileConditions } from './conditions.js';
import type { QueryContext } from './context.js';
import { systemFilter } from './system-filter.js';

/** The schema of a query. Faults where there is none, or none with rows. */
export function sourceSchema(id: string, view: SessionView): CompiledSchema {
  const schema = view.lookup(id);
  if (!schema) throw unknownSchema(id);
  if (!schema.root || schema.table === null) throw noDataSource(id);
  return schema;
}

/** What a `where` lets through, together with what the schema's own filters let through; undefined where that is every row. */
export function rowFilter(
  where: XmlElement | undefined,
  schema: CompiledSchema,
  context: QueryContext,
): Compiled | undefined {
  const conditions = [
    systemFilter(schema, 'readAccess', context),
    where && compileConditions(where, schema, context),
  ].filter((condition) => condition !== undefined);
  const [only] = conditions;
  return conditions.length > 1 ? logic('and', conditions) : only;
}

/** The rows that a `where` finds, in the order in which they came to be; without one all rows. */
export function matchingRows(
  where: XmlElement | undefined,
  schema: CompiledSchema,
  context: QueryContext,
): readonly Row[] {
  return filterRows(rowFilter(where, schema, context), schema, context.view);
}

/** The rows that a filter lets through, at most `limit`, in the order in which they came to be. */
export function filterRows(
  filter: Compiled | undefined,
  schema: CompiledSchema,
  view: SessionView,
  limit = Number.POSITIVE_INFINITY,
): readonly Row[] {
  const found: Row[] = [];
  for (const row of candidateRows(filter, schema, view)) {
    if (found.length >= limit) return found;
    if (!filter || isTruthy(filter.evaluate({ row }))) found.push(row);
  }
  return found;
}

/** All rows, or those that an index names, each once and in the order they came to be. */
function candidateRows(filter: Compiled | undefined, schema: CompiledSchema, view: SessionView): Iterable<Row> {
  const table = view.tableOf(schema);
  const { candidates, range } = filter ?? {};
  const own = candidates && resolveLinks(candidates, view);
  if (own) return rowsByValue(own, table);
  return (range && rowsInRange(range, table)) ?? table.rows();
}

interface OwnCandidates {
  readonly path: string;
  readonly values: readonly Value[];
}

const MAX_LINKED_VALUES = 10_000;

/** Values at the end of links become the foreign keys that lead to them; undefined where that is no help. */
function resolveLinks({ path, values, end }: Candidates, view: SessionView): OwnCandidates | undefined {
  let own: OwnCandidates = { path, values };
  for (const link of [...(end?.links ?? [])].reverse()) {
    const target = view.lookup(link.target);
    const [join, another] = link.joins;
    if (!target?.table || !join || another || own.values.length > MAX_LINKED_VALUES) return undefined;
    const rows = rowsByValue(own, view.tableOf(target));
    own = { path: join.source, values: rows.map((row) => row.values[join.destination] ?? null).filter(Boolean) };
  }
  return own;
}

function rowsByValue({ path, values }: OwnCandidates, table: Table): readonly Row[] {
  const found = new Map<number, Row>();
  for (const value of values) for (const row of table.find([path], [value])) found.set(row.serial, row);
  return [...found.values()].sort((left, right) => left.serial - right.serial);
}

/** An index saves work only where it names few of the rows. */
const WORTHWHILE_SHARE = 0.25;

function rowsInRange({ column, low, high }: Range, table: Table): readonly Row[] | undefined {
  const order = table.ordered(column.path, emptyValue(kindOf(column.type)));
  const { start, end } = order.range(low, high);
  if (end - start > table.size * WORTHWHILE_SHARE) return undefined;
  const serials = order
    .serials()
    .slice(start, end)
    .sort((left, right) => left - right);
  return serials.flatMap((serial) => table.get(serial) ?? []);
}
