import { type CampaignSchema, findAttribute, neutralPath, type SchemaAttribute } from '../model/campaign-schema.js';
import type { FieldMapping, TableMapping } from '../model/mapping.js';
import type { WriteValue } from '../model/query.js';
import type { RecordValue } from '../model/record.js';
import { type Column, findColumn, type Table } from '../model/table.js';
import { isCompanion, tableOf } from './companions.js';
import { toCampaign } from './convert.js';

/** A mapped field with the descriptions of its two sides, as far as they are still there. */
export interface MappedField {
  readonly field: FieldMapping;
  /** Path without `@`, as records and queries name it. */
  readonly path: string;
  /** The path step by step. */
  readonly steps: readonly string[];
  readonly column: Column | undefined;
  readonly attribute: SchemaAttribute | undefined;
  /** True where the field holds the table that a lookup leads to, and not the id. */
  readonly isCompanion: boolean;
}

/** The fields of a mapping with their descriptions. They are looked up once for a mapping, for a page of records asks for them thousands of times. */
export function mappedFields(mapping: TableMapping, table: Table, schema: CampaignSchema): readonly MappedField[] {
  const known = lookedUp.get(mapping);
  if (known?.table === table && known.schema === schema) return known.fields;
  const fields = mapping.fields.map((field) => ({
    ...describeField(field, table, schema),
    isCompanion: isCompanion(field, mapping.fields),
  }));
  lookedUp.set(mapping, { table, schema, fields });
  return fields;
}

const lookedUp = new WeakMap<
  TableMapping,
  { readonly table: Table; readonly schema: CampaignSchema; readonly fields: readonly MappedField[] }
>();

function describeField(field: FieldMapping, table: Table, schema: CampaignSchema): Omit<MappedField, 'isCompanion'> {
  const path = neutralPath(field.path);
  const column = findColumn(table, field.column);
  return { field, path, steps: path.split('/'), column, attribute: findAttribute(schema, field.path) };
}

/** What a mapped field holds in Campaign of the value of its column. */
export function fieldToCampaign(
  { field, isCompanion }: Pick<MappedField, 'field' | 'isCompanion'>,
  column: Column,
  value: RecordValue | undefined,
): WriteValue {
  return isCompanion ? tableOf(value) : toCampaign(column, value, field.conversion);
}
