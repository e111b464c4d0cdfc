import type { Selection } from '../model/query.js';
import type { RecordData, RecordValue } from '../model/record.js';

/** Selects nothing. */
export const NOTHING: Selection = { fields: [] };

/** What either selection asks for, each field once, in the order of first mention. */
export function mergeSelections(...selections: readonly Selection[]): Selection {
  const fields = [...new Set(selections.flatMap((selection) => selection.fields))];
  const nested: Record<string, Selection> = {};
  for (const selection of selections) {
    for (const [name, inner] of Object.entries(selection.nested ?? {})) {
      const known = nested[name];
      nested[name] = known ? mergeSelections(known, inner) : inner;
    }
  }
  return makeSelection(fields, nested);
}

/** What `wanted` asks for and `had` does not. */
export function subtractSelection(wanted: Selection, had: Selection): Selection {
  const known = new Set(had.fields);
  const fields = wanted.fields.filter((field) => !known.has(field));
  const nested: Record<string, Selection> = {};
  for (const [name, inner] of Object.entries(wanted.nested ?? {})) {
    const knownInner = had.nested?.[name];
    const rest = knownInner ? subtractSelection(inner, knownInner) : inner;
    if (!knownInner || !isNothing(rest)) nested[name] = rest;
  }
  return makeSelection(fields, nested);
}

/** Whether `had` holds all that `wanted` asks for. */
export function covers(had: Selection, wanted: Selection): boolean {
  return had === wanted || isNothing(subtractSelection(wanted, had));
}

export function isNothing(selection: Selection): boolean {
  return selection.fields.length === 0 && Object.keys(selection.nested ?? {}).length === 0;
}

/** Joins what several answers told of one record, elements and links within it likewise. The later answer wins. */
export function mergeRecords(records: readonly RecordData[]): RecordData {
  const [first, ...rest] = records;
  if (first === undefined) return {};
  if (rest.length === 0) return first;
  const merged: Record<string, RecordValue> = { ...first };
  for (const record of rest) {
    for (const [name, value] of Object.entries(record)) merged[name] = mergeValues(merged[name], value);
  }
  return merged;
}

function mergeValues(earlier: RecordValue | undefined, later: RecordValue): RecordValue {
  return isRecord(earlier) && isRecord(later) ? mergeRecords([earlier, later]) : later;
}

function isRecord(value: RecordValue | undefined): value is RecordData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a neutral path: `location/city`. Undefined where the record was not asked for it. */
export function valueAt(record: RecordData, path: string): RecordValue | undefined {
  if (!path.includes('/')) return record[path];
  let value: RecordValue | undefined = record;
  for (const step of path.split('/')) value = isRecord(value) ? value[step] : undefined;
  return value;
}

function makeSelection(fields: readonly string[], nested: Readonly<Record<string, Selection>>): Selection {
  return Object.keys(nested).length === 0 ? { fields } : { fields, nested };
}
