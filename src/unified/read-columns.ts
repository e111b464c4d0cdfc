import type { GraphQLInputObjectType } from 'graphql';
import type { WriteValue } from '../model/query.js';
import type { Column } from '../model/table.js';
import { entriesOf } from './input-values.js';
import { readGuid } from './read-filter.js';
import { columnOfInput } from './schema/field-source.js';

/** Reads the value of a generated input of a table: the columns given, in the form that connectors write. */
export function readColumns(
  type: GraphQLInputObjectType,
  input: unknown,
  place = 'input',
): Readonly<Record<string, WriteValue>> {
  const values: Record<string, WriteValue> = {};
  for (const [name, value] of entriesOf(input)) {
    const column = columnOfInput(type.getFields()[name]);
    if (column) values[column.name] = toWriteValue(column, value, `${place}.${name}`);
  }
  return values;
}

function toWriteValue(column: Column, value: unknown, field: string): WriteValue {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return column.type === 'date' ? value.toISOString().slice(0, 10) : value.toISOString();
  if (Array.isArray(value)) return value.join(',');
  if (isReference(value)) return `${value.table}:${readGuid(value.id, `${field}.id`)}`;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return String(value);
}

function isReference(value: unknown): value is { readonly table: string; readonly id: string } {
  return typeof value === 'object' && value !== null && 'table' in value && 'id' in value;
}
