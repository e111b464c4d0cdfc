import { COPIED_LENGTH, ownText } from './own-text.js';
import type { RowValues } from './store.js';
import type { Value } from './values.js';

const MAX_POOLED_LENGTH = 65_536;
const MAX_POOL = 5_000;
const TRIAL = 500;

const NONE: RowValues = {};

/** What is known of the text at one path: whether it is worth looking for what is stored already. */
interface Repetition {
  readonly pool: Map<string, string>;
  seen: number;
  repeated: number;
}

/**
 * Lays out the values of a table's rows so that many rows take little memory: all have one shape, text that is stored again and again
 * (a date, a city) is kept once, and no text holds on to the document it was cut from.
 */
export class RowLayout {
  private readonly known = new Set<string>();
  private template: Readonly<Record<string, Value | undefined>> = {};
  private readonly repetitions = new Map<string, Repetition>();
  /** The last object given out in the common shape, and how many paths it had: mostly the one that comes back next. */
  private lent: { readonly values: RowValues; readonly paths: number } | undefined;

  /**
   * The values as they are to be kept: those that `blank` or `copy` gave out last in place, any others in a copy. `before` is the row as
   * it was kept so far: what it shares with that is kept already.
   */
  keep(values: Record<string, Value>, before: RowValues = NONE): RowValues {
    const { lent } = this;
    this.lent = undefined;
    if (lent?.values !== values) return this.arrange(values, before);
    let path: string;
    let index = 0;
    for (path in values) {
      // What stands after the common paths was added to the object, which has another shape for it.
      if (index >= lent.paths) return this.arrange(values, before);
      index += 1;
      const value = values[path];
      if (typeof value === 'string' && value.length >= COPIED_LENGTH)
        values[path] = value === before[path] ? (before[path] ?? value) : this.compact(path, value);
    }
    return values;
  }

  /**
   * The same values in the common shape. Paths that other rows have and this one lacks are undefined. `before` is the row as it was kept
   * so far: what it shares with that is kept already.
   */
  private arrange(values: RowValues, before: RowValues): RowValues {
    for (const path in values) if (values[path] !== undefined && !this.known.has(path)) this.extend(path);
    // Undefined and absent are the same to whoever reads a row.
    const arranged = { ...this.template } as Record<string, Value>;
    for (const path in values) {
      const value = values[path];
      if (value !== undefined)
        arranged[path] = value === before[path] ? (before[path] ?? value) : this.compact(path, value);
    }
    return arranged;
  }

  /** An object of the common shape in which every value is undefined yet. */
  blank(): Record<string, Value> {
    // As above.
    const values = { ...this.template } as Record<string, Value>;
    this.lent = { values, paths: this.known.size };
    return values;
  }

  /** The values of a row that is kept, to be changed. */
  copy(kept: RowValues): Record<string, Value> {
    const values = { ...kept };
    this.lent = { values, paths: this.known.size };
    return values;
  }

  /** Objects that JSON.parse makes keep their shape through a spread, however many properties they have. */
  private extend(path: string): void {
    this.known.add(path);
    const template: Record<string, Value | undefined> = JSON.parse(
      `{${[...this.known].map((name) => `${JSON.stringify(name)}:""`).join()}}`,
    );
    for (const name of this.known) template[name] = undefined;
    this.template = template;
  }

  private compact(path: string, value: Value): Value {
    if (typeof value !== 'string' || value.length < COPIED_LENGTH) return value;
    if (value.length > MAX_POOLED_LENGTH) return ownText(value);
    let repetition = this.repetitions.get(path);
    if (!repetition) {
      repetition = { pool: new Map(), seen: 0, repeated: 0 };
      this.repetitions.set(path, repetition);
    }
    // A date comes again and again, an address hardly ever comes twice.
    const isWorthwhile = repetition.seen < TRIAL || repetition.repeated * 4 > repetition.seen;
    return isWorthwhile ? pooled(value, repetition) : ownText(value);
  }
}

function pooled(value: string, repetition: Repetition): string {
  const { pool } = repetition;
  repetition.seen += 1;
  const known = pool.get(value);
  if (known !== undefined) {
    repetition.repeated += 1;
    return known;
  }
  if (pool.size >= MAX_POOL) pool.clear();
  const copy = ownText(value);
  pool.set(copy, copy);
  return copy;
}
