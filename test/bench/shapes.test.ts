import { expect, it } from 'vitest';
import { unwrap } from '../../bench/shapes.js';

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
