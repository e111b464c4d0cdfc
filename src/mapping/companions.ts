import type { FieldMapping } from '../model/mapping.js';
import type { RecordValue } from '../model/record.js';
import type { Column } from '../model/table.js';
import type { AttributeShape } from './attribute-types.js';

/**
 * A lookup that may lead to several tables is kept in two attributes: the id at the path of its field, and the logical name of the table
 * beside it, at the same path with `_type` behind. A mapping holds a field for each, the one with the id first.
 */
export function companionPath(path: string): string {
  return `${path}_type`;
}

/** The attribute that holds the logical name of a table, which has at most 128 characters. */
export const COMPANION_SHAPE: AttributeShape = { type: 'string', length: 128, enumerated: false };

/** Tells whether the field of a mapping holds the table that a lookup leads to. */
export function isCompanion(field: FieldMapping, fields: readonly FieldMapping[]): boolean {
  if (!field.path.endsWith('_type')) return false;
  return fields.some((other) => other.column === field.column && companionPath(other.path) === field.path);
}

/** The logical name of the table that the value of a lookup leads to; null where it leads nowhere. */
export function tableOf(value: RecordValue | undefined): string | null {
  const isReference = typeof value === 'object' && value !== null && 'table' in value && 'id' in value;
  return isReference && typeof value.table === 'string' ? value.table : null;
}

/** Tells whether a lookup needs a companion: where it leads cannot be told from the id alone. */
export function leadsToSeveral(column: Column): boolean {
  return column.targets.length > 1;
}

/** Tells whether a path names an element and not an attribute: a memo, as in `notes`. */
export function isElementPath(path: string): boolean {
  return !path.includes('@');
}
