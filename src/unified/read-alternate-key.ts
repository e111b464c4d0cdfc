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

/**
 * The key that was given, or null where it is an id that is none of the keys. Rejects as `readAlternateKey` does. `place` is where the
 * arguments stand: `input.folder.`.
 */
export function readKeyValue(
  keys: readonly KeyArguments[],
  args: Readonly<Record<string, unknown>>,
  place = '',
): KeyValue | null {
  const given = Object.keys(args).filter((name) => args[name] !== null && args[name] !== undefined);
  const key = keys.find((parts) => isSame(given, parts));
  if (!key && given.length === 1 && given[0] === 'id') return null;
  if (!key) throw notOneKey(keys, given, place);
  return Object.fromEntries(
    key.map(({ argument, path, value }) => [path, toScalar(value, args[argument], `${place}${argument}`)]),
  );
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

function notOneKey(keys: readonly KeyArguments[], given: readonly string[], place: string): RequestError {
  const names = keys.map((key) => key.map(({ argument }) => argument).join(' with '));
  const choices = [...new Set(['id', ...names])].join(', or ');
  const got = given.length === 0 ? 'none' : given.join(' with ');
  return new RequestError('BAD_USER_INPUT', `Expected one key: ${choices}; but got ${got}.`, {
    field: `${place}${given[0] ?? 'id'}`,
  });
}
