import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MappedMocks, startMappedMocks } from './mapped-mocks.js';

/** Characters that mean something in OData, in SQL's LIKE, in JSON, in XML or in XTK expressions, and some that mean nothing. */
const CHARACTERS = [...'\'"&%#+=;,()$?/\\@:[]_<>{}^*-|~`!.ab0é😀'];

/** Blanks stand only within: databases differ in what they make of others. */
const text = fc
  .array(fc.constantFrom(...CHARACTERS, ' ', '\n', "' or 1 eq 1 or '", "' or 1=1 or '", '%27', ']]>', '&amp;'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join('').trim())
  .filter((one) => one !== '');

type TextFilter =
  | { readonly kind: 'compare'; readonly operator: (typeof OPERATORS)[number]; readonly value: string }
  | { readonly kind: 'in'; readonly values: readonly string[] }
  | { readonly kind: 'isNull'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly filters: readonly TextFilter[] }
  | { readonly kind: 'not'; readonly filter: TextFilter };

const OPERATORS = ['eq', 'ne', 'contains', 'startsWith', 'endsWith'] as const;

/** Texts that records hold, and parts of them, so that filters find something. */
function filterOn(held: readonly string[]): fc.Arbitrary<TextFilter> {
  const known = fc
    .tuple(fc.constantFrom(...held), fc.nat(4), fc.integer({ min: 1, max: 5 }))
    .map(([whole, from, length]) => [...whole].slice(from, from + length).join('') || whole);
  const value = fc.oneof(fc.constantFrom(...held), known, text);
  const leaf: fc.Arbitrary<TextFilter> = fc.oneof(
    fc.record({ kind: fc.constant('compare'), operator: fc.constantFrom(...OPERATORS), value }),
    fc.record({ kind: fc.constant('in'), values: fc.array(value, { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('isNull'), value: fc.boolean() }),
  );
  return fc.letrec<{ node: TextFilter }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'filter' },
      leaf,
      fc.record({
        kind: fc.constantFrom('and', 'or'),
        filters: fc.array(tie('node'), { maxLength: 3, depthIdentifier: 'filter' }),
      }),
      fc.record({ kind: fc.constant('not'), filter: tie('node') }),
    ),
  })).node;
}

/** The filter as a client writes it. */
function written(filter: TextFilter, field: string): string {
  switch (filter.kind) {
    case 'compare':
      return `{ ${field}: { ${filter.operator}: ${JSON.stringify(filter.value)} } }`;
    case 'in':
      return `{ ${field}: { in: ${JSON.stringify(filter.values)} } }`;
    case 'isNull':
      return `{ ${field}: { isNull: ${filter.value} } }`;
    case 'not':
      return `{ not: ${written(filter.filter, field)} }`;
    default:
      return `{ ${filter.kind}: [${filter.filters.map((one) => written(one, field)).join(' ')}] }`;
  }
}

/** What the documentation says that it finds. */
function finds(filter: TextFilter, held: string | null): boolean {
  switch (filter.kind) {
    case 'compare':
      return compares(filter.operator, held, filter.value);
    case 'in':
      return held !== null && filter.values.includes(held);
    case 'isNull':
      return (held === null) === filter.value;
    case 'not':
      return !finds(filter.filter, held);
    case 'and':
      return filter.filters.every((one) => finds(one, held));
    default:
      return filter.filters.some((one) => finds(one, held));
  }
}

function compares(operator: (typeof OPERATORS)[number], held: string | null, value: string): boolean {
  if (operator === 'ne') return held !== value;
  if (held === null) return false;
  if (operator === 'contains') return held.includes(value);
  if (operator === 'startsWith') return held.startsWith(value);
  return operator === 'endsWith' ? held.endsWith(value) : held === value;
}

const HELD = [...new Set(fc.sample(text, { numRuns: 40, seed: 7 }))];

describe('a filter on texts', () => {
  let graph: MappedMocks;
  beforeAll(async () => {
    graph = await startMappedMocks();
    for (const jobtitle of HELD) graph.mocks.dynamics.insert('contact', { lastname: 'Probe', jobtitle });
    graph.mocks.dynamics.insert('contact', { lastname: 'Probe' });
    for (const held of [...HELD, null]) {
      const given = held === null ? '' : `middleName: ${JSON.stringify(held)}`;
      await graph.ask(`mutation { createCampaignNmsRecipient(input: { lastName: "Probe" ${given} }) { id } }`);
    }
  });
  afterAll(() => graph.close());

  it.each([
    ['dynamics', 'contacts', 'lastname', 'jobtitle'],
    ['campaign', 'nmsRecipients', 'lastName', 'middleName'],
  ])('of %s finds what it says, whatever is in them', async (namespace, list, name, field) => {
    await fc.assert(
      fc.asyncProperty(filterOn(HELD), async (filter) => {
        const within = `{ ${name}: { eq: "Probe" }, and: [${written(filter, field)}] }`;
        const data = await graph.ask(
          `{ ${namespace} { ${list}(filter: ${within}, first: 100) { nodes { ${field} } } } }`,
        );
        const found = data[namespace][list].nodes.map((node: Record<string, string | null>) => node[field] || null);
        const expected = [...HELD, null].filter((held) => finds(filter, held));
        expect([...found].sort()).toEqual([...expected].sort());
      }),
      { numRuns: 150 },
    );
  });
});
