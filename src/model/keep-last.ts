import { createSlot } from './slot.js';

/**
 * Makes a function that keeps, for each object, the last value made for it, and makes it anew where what else it depends on is not the
 * same. Selections that a document asks for come again as the same objects, so that what is compiled of them need not be made again.
 */
export function keepLast<Value>(): (key: object, on: readonly unknown[], make: () => Value) => Value {
  const kept = createSlot<{ readonly on: readonly unknown[]; readonly value: Value }>();
  return (key, on, make) => {
    const known = kept.get(key);
    if (known && known.on.length === on.length && known.on.every((one, index) => one === on[index])) return known.value;
    const value = make();
    kept.set(key, { on, value });
    return value;
  };
}

/** Makes a function that computes its value when it is first asked for it, and keeps it. */
export function once<Value>(compute: () => Value): () => Value {
  let kept: { readonly value: Value } | null = null;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}
