/**
 * The ids of a table in rising order. A list that was given out never changes: the next reading after a write makes another one, by
 * merging what came and went into the one of before.
 */
export class SortedIds {
  private known: readonly string[] | null = null;
  /** Ids that came (true) or went (false) since `known` was made. */
  private readonly pending = new Map<string, boolean>();

  constructor(private readonly rows: ReadonlyMap<string, unknown>) {}

  sorted(): readonly string[] {
    if (this.known === null) this.known = [...this.rows.keys()].sort();
    else if (this.pending.size > 0) this.known = this.merged(this.known);
    this.pending.clear();
    return this.known;
  }

  /** To be told of every row that comes or goes. */
  changed(id: string, isThere: boolean): void {
    if (this.known !== null) this.pending.set(id, isThere);
  }

  private merged(known: readonly string[]): string[] {
    const merged: string[] = [];
    let at = 0;
    for (const id of [...this.pending.keys()].sort()) {
      const place = firstNotBelow(known, id, at);
      for (; at < place; at += 1) merged.push(known[at] ?? '');
      if (known[at] === id) at += 1;
      if (this.pending.get(id) === true) merged.push(id);
    }
    for (; at < known.length; at += 1) merged.push(known[at] ?? '');
    return merged;
  }
}

function firstNotBelow(ids: readonly string[], id: string, from: number): number {
  let [low, high] = [from, ids.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? '') < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
