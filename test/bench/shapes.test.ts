import { parse, visit } from 'graphql';
import { expect, it } from 'vitest';
import { MOST_OWN, shapesFor, unwrap } from '../../bench/shapes.js';

it('records are equal whatever the graphs wrap them in', () => {
  const ours = { dynamics: { accounts: { nodes: [{ name: 'A', contacts: { nodes: [{ fullname: 'B' }] } }] } } };
  const theirs = { accounts: [{ name: 'A', contacts: [{ fullname: 'B' }] }] };
  expect(unwrap(ours)).toEqual(unwrap(theirs));
});

it.each([
  ['a value', { contacts: [{ fullname: 'C' }] }],
  ['a missing record', { contacts: [] }],
  ['a further column', { contacts: [{ fullname: 'B', jobtitle: null }] }],
])('records differ by %s', (_, theirs) => {
  expect(unwrap({ dynamics: { contacts: { nodes: [{ fullname: 'B' }] } } })).not.toEqual(unwrap(theirs));
});

const ids = (length: number) => Array.from({ length }, (_, index) => `id ${index}`);

it.each(shapesFor({ contacts: ids(MOST_OWN), accounts: ids(10 * MOST_OWN) }))(
  'connections have a query of their own each: $name',
  ({ own, query }) => {
    const questions = own(MOST_OWN);
    expect(new Set(questions.map((question) => JSON.stringify(question))).size).toBe(MOST_OWN);
    expect(own(16)).toEqual(questions.slice(0, 16));
    expect(fieldsOf(questions[0]?.query ?? '')).toEqual(fieldsOf(query));
  },
);

function fieldsOf(query: string): readonly string[] {
  const fields: string[] = [];
  visit(parse(query), { Field: ({ name }) => void fields.push(name.value) });
  return fields;
}
