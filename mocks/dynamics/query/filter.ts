import type { RequestContext } from '../context.js';
import { unknownProperty } from '../errors.js';
import type { FilterNode, Value } from '../odata/ast.js';
import { checkFilter, type PropertyType } from '../odata/check-filter.js';
import { ODataPropertyError } from '../odata/errors.js';
import { evaluateFilter } from '../odata/evaluator.js';
import type { Asker } from '../odata/function-predicates.js';
import { assertMayFollow, followed, reachOf } from '../reach.js';
import { isReference } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { type Table, targetType } from '../tables.js';
import { languageOf } from './language.js';
import { relatedIds, relatedRows, type TableRow } from './related.js';

/** Compiles a condition on the rows of a table to a function; it has been checked by `assertFilter`. */
export function compileCondition(context: RequestContext, filter: FilterNode): (row: TableRow) => boolean {
  const { store } = context;
  const resolver = {
    value: (row: TableRow, path: readonly string[]) => valueAt(context, row, path),
    related: (row: TableRow, path: readonly string[]) => {
      const navigation = row.table.navigation.get(path[0] ?? '');
      if (navigation === undefined || navigation.kind === 'lookup') return undefined;
      const isReached = reachOf(context, 'Read', context.tables.get(navigation.table)) ?? (() => true);
      return relatedRows(store, row, navigation).filter((it) => isReached(it.row));
    },
    ...askerOf(context),
  };
  return (row) => evaluateFilter(filter, row, resolver);
}

/** What query functions may ask about the caller, the time and hierarchies of rows. */
export function askerOf(context: RequestContext): Asker {
  const businessUnit = context.user.businessunitid;
  return {
    now: () => context.now(),
    userId: String(context.user.systemuserid),
    teamIds: teamIdsOf(context),
    languageCode: languageOf(context),
    ancestorsOf: (id) => ancestorsOf(context, id),
    ...(businessUnit !== undefined && isReference(businessUnit) ? { businessUnitId: businessUnit.id } : {}),
  };
}

/** A hierarchy that was made into a circle by other means ends where it began. */
const MAX_ANCESTORS = 100;

/** The ids above a row in the hierarchies its table has, nearest first. https://learn.microsoft.com/power-apps/developer/data-platform/visualize-hierarchical-data */
function ancestorsOf({ store, tables }: RequestContext, id: string): readonly string[] {
  const ancestors = new Set<string>();
  for (const { isHierarchical, referencingEntity, referencingAttribute } of tables.relationships) {
    if (!isHierarchical) continue;
    let above = store.table(referencingEntity).get(id)?.[referencingAttribute];
    while (above !== undefined && isReference(above) && !ancestors.has(above.id) && ancestors.size < MAX_ANCESTORS) {
      ancestors.add(above.id);
      above = store.table(referencingEntity).get(above.id)?.[referencingAttribute];
    }
  }
  return [...ancestors];
}

function teamIdsOf({ store, tables, user }: RequestContext): string[] {
  const table = tables.get('systemuser');
  const teams = table.navigation.get('teammembership_association');
  return teams?.kind === 'many-to-many' ? [...relatedIds(store, { table, row: user }, teams)] : [];
}

/** The value at a path over lookups; null where a lookup on the way is empty, undefined where there is no such property. */
export function valueAt(context: RequestContext, row: TableRow, path: readonly string[]): Value | undefined {
  const [first = '', ...rest] = path;
  if (rest.length === 0) return ownValue(row, first);
  const navigation = row.table.navigation.get(first);
  if (navigation === undefined) return undefined;
  const target = followed(context, row, navigation);
  return target === undefined ? null : valueAt(context, target, rest);
}

function ownValue({ table, row }: TableRow, name: string): Value | undefined {
  const column = columnNamed(table, name);
  if (column === undefined) return undefined;
  const cell = row[column.name];
  if (cell === undefined) return null;
  return isReference(cell) ? cell.id : cell;
}

/** Query functions name columns (`ownerid`), comparisons name properties (`_ownerid_value`). */
export function columnNamed(table: Table, name: string): ColumnDefinition | undefined {
  return table.properties.get(name)?.column ?? table.columns.get(name);
}

/**
 * Checks every path and type of a condition, whether or not there are rows to apply it to.
 *
 * @throws DynamicsError 400 naming the property and the type that lacks it, 403 where a path leads to a table that the caller may not
 *   read; ODataError where types do not fit.
 */
export function assertFilter(context: RequestContext, table: Table, filter: FilterNode): void {
  try {
    checkFilter(filter, (path) => typeAt(context, table, path));
  } catch (error) {
    throw error instanceof ODataPropertyError ? missingAt(context, table, error.path) : error;
  }
}

function typeAt(context: RequestContext, table: Table, path: readonly string[]): PropertyType | undefined {
  const [first = '', ...rest] = path;
  if (rest.length > 0) {
    const target = targetOf(context, table, first);
    return target === undefined ? undefined : typeAt(context, target, rest);
  }
  const property = table.properties.get(first);
  if (property !== undefined) return TYPES[property.column.type] ?? 'string';
  return targetOf(context, table, first) !== undefined || table.columns.has(first) ? 'collection' : undefined;
}

function targetOf(context: RequestContext, table: Table, name: string): Table | undefined {
  const navigation = table.navigation.get(name);
  if (navigation === undefined) return undefined;
  assertMayFollow(context, navigation);
  return targetType(context.tables, navigation);
}

/** The error for the first name on a path that its table does not have. */
function missingAt(context: RequestContext, table: Table, [first = '', ...rest]: readonly string[]): Error {
  const target = targetOf(context, table, first);
  return target === undefined || rest.length === 0
    ? unknownProperty(first, table.name)
    : missingAt(context, target, rest);
}

const TYPES: Partial<Record<ColumnDefinition['type'], PropertyType>> = {
  Integer: 'number',
  BigInt: 'number',
  Decimal: 'number',
  Double: 'number',
  Money: 'number',
  Picklist: 'number',
  State: 'number',
  Status: 'number',
  Boolean: 'boolean',
  DateTime: 'date',
  DateOnly: 'date',
  Uniqueidentifier: 'guid',
  Lookup: 'guid',
  Customer: 'guid',
  Owner: 'guid',
};
