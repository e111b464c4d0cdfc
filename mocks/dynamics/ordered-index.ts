/** Bounds of a range of values, each included; null: open. */
export interface ValueRange {
  readonly from: string | number | null;
  readonly to: string | number | null;
}

interface Entry {
  readonly key: string | number;
  readonly id: string;
}

/** Blocks are split when they grow beyond this. */
const BLOCK_SIZE = 512;

/**
 * Ids in the order of their keys: a list of sorted blocks, so that neither a reading nor a write touches more than a block and the list
 * of blocks. Keys of one index are all numbers or all lower-case text.
 */
export class OrderedIndex {
  private readonly blocks: Entry[][] = [];

  constructor(entries: Entry[]) {
    const sorted = sortEntries(entries);
    const half = BLOCK_SIZE / 2;
    for (let at = 0; at < sorted.length; at += half) this.blocks.push(sorted.slice(at, at + half));
  }

  add(key: string | number, id: string): void {
    const entry = { key, id };
    const number = this.blockOf(entry);
    const block = this.blocks[number];
    if (block === undefined) this.blocks.push([entry]);
    else {
      block.splice(placeIn(block, entry), 0, entry);
      if (block.length > BLOCK_SIZE) this.blocks.splice(number + 1, 0, block.splice(BLOCK_SIZE / 2));
    }
  }

  /** Nothing happens where there is no such entry. */
  remove(key: string | number, id: string): void {
    const entry = { key, id };
    const number = this.blockOf(entry);
    const block = this.blocks[number];
    const at = block === undefined ? -1 : placeIn(block, entry);
    if (block?.[at]?.id !== id) return;
    block.splice(at, 1);
    if (block.length === 0) this.blocks.splice(number, 1);
  }

  /** Ids by rising key. */
  between({ from, to }: ValueRange): string[] {
    const ids: string[] = [];
    const start = from === null ? 0 : this.blockOf({ key: from, id: '' });
    for (let number = start; number < this.blocks.length; number += 1) {
      for (const { key, id } of this.blocks[number] ?? []) {
        if (to !== null && key > to) return ids;
        if (from === null || key >= from) ids.push(id);
      }
    }
    return ids;
  }

  /** The last block that begins at or below an entry, else the first. */
  private blockOf(entry: Entry): number {
    let [low, high] = [0, this.blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = this.blocks[middle]?.[0];
      if (first !== undefined && compare(first, entry) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Up to this many entries, a whole number below 2^32 and the place of its entry fit into one number without loss. */
const PACKED_ENTRIES = 2 ** 21;

/** Whole numbers are sorted packed with the places of their entries, as an array of plain numbers. */
function sortEntries(entries: Entry[]): Entry[] {
  const isPackable = entries.length < PACKED_ENTRIES && entries.every(({ key }) => isWhole(key));
  if (!isPackable) return entries.sort(compare);
  const packed = Float64Array.from(entries, ({ key }, at) => Number(key) * PACKED_ENTRIES + at).sort();
  const sorted = Array.from(packed, (value) => entries[value % PACKED_ENTRIES]).filter((entry) => entry !== undefined);
  return sortTies(sorted);
}

function isWhole(key: string | number): boolean {
  return typeof key === 'number' && Number.isInteger(key) && key >= 0 && key < 2 ** 32;
}

/** Entries of the same key stand by their ids. */
function sortTies(entries: Entry[]): Entry[] {
  for (let start = 0, end = 1; start < entries.length; start = end, end += 1) {
    while (end < entries.length && entries[end]?.key === entries[start]?.key) end += 1;
    if (end - start < 2) continue;
    for (const [at, entry] of entries.slice(start, end).sort(compare).entries()) entries[start + at] = entry;
  }
  return entries;
}

function placeIn(block: readonly Entry[], entry: Entry): number {
  let [low, high] = [0, block.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = block[middle];
    if (other !== undefined && compare(other, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(one: Entry, other: Entry): number {
  if (one.key < other.key) return -1;
  if (one.key > other.key) return 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}
