import { keepLast } from '../../model/keep-last.js';
import { type Languages, labelsIn } from '../../model/labels.js';
import type { Count, Selection } from '../../model/query.js';
import type { Choice, RecordData, RecordValue, Reference } from '../../model/record.js';
import type { Column, Table } from '../../model/table.js';
import type { JsonObject } from './client.js';
import { selectedColumns } from './compile-columns.js';
import type { TableLookup } from './compile-filter.js';
import { propertyOf } from './literal.js';
import { navigationTarget } from './navigation.js';

const FORMATTED_VALUE = '@OData.Community.Display.V1.FormattedValue';
const LOOKUP_TABLE = '@Microsoft.Dynamics.CRM.lookuplogicalname';

/** Dataverse stops counting here. */
const COUNT_LIMIT = 5_000;

/** Makes the decoder of the rows of one selection: from Dynamics' JSON to a record with a property for each selected path. */
export function createDecoder(table: Table, selection: Selection, tables: TableLookup, languages?: Languages): Decoder {
  const make = () => makeDecoder(table, selection, tables, languages);
  return selection.nested ? make() : keptDecoders(selection, [table, languages], make);
}

type Decoder = (row: JsonObject) => RecordData;

const keptDecoders = keepLast<Decoder>();

function makeDecoder(
  table: Table,
  selection: Selection,
  tables: TableLookup,
  languages: Languages | undefined,
): Decoder {
  const columns = selectedColumns(table, selection).map((column) => ({
    column,
    decode: valueDecoder(column, languages),
  }));
  const nested = Object.entries(selection.nested ?? {}).map(([navigation, inner]) => ({
    navigation,
    decode: createDecoder(tables(navigationTarget(table, navigation)), inner, tables, languages),
  }));
  return (row) => {
    const record: Record<string, RecordValue> = {};
    for (const { column, decode } of columns) record[column.name] = decode(row);
    for (const { navigation, decode } of nested) {
      const related = row[navigation];
      record[navigation] = isObject(related) ? decode(related) : null;
    }
    return record;
  };
}

/** The rows of a collection's answer. */
export function decodeRows(answer: JsonObject): readonly JsonObject[] {
  const { value } = answer;
  if (!Array.isArray(value)) return [];
  return value.every(isObject) ? value : value.filter(isObject);
}

/** The count in a collection's answer; not exact where Dynamics stopped counting. */
export function decodeCount(answer: JsonObject): Count | null {
  const value = answer['@odata.count'];
  if (typeof value !== 'number' || value < 0) return null;
  const exceeded = answer['@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded'];
  return { value, exact: typeof exceeded === 'boolean' ? !exceeded : value < COUNT_LIMIT };
}

/** Makes the decoder of one column of a row. */
export function valueDecoder(column: Column, languages?: Languages): (row: JsonObject) => RecordValue {
  const property = propertyOf(column);
  const decode = typeDecoder(column, languages);
  return (row) => {
    const value = row[property];
    return value === null || value === undefined ? null : decode(value, row);
  };
}

function typeDecoder(
  column: Column,
  languages: Languages | undefined,
): (value: unknown, row: JsonObject) => RecordValue {
  switch (column.type) {
    case 'choice':
    case 'state':
    case 'status':
      return choiceDecoder(column, languages);
    case 'choices':
      return choicesDecoder(column, languages);
    case 'lookup':
    case 'customer':
    case 'owner':
      return lookupDecoder(column);
    case 'bigint':
    case 'datetime':
    case 'integer':
    case 'decimal':
    case 'double':
    case 'money':
      return plainDecoder(column);
    case 'boolean':
      return (value) => value === true;
    default:
      return (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  }
}

/** Makes the decoder of numbers and moments; of anything else it gives the text. */
export function plainDecoder({ type }: Column): (value: unknown) => string | number {
  switch (type) {
    case 'integer':
    case 'decimal':
    case 'double':
    case 'money':
      return (value) => Number(value);
    case 'datetime':
      return (value) => decodeMoment(String(value));
    default:
      return (value) => String(value);
  }
}

/** The label in a language that is wanted; else the one that Dynamics gave, which is in that of its user. */
function choiceDecoder(column: Column, languages?: Languages): (value: unknown, row: JsonObject) => Choice {
  const wanted = wantedLabels(column, languages);
  const labels = labelsOf(column);
  return (value, row) => {
    const number = Number(value);
    const translated = wanted?.get(number);
    if (translated !== undefined) return { value: number, label: translated };
    const formatted = row[column.name + FORMATTED_VALUE];
    return { value: number, label: typeof formatted === 'string' ? formatted : (labels.get(number) ?? null) };
  };
}

/** Several choices come as `"1,3"`, their labels as `"Red; Blue"`: a label may hold the separator itself, so the option set comes first. */
function choicesDecoder(column: Column, languages?: Languages): (value: unknown, row: JsonObject) => readonly Choice[] {
  const labels = wantedLabels(column, languages) ?? labelsOf(column);
  return (value, row) => {
    const numbers = String(value).split(',').filter(Boolean).map(Number);
    const formatted = row[column.name + FORMATTED_VALUE];
    const parts = typeof formatted === 'string' ? formatted.split('; ') : [];
    const told = parts.length === numbers.length ? parts : [];
    return numbers.map((number, index) => ({ value: number, label: labels.get(number) ?? told[index] ?? null }));
  };
}

function wantedLabels({ optionSet }: Column, languages?: Languages): ReadonlyMap<number, string> | null {
  return optionSet && languages ? labelsIn(optionSet, languages) : null;
}

function labelsOf(column: Column): ReadonlyMap<number, string> {
  return new Map(column.optionSet?.options.map((option) => [option.value, option.label]) ?? []);
}

function lookupDecoder(column: Column): (value: unknown, row: JsonObject) => Reference {
  const property = propertyOf(column);
  const usual = column.targets[0]?.table ?? '';
  return (value, row) => {
    const table = row[property + LOOKUP_TABLE];
    const name = row[property + FORMATTED_VALUE];
    return {
      table: typeof table === 'string' ? table : usual,
      id: String(value),
      name: typeof name === 'string' ? name : null,
    };
  };
}

/** Dynamics gives moments in UTC; anything else that is a moment is brought there. */
function decodeMoment(text: string): string {
  if (text.endsWith('Z')) return text;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
