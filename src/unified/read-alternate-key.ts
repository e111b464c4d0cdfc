import { RequestError } from '../model/errors.js';
import type { Filter } from '../model/query.js';
import { toScalar } from './read-filter.js';
import type { KeyArguments } from './schema/field-source.js';

/**
 * The filter that finds a record by the alternate key that was given, or null where it is the id that was. Rejects with BAD_USER_INPUT
 * anything but one whole key.
 */
export function readAlternateKey(
  keys: readonly KeyArguments[],
  args: Readonly<Record<string, unknown>>,
): Filter | null {
  const given = Object.keys(args).filter((name) => args[name] !== null && args[name] !== undefined);
  if (given.length === 1 && given[0] === 'id') return null;
  const key = keys.find((parts) => isSame(given, parts));
  if (!key) throw notOneKey(keys, given);
  const filters = key.map(({ argument, path, value }): Filter => {
    return { kind: 'compare', path, operator: 'eq', value: toScalar(value, args[argument], argument) };
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
