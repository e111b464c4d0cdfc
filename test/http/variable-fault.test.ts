import { buildSchema, GraphQLError, getVariableValues, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { withoutValue } from '../../src/http/variable-fault.js';

const SCHEMA = buildSchema(`
  enum Kind { CERTIFICATE SECRET }
  input Account { name: String!, secret: String, kind: Kind, expires: Int, inner: Account }
  type Query { a(input: Account!): Int }
`);

/** What GraphQL says of a variable `$input` of type `Account!`. */
function fault(input: unknown): string {
  const [definition] = parse('query ($input: Account!) { a(input: $input) }').definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('Expected an operation.');
  const { errors } = getVariableValues(SCHEMA, definition.variableDefinitions ?? [], { input });
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

  it('is left as it is where it is about something else', () => {
    const { message } = new GraphQLError('Cannot query field "x" on type "Query".');
    expect(withoutValue(message)).toBe(message);
  });
});
