import { RequestError } from '../model/errors.js';
import type { Filter, Scalar } from '../model/query.js';
import { toScalar } from './read-filter.js';
import type { KeyArguments } from './schema/field-source.js';

/** The value of an alternate key: what each of its paths holds. */
export type KeyValue = Readonly<Record<string, Scalar>>;

/**
 * The filter that finds a record by the alternate key that was given, or null where it is the id that was. Rejects with BAD_USER_INPUT
 * anything but one whole key.
 */
export function readAlternateKey(
  keys: readonly KeyArguments[],
  args: Readonly<Record<string, unknown>>,
): Filter | null {
  const value = readKeyValue(keys, args);
  return value && filterOfKey(value);
}

/** The alternate key that was given, or null where it is the id that was. Rejects as `readAlternateKey` does. */
export function readKeyValue(keys: readonly KeyArguments[], args: Readonly<Record<string, unknown>>): KeyValue | null {
  const given = Object.keys(args).filter((name) => args[name] !== null && args[name] !== undefined);
  if (given.length === 1 && given[0] === 'id') return null;
  const key = keys.find((parts) => isSame(given, parts));
  if (!key) throw notOneKey(keys, given);
  return Object.fromEntries(key.map(({ argument, path, value }) => [path, toScalar(value, args[argument], argument)]));
}

/** Finds the records that have a key. */
export function filterOfKey(key: KeyValue): Filter {
  const filters = Object.entries(key).map(([path, value]): Filter => {
    return { kind: 'compare', path, operator: 'eq', value };
  });
  const [only] = filters;
  return only && filters.length === 1 ? only : { kind: 'and', filters };
}

function isSame(given: readonly string[], key: KeyArguments): boolean {
  return given.length === key.length && key.every(({ argument }) => given.includes(argument));
}

function notOneKey(keys: readonly KeyArguments[], given: readonly string[]): RequestError {
  const choices = ['id', ...keys.map((key) => key.map(({ argument }) => argument).join(' with '))].join(', or ');
  const got = given.length === 0 ? 'none' : given.join(' with ');
  return new RequestError('BAD_USER_INPUT', `Expected one key: ${choices}; but got ${got}.`, {
    field: given[0] ?? 'id',
  });
}
