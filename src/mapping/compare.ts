import {
  type AttributeType,
  type CampaignSchema,
  neutralPath,
  type SchemaAttribute,
} from '../model/campaign-schema.js';
import type { FieldMapping, TableMapping } from '../model/mapping.js';
import type { WriteValue } from '../model/query.js';
import type { RecordData, RecordValue } from '../model/record.js';
import type { Column, Table } from '../model/table.js';
import { isIdentifier, normalizeId, plainValue, temporalValue } from './convert.js';
import { isNumeric } from './fit.js';
import { fieldToCampaign, mappedFields } from './mapped-fields.js';

/** A mapped field that the two sides hold differently. Both values are in Campaign's form, so that they can be shown side by side. */
export interface FieldDifference {
  readonly column: string;
  /** As the mapping writes it: `@email`, `location/@city`. */
  readonly path: string;
  readonly dynamics: WriteValue;
  readonly campaign: WriteValue;
}

/**
 * The mapped fields in which a Dynamics record and its Campaign record differ; none when a synchronization would change nothing.
 *
 * Equal is what is stored equally. Campaign keeps an absent text as '', and an absent number or boolean as 0, for these columns are NOT NULL:
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/database-mapping.html
 * Moments are compared by the second, ids without regard to case, line ends as one character.
 * A field whose column or attribute is no longer described is left out; a value that was not selected counts as absent.
 */
export function differences(
  mapping: TableMapping,
  table: Table,
  schema: CampaignSchema,
  dynamicsRecord: RecordData,
  campaignRecord: RecordData,
): FieldDifference[] {
  const found: FieldDifference[] = [];
  for (const mapped of mappedFields(mapping, table, schema)) {
    const { field, steps, column, attribute } = mapped;
    if (!column || !attribute) continue;
    const dynamics = fieldToCampaign(mapped, column, dynamicsRecord[field.column]);
    const campaign = plainValue(valueAtSteps(campaignRecord, steps));
    const form = { column, attribute, field };
    if (canonical(dynamics, form) === canonical(campaign, form)) continue;
    found.push({ column: field.column, path: field.path, dynamics, campaign });
  }
  return found;
}

/** The value at a path of a record that is nested as its paths are; undefined where the path was not selected. */
export function valueAt(record: RecordData, path: string): RecordValue | undefined {
  return valueAtSteps(record, neutralPath(path).split('/'));
}

function valueAtSteps(record: RecordData, steps: readonly string[]): RecordValue | undefined {
  let value: RecordValue | undefined = record;
  for (const step of steps) value = isRecord(value) ? value[step] : undefined;
  return value;
}

interface ComparedForm {
  readonly column: Column;
  readonly attribute: SchemaAttribute;
  readonly field: FieldMapping;
}

/** A value reduced to what tells it apart, or null where Campaign could not tell it from an absent one. */
function canonical(value: WriteValue, form: ComparedForm): string | number | null {
  if (value === null || value === '') return null;
  const type = form.attribute.type;
  if (isNumeric(type)) return canonicalNumber(value, type);
  if (type === 'boolean') return ['true', '1'].includes(String(value).toLowerCase()) ? 1 : null;
  if (type === 'date' || type === 'datetime') return canonicalMoment(String(value), form);
  if (type === 'uuid' || isIdentifier(form.column)) return normalizeId(String(value));
  return String(value).replace(/\r\n?/g, '\n');
}

function canonicalNumber(value: string | number | boolean, type: AttributeType): string | number | null {
  const number = Number(value);
  if (number === 0) return null;
  if (type === 'int64') return String(value);
  // A float attribute keeps 32 bits of what was written.
  return type === 'float' ? Math.fround(number) : number;
}

function canonicalMoment(value: string, { attribute, field }: ComparedForm): string | number {
  const shaped = temporalValue(attribute.type, value);
  if (attribute.type === 'date') return shaped;
  const clock = field.conversion === 'WITHOUT_TIME_OFFSET' ? shaped.replace(/(?:Z|[+-]\d{2}:?\d{2})$/, '') : shaped;
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/.test(clock);
  const milliseconds = Date.parse(hasOffset ? clock : `${clock}Z`);
  return Number.isNaN(milliseconds) ? value : Math.floor(milliseconds / 1000);
}

function isRecord(value: RecordValue | undefined): value is RecordData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
