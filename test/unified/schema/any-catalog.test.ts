import fc from 'fast-check';
import { assertValidSchema, buildSchema } from 'graphql';
import { describe, it } from 'vitest';
import type { AttributeType, CampaignSchema, SchemaElement } from '../../../src/model/campaign-schema.js';
import type { Catalog } from '../../../src/model/catalog.js';
import type { ColumnType, Relationship, Table } from '../../../src/model/table.js';
import { printTypes } from '../../../src/unified/print-graph.js';
import { anAttribute, anElement } from '../../support/builders.js';
import { column, element, link, mapping, schema, table, whole } from '../catalogs.js';
import { schemaOf } from '../fake-remotes.js';

/** Names that a word of GraphQL's, of ours or of each other may be taken for. */
const NAMES = [
  ...['a', 'A', 'b', 'a_b', 'ab', 'a_2', 'aid', 'as', 'thing', 'things'],
  ...[
    'id',
    'nodeId',
    'node',
    'key',
    'count',
    'sum',
    'and',
    'or',
    'not',
    'true',
    'false',
    'null',
    'first',
    'filter',
    'ifMatch',
    'input',
  ],
  ...[
    'dynamics',
    'campaign',
    'unified',
    'drift',
    'syncState',
    'query',
    'account_filter',
    'a_aggregate',
    'page_info',
    'choice',
    '_empty',
  ],
  ...['__a', '_a', '2nd', 'password', 'a-b', 'a-id', 'é', 'ÄÖ', '__typename', 'constructor', '__proto__x', 'toString'],
];
const TYPES: readonly ColumnType[] = [
  ...(['string', 'memo', 'integer', 'bigint', 'decimal', 'money', 'boolean', 'datetime', 'date'] as const),
  ...(['choice', 'choices', 'state', 'uniqueid', 'entityname', 'image', 'file', 'partylist', 'virtual'] as const),
];
const ATTRIBUTE_TYPES: readonly AttributeType[] = [
  ...([
    'string',
    'memo',
    'byte',
    'long',
    'int64',
    'double',
    'boolean',
    'datetime',
    'date',
    'time',
    'timespan',
    'blob',
    'html',
    'uuid',
  ] as const),
];

const name = fc.constantFrom(...NAMES);
const names = fc.uniqueArray(name, { maxLength: 5 });

const lookups = fc.array(fc.record({ name, targets: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }) }), {
  maxLength: 3,
});
const columns = fc
  .tuple(fc.array(fc.record({ name, type: fc.constantFrom(...TYPES) }), { maxLength: 8 }), lookups)
  .map(([plain, led]) => [
    ...plain.map(({ name, type }) => column(name, type)),
    ...led.map(({ name, targets }) => column(name, targets.length > 1 ? 'customer' : 'lookup', targets)),
  ])
  .map((all) => [...new Map(all.map((one) => [one.name, one])).values()]);

const relationships = fc.array(
  fc
    .record({ navigation: name, table: name, column: name, isMany: fc.boolean() })
    .map(
      ({ isMany, navigation, table, column }): Relationship =>
        isMany
          ? { kind: 'many-to-many', name: navigation, navigation, table, intersectTable: 'x' }
          : { kind: 'one-to-many', name: navigation, navigation, table, column },
    ),
  { maxLength: 3 },
);

function aTable(logicalName: string): fc.Arbitrary<Table> {
  return fc
    .record({ columns, relationships, keys: names, setName: fc.option(name, { nil: undefined }) })
    .map(({ columns, relationships, keys, setName }) => {
      const own = columns.filter((one) => one.name !== `${logicalName}id`);
      return table(logicalName, own, {
        ...(setName !== undefined && { setName: `${setName}${logicalName}` }),
        relationships,
        keys: keys.map((key) => ({ name: key, columns: [key], active: true })),
      });
    });
}

const attributes = fc
  .uniqueArray(name, { minLength: 1, maxLength: 6 })
  .chain((all) =>
    fc.tuple(...all.map((one) => fc.constantFrom(...ATTRIBUTE_TYPES).map((type) => anAttribute(one, type)))),
  );

const nested: fc.Arbitrary<SchemaElement> = fc
  .record({ name, attributes, inner: fc.option(fc.record({ name, attributes }), { nil: null }) })
  .map(({ name, attributes, inner }) =>
    element(name, attributes, { elements: inner ? [anElement(inner.name, inner.attributes)] : [] }),
  );

function aSchema(schemaName: string): fc.Arbitrary<CampaignSchema> {
  const links = fc.array(fc.record({ name, target: name, isMany: fc.boolean() }), { maxLength: 3 });
  return fc
    .record({
      attributes,
      elements: fc.uniqueArray(nested, { maxLength: 2, selector: ({ name }) => name }),
      links,
      hasKey: fc.boolean(),
    })
    .map(({ attributes, elements, links, hasKey }) => {
      const own = attributes.filter(({ name }) => name !== 'id');
      const parts = {
        elements,
        links: links.map(({ name, target, isMany }) => link(name, `cus:${target}`, isMany ? 'many' : 'one')),
      };
      const described = schema(schemaName, [anAttribute('crmId'), ...own], parts);
      return hasKey ? described : { ...described, keys: [] };
    });
}

const catalog: fc.Arbitrary<Catalog> = fc.tuple(names, names).chain(([tableNames, schemaNames]) =>
  fc
    .tuple(
      fc.tuple(...tableNames.map((one) => aTable(one))),
      fc.tuple(...schemaNames.map((one) => aSchema(`cus:${one}`))),
      fc.nat(3),
    )
    .map(([tables, schemas, mapped]) => {
      const pairs = tables.slice(0, mapped).flatMap((one, at) => {
        const target = schemas[at];
        return target ? [{ table: one, schema: target }] : [];
      });
      const mappings = pairs.map(({ table, schema }) =>
        mapping(
          table.logicalName,
          schema.name,
          Object.fromEntries(
            table.columns.slice(1).map((one, at) => [one.name, `@${schema.root.attributes[at]?.name ?? 'crmId'}`]),
          ),
        ),
      );
      return { tables, schemas, mappings };
    }),
);

describe('whatever both systems call their tables, columns, schemas and attributes', () => {
  it('the GraphQL schema is valid, and so is its text', async () => {
    await fc.assert(
      fc.asyncProperty(catalog, async (made) => {
        const complete = whole(schemaOf(made));
        assertValidSchema(complete);
        let text = '';
        for await (const part of printTypes(Object.values(complete.getTypeMap()))) text += part;
        assertValidSchema(buildSchema(text));
      }),
      { numRuns: 60 },
    );
  });
});
