/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** 0 up to, but not including, 1. */
  next(): number;
  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  pick<T>(items: readonly T[]): T;
  /** True in this share of calls, 0 to 1. */
  chance(share: number): boolean;
  /** A version 4 GUID. */
  guid(): string;
}

/** Mulberry32: small and fast; not for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    integer,
    pick: (items) => {
      const item = items[integer(0, items.length - 1)];
      if (item === undefined) throw new Error('Expected something to pick from.');
      return item;
    },
    chance: (share) => next() < share,
    guid: () => formatGuid([next(), next(), next(), next()]),
  };
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const GUID = Buffer.alloc(36, '-');

/** Written into one buffer: millions of ids are made, and each is to be one text without pieces. */
function formatGuid(parts: readonly number[]): string {
  let at = 0;
  for (const part of parts) {
    const word = Math.floor(part * 4_294_967_296);
    for (let shift = 24; shift >= 0; shift -= 8) {
      if (at === 8 || at === 13 || at === 18 || at === 23) at += 1;
      at += GUID.write(HEX[(word >>> shift) & 255] ?? '00', at, 'latin1');
    }
  }
  GUID.write('4', 14, 'latin1');
  GUID.write('89ab'.charAt(Number.parseInt(GUID.toString('latin1', 19, 20), 16) & 3), 19, 'latin1');
  return GUID.toString('latin1');
}
