import { asError } from '../model/errors.js';
import type { Selection } from '../model/query.js';
import type { RecordData } from '../model/record.js';
import type { IdList } from './id-list.js';
import { isNothing, mergeRecords, mergeSelections, subtractSelection } from './selections.js';

/** A record that was asked for by its id; null where there is none, an error where it could not be read. */
export type Loaded = RecordData | null | Error;

/** An answer that holds records by id. */
export class Answer {
  /** Null until the answer is there, and where it never came. */
  private records: readonly RecordData[] | null = null;
  private sorted: ReadonlyMap<string, RecordData> | null = null;
  private fault: { readonly error: unknown } | null = null;
  /** Fulfilled when the answer is there or has failed. */
  readonly settled: Promise<void>;

  constructor(
    answer: Promise<readonly RecordData[]>,
    private readonly idOf: (record: RecordData) => string,
  ) {
    this.settled = answer.then(
      (records) => {
        this.records = records;
      },
      (error: unknown) => {
        this.fault = { error };
      },
    );
  }

  get isSettled(): boolean {
    return this.records !== null || this.fault !== null;
  }

  /** Throws what the answer failed with. */
  recordOf(id: string): RecordData | null {
    if (this.fault) throw this.fault.error;
    return this.byId().get(id) ?? null;
  }

  /** The records with these ids, or for each the error that the answer failed with. */
  recordsOf(list: IdList): readonly Loaded[] {
    const { records, fault } = this;
    if (fault || records === null) return list.ids.map(() => asError(fault?.error));
    return list.pick(records, () => this.byId());
  }

  /** Of records with one id the first. */
  private byId(): ReadonlyMap<string, RecordData> {
    if (this.sorted) return this.sorted;
    const sorted = new Map<string, RecordData>();
    for (const record of this.records ?? []) {
      const id = this.idOf(record);
      if (!sorted.has(id)) sorted.set(id, record);
    }
    this.sorted = sorted;
    return sorted;
  }
}

/** What this request knows or is about to know of a record. */
export interface Known {
  readonly selection: Selection;
  readonly at: Answer | { readonly record: RecordData };
}

export const NOTHING_KNOWN: readonly Known[] = [];

/** What is still to be read, by id. */
export function missingSelections(
  wanted: readonly { readonly list: IdList; readonly selection: Selection }[],
  known: ReadonlyMap<string, readonly Known[]>,
): ReadonlyMap<string, Selection> {
  const missing = new Map<string, Selection>();
  for (const { list, selection } of wanted) {
    for (const id of list.distinct) {
      const had = known.get(id) ?? NOTHING_KNOWN;
      const rest = had.reduce((left, entry) => subtractSelection(left, entry.selection), selection);
      if (isNothing(rest)) continue;
      const others = missing.get(id);
      missing.set(id, others && others !== rest ? mergeSelections(others, rest) : rest);
    }
  }
  return missing;
}

/** The answers that hold the fields of a record. A fault in an answer that holds none of them does no harm. */
export function partsOf(known: readonly Known[], selection: Selection): readonly Known[] {
  const whole = known.find((entry) => entry.selection === selection);
  if (whole) return known.length === 1 ? known : [whole];
  const parts: Known[] = [];
  let left = selection;
  for (const entry of known) {
    const rest = subtractSelection(left, entry.selection);
    if (countFields(rest) < countFields(left)) parts.push(entry);
    left = rest;
  }
  return parts;
}

/** Tells whether parts hold all that is selected between them. */
export function together(parts: readonly Known[], selection: Selection): boolean {
  return isNothing(parts.reduce((left, part) => subtractSelection(left, part.selection), selection));
}

/** The answers under way that hold any of the parts. */
export function pending(parts: readonly (readonly (readonly Known[])[])[]): readonly Promise<void>[] {
  const answers = new Set<Answer>();
  for (const ofOne of parts) {
    for (const ofId of ofOne) {
      for (const { at } of ofId) if (at instanceof Answer && !at.isSettled) answers.add(at);
    }
  }
  return [...answers].map(({ settled }) => settled);
}

/** Puts a record together from its parts. */
export function loaded(id: string, parts: readonly Known[]): Loaded {
  const [only] = parts;
  try {
    if (only && parts.length === 1) return recordAt(only, id);
    const records = parts.map((part) => recordAt(part, id));
    const found = records.filter((record) => record !== null);
    return found.length < records.length ? null : mergeRecords(found);
  } catch (error) {
    return asError(error);
  }
}

function recordAt({ at }: Known, id: string): RecordData | null {
  return at instanceof Answer ? at.recordOf(id) : at.record;
}

function countFields(selection: Selection): number {
  const nested = Object.values(selection.nested ?? {});
  return nested.reduce((sum, inner) => sum + 1 + countFields(inner), selection.fields.length);
}
