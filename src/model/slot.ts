/** A place for one value beside each object. */
export interface Slot<Value> {
  get(object: object): Value | undefined;
  /** Does nothing where the object is frozen. */
  set(object: object, value: Value): void;
}

/**
 * Makes what a WeakMap is elsewhere, for objects that do not live long. The value is kept on the object itself, where no walk over its
 * properties meets it: of a WeakMap that has lived for a while V8 carries every value into the old generation, with all that it leads to,
 * though its key is garbage by then. What each request leaves so would wait for a collection of the whole heap.
 */
export function createSlot<Value>(): Slot<Value> {
  const name = Symbol('slot');
  return {
    // Objects that have the property were given it below.
    get: (object) => (object as { readonly [name]?: Value })[name],
    set(object, value) {
      if (Object.isExtensible(object)) Object.defineProperty(object, name, { value, configurable: true });
    },
  };
}
