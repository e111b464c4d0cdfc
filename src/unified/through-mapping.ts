import { findAttribute, neutralPath } from '../model/campaign-schema.js';
import { RequestError } from '../model/errors.js';
import type { Filter, Order, Scalar } from '../model/query.js';
import { findColumn } from '../model/table.js';
import type { UnifiedTarget } from './schema/field-source.js';

/**
 * Carries a filter on the columns of a mapped table over to the Campaign attributes they are mapped to, values in the attributes' types.
 * Rejects with BAD_USER_INPUT a column that is not mapped.
 */
export function filterThroughMapping(target: UnifiedTarget, filter: Filter): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, filters: filter.filters.map((inner) => filterThroughMapping(target, inner)) };
    case 'not':
      return { ...filter, filter: filterThroughMapping(target, filter.filter) };
    case 'compare': {
      const path = pathOf(target, filter.path);
      if (holdsSeveral(target, filter.path)) return compareChoices(path, filter);
      return { ...filter, path, value: scalarAt(target, path, filter.value) };
    }
    case 'in': {
      const path = pathOf(target, filter.path);
      if (holdsSeveral(target, filter.path)) return anyHeld(path, filter.values);
      return { ...filter, path, values: filter.values.map((value) => scalarAt(target, path, value)) };
    }
    default:
      return { ...filter, path: pathOf(target, filter.path) };
  }
}

function holdsSeveral({ table }: UnifiedTarget, column: string): boolean {
  return findColumn(table, column)?.type === 'choices';
}

/** As in Dynamics, a column of several choices equals a value when that is among them. */
function compareChoices(path: string, { operator, value, ...of }: Extract<Filter, { kind: 'compare' }>): Filter {
  if (operator === 'eq') return anyHeld(path, [value]);
  if (operator === 'ne') return { kind: 'not', filter: anyHeld(path, [value]) };
  throw new RequestError(
    'BAD_USER_INPUT',
    `Expected eq, ne or in for column "${of.path}", which holds several choices, but got ${operator}.`,
  );
}

/** Campaign keeps several choices as one text, `1,3`. */
function anyHeld(path: string, values: readonly Scalar[]): Filter {
  const filters = values.flatMap((value): readonly Filter[] => [
    { kind: 'compare', path, operator: 'eq', value: String(value) },
    { kind: 'text', path, operator: 'startsWith', value: `${value},` },
    { kind: 'text', path, operator: 'contains', value: `,${value},` },
    { kind: 'text', path, operator: 'endsWith', value: `,${value}` },
  ]);
  return { kind: 'or', filters };
}

/** Carries an order over likewise. */
export function orderThroughMapping(target: UnifiedTarget, orderBy: readonly Order[]): readonly Order[] {
  return orderBy.map((order) => ({ ...order, path: pathOf(target, order.path) }));
}

function pathOf({ mapping, table }: UnifiedTarget, column: string): string {
  const path = column === table.primaryId ? mapping.key : mapping.fields.find((field) => field.column === column)?.path;
  if (path !== undefined) return neutralPath(path);
  throw new RequestError(
    'BAD_USER_INPUT',
    `A list that follows Campaign knows only mapped columns, and "${column}" of ${table.logicalName} is not mapped to ${mapping.schema}. Map it, or leave out "from: CAMPAIGN".`,
    { field: 'from' },
  );
}

/** A value as the attribute's type has it: the 3 of a choice is "3" where Campaign keeps text. */
function scalarAt({ schema }: UnifiedTarget, path: string, value: Scalar): Scalar {
  switch (findAttribute(schema, path)?.type) {
    case 'byte':
    case 'short':
    case 'long':
    case 'float':
    case 'double':
    case 'timespan':
      return Number(value);
    case 'boolean':
      return value === true || value === 1;
    case 'date':
      return String(value).slice(0, 10);
    case 'datetime':
      return String(value).length === 10 ? `${value}T00:00:00.000Z` : String(value);
    case undefined:
      return value;
    default:
      return String(value);
  }
}
