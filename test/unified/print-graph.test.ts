import { lexicographicSortSchema, printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/model/catalog.js';
import { printTypes } from '../../src/unified/print-graph.js';
import { CRM_CATALOG, column, schema, table, whole } from './catalogs.js';
import { schemaOf } from './fake-remotes.js';
import { zooSchema } from './zoo-schema.js';

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

/** Names that differ in numbers, in capitals, and in where one of them ends. */
const NAMES = ['a10', 'a9', 'a09', 'A1', 'a', 'ab', 'a1b', 'a1', 'a1a2', 'a_1', 'a01b', '_a', 'z0', 'z00', 'z'];
const NUMBERED: Catalog = {
  ...CRM_CATALOG,
  tables: [
    ...CRM_CATALOG.tables,
    ...NAMES.map((name) =>
      table(
        `new_${name}`,
        NAMES.map((one) => column(one)),
      ),
    ),
  ],
  schemas: [...CRM_CATALOG.schemas, schema('cus:x10', []), schema('cus:x9', [])],
};

describe('the printed graph', () => {
  it.each([
    ['what is mapped', schemaOf(CRM_CATALOG)],
    ['names with numbers', schemaOf(NUMBERED)],
    ['every kind of type', zooSchema()],
  ])('has the order of GraphQL itself for %s', async (_, printed) => {
    const text = await textOf(printTypes(Object.values(printed.getTypeMap())));
    expect(text).toBe(printSchema(lexicographicSortSchema(whole(printed))));
  });

  it('comes in pieces, between which other work has its turn', async () => {
    let turns = 0;
    const count = () => {
      turns += 1;
      turn = setImmediate(count);
    };
    let turn = setImmediate(count);
    let pieces = 0;
    for await (const _ of printTypes(Object.values(schemaOf(NUMBERED).getTypeMap()))) pieces += 1;
    clearImmediate(turn);
    expect(pieces).toBeGreaterThan(5);
    expect(turns).toBeGreaterThanOrEqual(pieces - 1);
  });

  it('is nothing where there are no types', async () => {
    expect(await textOf(printTypes([]))).toBe('');
  });
});
