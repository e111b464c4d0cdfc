import type { Filter } from '../model/query.js';
import type { RecordData } from '../model/record.js';

/**
 * The ids of a list's records, in their order and in the form in which equal ids are equal. Requests that share an answer share this
 * too, so that what is made of it for one serves the others.
 */
export class IdList {
  private readonly unique: readonly string[];
  private filter: (Filter & { readonly kind: 'in' }) | null = null;
  private picked: { readonly from: object; readonly records: readonly (RecordData | null)[] } | null = null;

  constructor(readonly ids: readonly string[]) {
    const unique = new Set(ids);
    this.unique = unique.size < ids.length ? [...unique] : ids;
  }

  /** Each id once. */
  get distinct(): readonly string[] {
    return this.unique;
  }

  /** The filter on records that have any of these ids at a path. */
  filterOn(path: string): Filter {
    if (this.filter?.path !== path) this.filter = { kind: 'in', path, values: this.unique };
    return this.filter;
  }

  /** The record of each id out of an answer, or null. `records` tells the records of the answer by their ids. */
  pick(answer: object, records: () => ReadonlyMap<string, RecordData>): readonly (RecordData | null)[] {
    if (this.picked?.from === answer) return this.picked.records;
    const byId = records();
    const picked = this.ids.map((id) => byId.get(id) ?? null);
    this.picked = { from: answer, records: picked };
    return picked;
  }
}
