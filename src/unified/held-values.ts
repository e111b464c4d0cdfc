import { isIdentifier, normalizeId, plainValue } from '../mapping/convert.js';
import type { WriteValue } from '../model/query.js';
import type { RecordData, RecordValue } from '../model/record.js';
import { type Column, findColumn, type Table } from '../model/table.js';

/** Values by column, as connectors write them. */
type Values = Readonly<Record<string, WriteValue>>;

/** The columns whose values a Dynamics record does not hold. */
export function differingColumns(table: Table, values: Values, record: RecordData): readonly string[] {
  return Object.keys(values).filter((name) => {
    const column = findColumn(table, name);
    return !column || canonical(column, values[name] ?? null) !== canonical(column, plainValue(record[name]));
  });
}

/** A value reduced to what tells it apart from others of its column. */
function canonical(column: Column, value: WriteValue): string | number | null {
  if (value === null || value === '') return null;
  if (isIdentifier(column)) return normalizeId(referenceOf(String(value)).id);
  switch (column.type) {
    case 'datetime':
      return Math.floor(Date.parse(String(value)) / 1000); // Dynamics keeps whole seconds
    case 'date':
      return String(value).slice(0, 10);
    case 'choices':
      return String(value)
        .split(',')
        .map(Number)
        .sort((one, other) => one - other)
        .join();
    case 'decimal':
    case 'double':
    case 'money':
      return Number(value);
    default:
      return String(value).replace(/\r\n?/g, '\n');
  }
}

/** Values that are to be written as a record that was read has them: a lookup tells its table. */
export function asRecord(table: Table, values: Values): RecordData {
  const record: Record<string, RecordValue> = {};
  for (const [name, value] of Object.entries(values)) {
    const column = findColumn(table, name);
    record[name] = column && column.targets.length > 0 && value !== null ? lookedUp(column, String(value)) : value;
  }
  return record;
}

function lookedUp(column: Column, value: string): RecordValue {
  const { table, id } = referenceOf(value);
  return { table: table ?? column.targets[0]?.table ?? '', id, name: null };
}

/** `account:<id>`, or the id alone where a lookup leads to one table. */
function referenceOf(value: string): { readonly table: string | null; readonly id: string } {
  const [first = '', second] = value.split(':');
  return second === undefined ? { table: null, id: first } : { table: first, id: second };
}
