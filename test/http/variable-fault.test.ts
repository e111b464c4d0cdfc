import { buildSchema, GraphQLError, GraphQLObjectType, GraphQLSchema, getVariableValues, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { withoutValue } from '../../src/http/variable-fault.js';
import { GraphQLBigInt, GraphQLDate, GraphQLDateTime } from '../../src/unified/schema/scalars.js';

const SCHEMA = buildSchema(`
  enum Kind { CERTIFICATE SECRET }
  input Account { name: String!, secret: String, kind: Kind, expires: Int, inner: Account }
  type Query { a(input: Account!): Int }
`);

const DATES = new GraphQLSchema({
  types: [GraphQLBigInt, GraphQLDate, GraphQLDateTime],
  query: new GraphQLObjectType({ name: 'Query', fields: { a: { type: GraphQLDate } } }),
});

/** What GraphQL says of a variable `$input`. */
function fault(input: unknown, type = 'Account!', schema = SCHEMA): string {
  const [definition] = parse(`query ($input: ${type}) { a(input: $input) }`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('Expected an operation.');
  const { errors } = getVariableValues(schema, definition.variableDefinitions ?? [], { input });
  return errors?.[0]?.message ?? '';
}

describe('the message about a variable that does not fit', () => {
  it.each<[unknown, string]>([
    [
      { secret: 'hush' },
      'Variable "$input" got an invalid value; Field "name" of required type "String!" was not provided.',
    ],
    [
      { name: 'a', secret: 'hush', inner: { secret: 'hush' } },
      'Variable "$input" got an invalid value at "input.inner"; Field "name" of required type "String!" was not provided.',
    ],
    [
      { name: 'a', secret: 'hush', nam: 1 },
      'Variable "$input" got an invalid value; Field "nam" is not defined by type "Account". Did you mean "name"?',
    ],
    [
      { name: 'a', secret: { hush: 'hush' } },
      'Variable "$input" got an invalid value at "input.secret"; String cannot represent a non string value.',
    ],
    [
      { name: null, secret: 'hush' },
      'Variable "$input" got an invalid value at "input.name"; Expected non-nullable type "String!" not to be null.',
    ],
    [
      { name: 'a', secret: 'hush', kind: 'CERTIFICAT' },
      'Variable "$input" got an invalid value at "input.kind"; Value "CERTIFICAT" does not exist in "Kind" enum. Did you mean the enum value "CERTIFICATE"?',
    ],
    ['hush', 'Variable "$input" got an invalid value; Expected type "Account" to be an object.'],
  ])('tells what is wrong with %j and shows nothing of it', (input, expected) => {
    expect(withoutValue(fault(input))).toBe(expected);
    expect(expected).not.toContain('hush');
  });

  it.each<[string, unknown, string]>([
    ['DateTime', 'hush', 'DateTime cannot represent an invalid date-time-string.'],
    ['Date', 'hush', 'Date cannot represent an invalid date-string.'],
    ['BigInt', 'hush', 'Expected type "BigInt".'],
    ['BigInt', 2 ** 53, 'BigInt cannot represent a number beyond 9007199254740991 unless it is given as text.'],
  ])('tells that %s was expected, and shows nothing of %j', (type, input, reason) => {
    expect(withoutValue(fault(input, type, DATES))).toBe(`Variable "$input" got an invalid value; ${reason}`);
  });

  it('is left as it is where it is about something else', () => {
    const { message } = new GraphQLError('Cannot query field "x" on type "Query".');
    expect(withoutValue(message)).toBe(message);
  });
});
