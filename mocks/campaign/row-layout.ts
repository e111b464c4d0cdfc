import type { RowValues } from './store.js';
import type { Value } from './values.js';

/** V8 copies text shorter than this when it is cut from a longer one; the rest would keep the whole request alive. */
const COPIED_LENGTH = 13;
const MAX_COPY = 65_536;
const MAX_POOL = 20_000;

/**
 * Lays out the values of a table's rows so that many rows take little memory: all have one shape, text that is stored again and again
 * (a date, a city) is kept once, and no text holds on to the document it was cut from.
 */
export class RowLayout {
  private readonly known = new Set<string>();
  private template: Readonly<Record<string, Value | undefined>> = {};
  private readonly pool = new Map<string, string>();

  /** The same values in the common shape. Paths that other rows have and this one lacks are undefined. */
  arrange(values: RowValues): RowValues {
    for (const path in values) if (!this.known.has(path)) this.extend(path);
    const arranged: Record<string, Value | undefined> = { ...this.template };
    for (const path in values) arranged[path] = this.compact(values[path]);
    // Undefined and absent are the same to whoever reads a row.
    return arranged as RowValues;
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

  private compact(value: Value | undefined): Value | undefined {
    if (typeof value !== 'string' || value.length < COPIED_LENGTH || value.length > MAX_COPY) return value;
    const pooled = this.pool.get(value);
    if (pooled !== undefined) return pooled;
    if (this.pool.size >= MAX_POOL) this.pool.clear();
    const copy = copyText(value);
    this.pool.set(copy, copy);
    return copy;
  }
}

const scratch = Buffer.allocUnsafe(MAX_COPY * 3);

function copyText(text: string): string {
  return scratch.toString('utf8', 0, scratch.write(text, 'utf8'));
}
