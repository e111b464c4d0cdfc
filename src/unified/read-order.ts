import { type GraphQLInputObjectType, getNamedType, isInputObjectType } from 'graphql';
import { RequestError } from '../model/errors.js';
import type { Order } from '../model/query.js';
import { inputSource } from './schema/field-source.js';

/** Reads `orderBy: [{ lastname: ASC }, { createdon: DESC }]`. Rejects with BAD_USER_INPUT an item that names no field or several. */
export function readOrder(type: GraphQLInputObjectType, value: unknown, place = 'orderBy'): readonly Order[] {
  if (value === null || value === undefined) return [];
  const items = Array.isArray(value) ? value : [value];
  return items.map((item, index) => readItem(type, item, '', `${place}.${index}`));
}

function readItem(type: GraphQLInputObjectType, item: unknown, prefix: string, place: string): Order {
  const entries = typeof item === 'object' && item !== null ? Object.entries(item) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1 || entry[1] === null) throw notOneField(place, entries.length);
  const [name, direction] = entry;
  const field = type.getFields()[name];
  const source = inputSource(field);
  const innerType = getNamedType(field?.type);
  if (source?.kind === 'value') return { path: `${prefix}${source.path}`, descending: direction === 'DESC' };
  if (source?.kind === 'nested' && isInputObjectType(innerType)) {
    return readItem(innerType, direction, `${prefix}${source.name}/`, `${place}.${name}`);
  }
  throw new Error(`The order field at ${place}.${name} carries no source.`);
}

function notOneField(place: string, count: number): RequestError {
  const got = count === 1 ? 'one without a direction' : `${count}`;
  return new RequestError(
    'BAD_USER_INPUT',
    `Expected "${place}" to name exactly one field, as in { createdon: DESC }, but got ${got}. Several fields are several items of the list.`,
    { field: place },
  );
}
