import { describe, expect, it } from 'vitest';
import type { FilterNode } from '../../../../mocks/dynamics/odata/ast.js';
import { ODataError, ODataSyntaxError } from '../../../../mocks/dynamics/odata/errors.js';
import { equalityTerms } from '../../../../mocks/dynamics/odata/index-terms.js';
import { parseFilter } from '../../../../mocks/dynamics/odata/parser.js';

/** A filter with parentheses everywhere, to show how its text was understood. */
function outline(node: FilterNode): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `(${node.nodes.map(outline).join(` ${node.kind} `)})`;
    case 'not':
      return `not ${outline(node.node)}`;
    case 'truth':
      return operand(node.operand);
    case 'comparison':
      return `[${operand(node.left)} ${node.operator} ${operand(node.right)}]`;
    case 'text':
      return `${node.function}(${operand(node.property)}, ${JSON.stringify(node.pattern)})`;
    case 'function':
      return `${node.name}(${[node.property, ...node.values].map(operand).join(', ')})`;
    case 'lambda':
      return `${operand(node.collection)} ${node.operator} ${node.variable}: ${node.predicate && outline(node.predicate)}`;
  }
}

function operand(node: Extract<FilterNode, { kind: 'truth' }>['operand']): string {
  if (node.kind === 'literal') return `${node.type} ${JSON.stringify(node.value)}`;
  return [node.variable, ...node.path].filter((part) => part !== null).join('/');
}

describe('parseFilter', () => {
  it.each([
    ["name eq 'O''Neil'", '[name eq string "O\'Neil"]'],
    ['revenue gt -1.5e3', '[revenue gt number -1500]'],
    ['5 lt revenue', '[revenue gt number 5]'],
    ['createdon ge 2024-01-31T08:00:00Z', '[createdon ge date "2024-01-31T08:00:00Z"]'],
    ['createdon ge 2024-01-31T08:00', '[createdon ge date "2024-01-31T08:00Z"]'],
    ['birthdate eq 2024-02-29', '[birthdate eq date "2024-02-29"]'],
    ['accountid eq D5026A4D-0000-4000-8000-00000000000A', '[accountid eq guid "d5026a4d-0000-4000-8000-00000000000a"]'],
    ['donotemail eq true', '[donotemail eq boolean true]'],
    ['parentcustomerid ne null', '[parentcustomerid ne null null]'],
    ['firstname eq lastname', '[firstname eq lastname]'],
    ["primarycontactid/createdby/fullname eq 'X'", '[primarycontactid/createdby/fullname eq string "X"]'],
    ["AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'", '[AttributeType eq enum "Picklist"]'],
    ["contains(name,'(;,x')", 'contains(name, "(;,x")'],
    ['a eq 1 or b eq 2 and c eq 3', '([a eq number 1] or ([b eq number 2] and [c eq number 3]))'],
    ['(a eq 1 or b eq 2) and c eq 3', '(([a eq number 1] or [b eq number 2]) and [c eq number 3])'],
    ["not contains(name,'x') and a eq 1", '(not contains(name, "x") and [a eq number 1])'],
    ["startswith(name,'x') eq false", 'not startswith(name, "x")'],
    ['donotemail or not donotphone', '(donotemail or not donotphone)'],
    ['Account_Tasks/any()', 'Account_Tasks any : null'],
    ['Account_Tasks/all(t:t/statecode eq 1)', 'Account_Tasks all t: [t/statecode eq number 1]'],
    [
      "contact_customer_accounts/any(c:c/jobtitle eq 'X' and c/tasks/any(o:o/name ne c/name))",
      'contact_customer_accounts any c: ([c/jobtitle eq string "X"] and c/tasks any o: [o/name ne c/name])',
    ],
    ["Microsoft.Dynamics.CRM.Today(PropertyName='createdon')", 'Today(createdon)'],
    [
      `Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=["OBrian","O'Bryan"])`,
      'In(lastname, string "OBrian", string "O\'Bryan")',
    ],
    ["Microsoft.Dynamics.CRM.LastXDays(PropertyName='modifiedon',PropertyValue=7)", 'LastXDays(modifiedon, number 7)'],
    ["ownerid/Microsoft.Dynamics.CRM.EqualUserId(PropertyName='systemuserid')", 'EqualUserId(ownerid/systemuserid)'],
  ])('understands %s', (text, expected) => {
    expect(outline(parseFilter(text))).toBe(expected);
  });

  it('puts the values of parameter aliases in their places, null where there is none', () => {
    const aliases = new Map([
      ['@p1', "'lastname'"],
      ['@p2', `["OBrian","O'Bryan"]`],
      ['@p3', 'revenue'],
    ]);
    const text = 'Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2) and @p3 gt 1 and name eq @p4';
    expect(outline(parseFilter(text, { aliases }))).toBe(
      '(In(lastname, string "OBrian", string "O\'Bryan") and [revenue gt number 1] and [name eq null null])',
    );
  });

  it.each([
    ['name eq', 7, "Expression expected at position 7 in 'name eq', found the end."],
    ["name eq 'x", 8, 'There is an unterminated string literal at position 8'],
    ["name eq 'x' 'y'", 12, "Syntax error at position 12 in 'name eq 'x' 'y'', found ''y''."],
    ["(name eq 'x'", 12, "')' expected at position 12"],
    ['name eq "x"', 8, 'Expression expected at position 8'],
    ['name & 1', 5, "character '&' is not valid at position 5"],
    ['createdon eq 2024-02-30', 13, "Unrecognized 'Edm.DateTimeOffset' literal '2024-02-30'"],
    ['a eq 12abc', 5, "character '1' is not valid"],
    ["Microsoft.Dynamics.CRM.In(PropertyName='a',PropertyValues=[5])", 59, 'A quoted string expected at position 59'],
    [
      "Microsoft.Dynamics.CRM.In(PropertyName='a')",
      0,
      "'Microsoft.Dynamics.CRM.In' takes PropertyName, PropertyValues.",
    ],
    ["Microsoft.Dynamics.CRM.Today(PropertyName='a',PropertyValue=1)", 0, 'takes PropertyName.'],
    [`Microsoft.Dynamics.CRM.Between(PropertyName='a',PropertyValues=["1"])`, 0, 'must be two values'],
  ])('tells where %s is wrong', (text, position, message) => {
    const parse = () => parseFilter(text);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ name: 'ODataSyntaxError', position }));
  });

  it.each([
    ["name in ('a','b')", "The operator 'in'"],
    ['revenue add 1 eq 2', "The operator 'add'"],
    ["tolower(name) eq 'x'", "An unknown function with name 'tolower'"],
    ['Microsoft.Dynamics.CRM.Near()', "An unknown function with name 'Microsoft.Dynamics.CRM.Near'"],
    ['primarycontactid/tasks/any()', 'below a lookup is not supported'],
    ["not name eq 'x'", 'A condition can be compared by eq or ne with true or false only'],
    ["'x'", "Expected a condition, but 'x' is a value."],
    ['contains(name,5)', "No function signature for the function with name 'contains'"],
    ['tasks/any(t:t eq 1)', "The range variable 't' must be followed by a property"],
  ])('refuses %s', (text, message) => {
    expect(() => parseFilter(text)).toThrow(message);
    expect(() => parseFilter(text)).toThrow(ODataError);
  });

  it('keeps to a depth and a length that no text can exceed', () => {
    expect(() => parseFilter(`${'('.repeat(60_000)}`)).toThrow(
      new ODataSyntaxError('Conditions are nested more than 100 deep.', 100),
    );
    expect(() => parseFilter('not '.repeat(10_000))).toThrow('Conditions are nested more than 100 deep.');
    expect(() => parseFilter('a'.repeat(70_000))).toThrow('The expression is longer than 65536 characters.');
  });

  it('takes a chain of five thousand conditions without depth', () => {
    const node = parseFilter(Array.from({ length: 5000 }, (_, index) => `a eq ${index}`).join(' or '));
    expect(node).toMatchObject({ kind: 'or', nodes: { length: 5000 } });
  });
});

describe('equalityTerms', () => {
  it('finds what an index can serve, under and alone', () => {
    const node = parseFilter(
      "accountid eq 'A' and (b eq 1 or c eq 2) and Microsoft.Dynamics.CRM.In(PropertyName='d',PropertyValues=['x','y']) and e ne 1 and 7 eq f",
    );
    expect(equalityTerms(node)).toEqual([
      { property: 'accountid', values: ['A'] },
      { property: 'd', values: ['x', 'y'] },
      { property: 'f', values: [7] },
    ]);
  });

  it.each(['not (a eq 1)', 'a eq null', 'b/a eq 1', 'a eq b', 'bs/any(x:x/a eq 1)'])('finds nothing in %s', (text) => {
    expect(equalityTerms(parseFilter(text))).toEqual([]);
  });
});
