import { type GraphQLInputObjectType, type GraphQLResolveInfo, getNamedType, isInputObjectType } from 'graphql';
import { RequestError } from '../../model/errors.js';
import type { WriteRequest, WriteValue } from '../../model/query.js';
import type { Table } from '../../model/table.js';
import type { KeyValue } from '../read-alternate-key.js';

/** The type of the argument `input` of the field being resolved. */
export function inputTypeOf(info: GraphQLResolveInfo): GraphQLInputObjectType {
  const field = info.parentType.getFields()[info.fieldName];
  const type = getNamedType(field?.args.find(({ name }) => name === 'input')?.type);
  if (isInputObjectType(type)) return type;
  throw new Error(`The field ${info.parentType.name}.${info.fieldName} has no argument "input".`);
}

/**
 * Rejects an input with a part of the key that an upsert goes by. Dynamics for one would make the record with the value of the input, and so
 * another record each time.
 */
export function assertKeyApart(key: KeyValue, values: Readonly<Record<string, WriteValue>>): void {
  const twice = Object.keys(key).find((name) => name in values);
  if (twice === undefined) return;
  throw new RequestError(
    'BAD_USER_INPUT',
    `Expected "input" without "${twice}", by which the record is found. To change it, find the record by its id.`,
    { field: `input.${twice}` },
  );
}

/** Rejects an input that changes nothing. */
export function assertSomething(values: Readonly<Record<string, unknown>>): void {
  if (Object.keys(values).length > 0) return;
  throw new RequestError('BAD_USER_INPUT', 'Expected at least one column to change.', { field: 'input' });
}

/** The version that a record must still have, where one was given. */
export function ifMatch(args: Readonly<Record<string, unknown>>): Pick<WriteRequest<Table>, 'ifMatch'> {
  return args.ifMatch === null || args.ifMatch === undefined ? {} : { ifMatch: String(args.ifMatch) };
}
