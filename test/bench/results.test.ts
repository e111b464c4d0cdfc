import { expect, it } from 'vitest';
import { mergeResults } from '../../bench/results.js';

const BEFORE = mergeResults('', [
  ['gateway', 'old figures'],
  ['paging', 'figures of paging'],
]);

it('a suite that is measured anew takes the place of its earlier figures and leaves those of the others', () => {
  const after = mergeResults(BEFORE, [['gateway', 'new figures']]);
  expect(after).toBe(BEFORE.replace('old figures', 'new figures'));
});

it('a suite that was never measured comes after the others', () => {
  const after = mergeResults(BEFORE, [['campaign-mock', 'figures of Campaign']]);
  expect(after).toBe(`${BEFORE}\n## campaign-mock\n\nfigures of Campaign\n`);
});
