import { type CampaignSchema, neutralPath } from '../model/campaign-schema.js';
import { RequestError } from '../model/errors.js';
import type { FieldMapping, TableMapping } from '../model/mapping.js';
import type { WriteValue } from '../model/query.js';
import type { RecordData } from '../model/record.js';
import type { Table } from '../model/table.js';
import { normalizeId, plainValue } from './convert.js';
import { fitToAttribute } from './fit.js';
import { fieldToCampaign, type MappedField, mappedFields } from './mapped-fields.js';

/** A table mapping with the descriptions of its two sides. */
export interface MappedTable {
  readonly mapping: TableMapping;
  readonly table: Table;
  readonly schema: CampaignSchema;
}

/**
 * A Dynamics record as Campaign is to hold it: the id at the key, and the value of each field that goes to Campaign, by path without `@`.
 *
 * Rejects with BAD_USER_INPUT, naming the column, a value that the attribute cannot hold, and with NOT_FOUND a column or attribute that is gone.
 */
export function recordToCampaign(tie: MappedTable, record: RecordData): Record<string, WriteValue> {
  const written: Record<string, WriteValue> = { [neutralPath(tie.mapping.key)]: recordId(tie.table, record) };
  for (const field of mappedFields(tie.mapping, tie.table, tie.schema)) {
    if (isToCampaign(field.field)) written[field.path] = convertField(tie, field, record);
  }
  return written;
}

/** The fields that a synchronization writes to Campaign. */
export function fieldsToCampaign(mapping: TableMapping): readonly FieldMapping[] {
  return mapping.fields.filter(isToCampaign);
}

/** The id of a Dynamics record, in lower case. */
export function recordId(table: Table, record: RecordData): string {
  const id = plainValue(record[table.primaryId]);
  if (id === null)
    throw new Error(`A record of table "${table.logicalName}" came without its id "${table.primaryId}".`);
  return normalizeId(String(id));
}

function isToCampaign(field: FieldMapping): boolean {
  return field.direction !== 'TO_DYNAMICS';
}

function convertField({ mapping, table, schema }: MappedTable, mapped: MappedField, record: RecordData): WriteValue {
  const { field, column, attribute } = mapped;
  if (!column) throw gone(`column "${field.column}" of table "${table.logicalName}"`, field, mapping);
  if (!attribute) throw gone(`attribute "${field.path}" of schema "${schema.name}"`, field, mapping);
  try {
    return fitToAttribute(fieldToCampaign(mapped, column, record[field.column]), attribute);
  } catch (cause) {
    if (!(cause instanceof RequestError)) throw cause;
    throw new RequestError(cause.code, `Column "${field.column}": ${cause.message}`, { field: field.column, cause });
  }
}

function gone(thing: string, field: FieldMapping, mapping: TableMapping): RequestError {
  return new RequestError(
    'NOT_FOUND',
    `The ${thing} is mapped but no longer there. Map table "${mapping.table}" anew.`,
    {
      field: field.column,
    },
  );
}
