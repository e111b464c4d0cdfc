import { type GraphQLInputObjectType, getNamedType, isInputObjectType } from 'graphql';
import { fitToAttribute } from '../mapping/fit.js';
import type { EnumerationValue, SchemaAttribute } from '../model/campaign-schema.js';
import { RequestError } from '../model/errors.js';
import type { WriteValue } from '../model/query.js';
import { entriesOf, quoted, unfit } from './input-values.js';
import { readKeyValue } from './read-alternate-key.js';
import { type WriteSource, writeSource } from './schema/field-source.js';

/** Values by neutral path, as connectors write them. */
type Values = Record<string, WriteValue>;

/**
 * Reads the value of a generated input of a Campaign schema: what is given, by path. Rejects with BAD_USER_INPUT, naming the place, a value
 * that its attribute cannot hold or that its enumeration does not list.
 */
export function readAttributes(type: GraphQLInputObjectType, input: unknown): Readonly<Values> {
  return readElement(type, input, { place: 'input', prefix: '' });
}

interface Position {
  /** Where the client finds it: `input.location`. */
  readonly place: string;
  /** Neutral path of the element at hand, with a slash behind it; '' at the root. */
  readonly prefix: string;
}

function readElement(type: GraphQLInputObjectType, input: unknown, { place, prefix }: Position): Values {
  const values: Values = {};
  for (const [name, value] of entriesOf(input)) {
    const field = type.getFields()[name];
    const source = writeSource(field);
    if (!source) throw new Error(`The input field at ${place}.${name} carries no source.`);
    Object.assign(values, readPart(source, getNamedType(field?.type), value, { place: `${place}.${name}`, prefix }));
  }
  return values;
}

function readPart(source: WriteSource, type: unknown, value: unknown, at: Position): Values {
  switch (source.kind) {
    case 'attribute':
      return { [`${at.prefix}${source.attribute.name}`]: readValue(source, value, at.place) };
    case 'link':
      return readLink(source, value, at);
    case 'element':
      if (value === null) throw unfit(at.place, 'an object; null empties an attribute, and not an element', 'null');
      if (!isInputObjectType(type)) throw new Error(`The input field at ${at.place} is of no input type.`);
      return readElement(type, value, { place: at.place, prefix: `${at.prefix}${source.name}/` });
  }
}

/** Null unties the link. */
function readLink(source: Extract<WriteSource, { kind: 'link' }>, value: unknown, { place, prefix }: Position): Values {
  const link = `${prefix}${source.name}/`;
  if (value === null) return { [`${link}${source.key}`]: null };
  const key = readKeyValue(source.keys, Object.fromEntries(entriesOf(value)), `${place}.`) ?? {};
  return Object.fromEntries(Object.entries(key).map(([path, part]) => [`${link}${path}`, part]));
}

function readValue(
  { attribute, values }: Extract<WriteSource, { kind: 'attribute' }>,
  value: unknown,
  place: string,
): WriteValue {
  const plain = plainOf(attribute, value);
  if (plain === null || plain === '') return null;
  assertListed(values, plain, place);
  try {
    return fitToAttribute(plain, attribute);
  } catch (cause) {
    if (!(cause instanceof RequestError)) throw cause;
    throw new RequestError(cause.code, `"${place}": ${cause.message}`, { field: place, cause });
  }
}

function plainOf({ type }: SchemaAttribute, value: unknown): WriteValue {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return type === 'date' ? value.toISOString().slice(0, 10) : value.toISOString();
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}

/** Campaign itself would keep any value. 0 stands for none, whether it is listed or not. */
function assertListed(values: readonly EnumerationValue[], value: string | number | boolean, place: string): void {
  const text = String(typeof value === 'boolean' ? Number(value) : value);
  if (values.length === 0 || text === '0' || values.some((listed) => listed.value === text)) return;
  throw unfit(place, `a value of its enumeration (${listOf(values)})`, quoted(text));
}

/** `0 None specified, 1 Male`, the first of many. */
export function listOf(values: readonly EnumerationValue[]): string {
  const shown = values.slice(0, 20).map(({ value, label }) => (value === label ? value : `${value} ${label}`));
  return [...shown, ...(values.length > 20 ? ['…'] : [])].join(', ');
}
