import { createRequire } from 'node:module';
import { GraphQLObjectType, GraphQLSchema, validateSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MapTablesPayload } from '../../../src/admin/mappings/map-tables.types.js';
import { findAttribute } from '../../../src/model/campaign-schema.js';
import type { Table } from '../../../src/model/table.js';
import { buildGeneratedSchema } from '../../../src/unified/schema/build-generated-schema.js';
import { ACCOUNT, openSetUp, type SetUp } from '../set-up.js';

/** What these tests ask of Adobe's library, which has no types. */
interface Sdk {
  readonly ConnectionParameters: { ofUserAndPassword(url: string, user: string, password: string): object };
  init(parameters: object): Promise<SdkClient>;
}
interface SdkClient {
  logon(): Promise<void>;
  logoff(): Promise<void>;
  readonly application: { getSchema(name: string): Promise<SdkSchema | null> };
}
interface SdkSchema {
  readonly root: {
    readonly children: Readonly<Record<string, unknown>>;
    readonly keys: Readonly<Record<string, unknown>>;
  };
}
const sdk: Sdk = createRequire(import.meta.url)('@adobe/acc-js-sdk');

describe('every table of Dynamics mapped at once', () => {
  let setUp: SetUp;
  let tables: readonly Table[];
  let payload: MapTablesPayload;
  beforeAll(async () => {
    setUp = await openSetUp();
    const dynamics = await setUp.connections.dynamics(ACCOUNT);
    const names = (await dynamics.summaries()).map((table) => table.logicalName);
    tables = await dynamics.introspect(names);
    payload = await setUp.mappings.map({ account: ACCOUNT, tables: names.map(select) }, {});
  }, 300_000);
  afterAll(() => setUp.close());

  it('has a schema for each, which Campaign accepts and compiles with every attribute', async () => {
    expect(tables.length).toBeGreaterThanOrEqual(134);
    expect(payload.mappings).toHaveLength(tables.length);
    const schemas = await setUp.campaign.introspect(payload.mappings.map((mapping) => mapping.schema));
    for (const { schema: name, key, fields } of payload.mappings) {
      const schema = schemas.find((one) => one.name === name);
      const missing = [key, ...fields.map((field) => field.path)].filter(
        (path) => !schema || !findAttribute(schema, path),
      );
      expect([name, missing]).toEqual([name, []]);
    }
  });

  it('maps every column or tells why not', () => {
    for (const table of tables) {
      const mapped = payload.mappings.find((mapping) => mapping.table === table.logicalName)?.fields ?? [];
      const told = payload.skipped.filter((one) => one.table === table.logicalName && one.reason !== '');
      const known = new Set([table.primaryId, ...[...mapped, ...told].map((one) => one.column)]);
      expect([table.logicalName, table.columns.filter((column) => !known.has(column.name))]).toEqual([
        table.logicalName,
        [],
      ]);
    }
    expect(payload.skipped.length).toBeGreaterThan(0);
  });

  it('is readable with the library of Adobe', async () => {
    const client = await sdk.init(
      sdk.ConnectionParameters.ofUserAndPassword(setUp.mocks.campaign.url, 'admin', 'admin'),
    );
    await client.logon();
    for (const { schema: name, key, fields } of payload.mappings) {
      const schema = await client.application.getSchema(name);
      expect([name, schema?.root.children[key]]).toEqual([name, expect.anything()]);
      const plain = fields.map((field) => field.path).filter((path) => !path.includes('/'));
      expect([name, plain.filter((path) => !schema?.root.children[path])]).toEqual([name, []]);
    }
    await client.logoff();
  }, 120_000);

  it('ties each lookup to the mapped tables it may lead to', async () => {
    const schemas = await setUp.campaign.introspect(payload.mappings.map((mapping) => mapping.schema));
    const task = schemas.find((schema) => schema.name === 'cus:crmTask');
    const regarding = tables
      .find((table) => table.logicalName === 'task')
      ?.columns.find((one) => one.name === 'regardingobjectid');
    const expected = regarding?.targets
      .map((target) => `regardingobjectid_${target.table}`)
      .filter((name) => hasTable(name));
    expect(expected?.length).toBeGreaterThan(3);
    expect(task?.root.links.map((link) => link.name)).toEqual(expect.arrayContaining(expected ?? []));
  });

  it('is served as one graph', async () => {
    const generated = buildGeneratedSchema(await setUp.storage.mappings.catalog());
    const query = new GraphQLObjectType({ name: 'Query', fields: generated.queryFields });
    expect(validateSchema(new GraphQLSchema({ query, types: [...generated.types] }))).toEqual([]);
  }, 120_000);

  it('changes nothing when it is mapped again', async () => {
    const again = await setUp.mappings.map(
      { account: ACCOUNT, tables: tables.map((table) => select(table.logicalName)) },
      {},
    );
    expect(again.changes).toEqual([]);
  }, 120_000);

  function hasTable(link: string): boolean {
    return tables.some((table) => link === `regardingobjectid_${table.logicalName}`);
  }
});

function select(table: string) {
  return table === 'contact' ? { table, target: { schema: 'nms:recipient' } } : { table };
}
