import { type CampaignSchema, findAttribute, neutralPath, type SchemaAttribute } from '../model/campaign-schema.js';
import type { FieldMapping, TableMapping } from '../model/mapping.js';
import { type Column, findColumn, type Table } from '../model/table.js';

/** A mapped field with the descriptions of its two sides, as far as they are still there. */
export interface MappedField {
  readonly field: FieldMapping;
  /** Path without `@`, as records and queries name it. */
  readonly path: string;
  /** The path step by step. */
  readonly steps: readonly string[];
  readonly column: Column | undefined;
  readonly attribute: SchemaAttribute | undefined;
}

/** The fields of a mapping with their descriptions. They are looked up once for a mapping, for a page of records asks for them thousands of times. */
export function mappedFields(mapping: TableMapping, table: Table, schema: CampaignSchema): readonly MappedField[] {
  const known = lookedUp.get(mapping);
  if (known?.table === table && known.schema === schema) return known.fields;
  const fields = mapping.fields.map((field) => describeField(field, table, schema));
  lookedUp.set(mapping, { table, schema, fields });
  return fields;
}

const lookedUp = new WeakMap<
  TableMapping,
  { readonly table: Table; readonly schema: CampaignSchema; readonly fields: readonly MappedField[] }
>();

function describeField(field: FieldMapping, table: Table, schema: CampaignSchema): MappedField {
  const path = neutralPath(field.path);
  const column = findColumn(table, field.column);
  return { field, path, steps: path.split('/'), column, attribute: findAttribute(schema, field.path) };
}
