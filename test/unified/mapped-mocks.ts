import { GraphQLBoolean, GraphQLObjectType, GraphQLSchema, graphql } from 'graphql';
import { createCampaignConnector } from '../../src/connectors/campaign/create-campaign-connector.js';
import { createDynamicsConnector } from '../../src/connectors/dynamics/create-dynamics-connector.js';
import { recordToCampaign } from '../../src/mapping/convert-record.js';
import { planMapping } from '../../src/mapping/plan-mapping.js';
import type { Catalog } from '../../src/model/catalog.js';
import type { Direction, FieldMapping } from '../../src/model/mapping.js';
import { composeSchema } from '../../src/unified/compose-schema.js';
import { createLoaders } from '../../src/unified/loaders.js';
import { buildGeneratedSchema } from '../../src/unified/schema/build-generated-schema.js';
import { startMocks } from '../support/mocks.js';
import { STATIC_SCHEMA } from './catalogs.js';

export type MappedMocks = Awaited<ReturnType<typeof startMappedMocks>>;

const COLUMNS = ['firstname', 'lastname', 'emailaddress1', 'gendercode', 'birthdate', 'address1_city'];

/** Stands for the static API, mutations included. */
const WRITABLE_SCHEMA = new GraphQLSchema({
  ...STATIC_SCHEMA.toConfig(),
  mutation: new GraphQLObjectType({ name: 'Mutation', fields: { nothing: { type: GraphQLBoolean } } }),
});

/**
 * The mocks with contacts mapped onto the stock recipients, 100 of them imported, and the GraphQL schema of that with further tables.
 * `directions` are those of columns that do not go both ways.
 */
export async function startMappedMocks(
  tables: readonly string[] = ['account', 'list'],
  directions: Readonly<Record<string, Direction>> = {},
) {
  const mocks = await startMocks();
  const account = connectionTo(mocks.dynamics.url);
  const dynamics = createDynamicsConnector({ account, authority: mocks.entra.url });
  const campaign = createCampaignConnector({ url: mocks.campaign.url, user: 'admin', password: 'admin' });
  const remotes = { dynamics: async () => dynamics, campaign: async () => campaign };
  const catalog = await mapContacts();
  await copyContacts(catalog);
  const schema = composeSchema(WRITABLE_SCHEMA, buildGeneratedSchema(catalog));

  /** Maps contact onto the stock recipients, as an administrator would. */
  async function mapContacts(): Promise<Catalog> {
    const described = await dynamics.introspect(['contact', ...tables]);
    const plan = planMapping({
      account: 'dynamicsCRM',
      selections: [{ table: 'contact', columns: COLUMNS, target: { schema: 'nms:recipient' } }],
      tables: described,
      existing: [],
      schemas: await campaign.introspect(['nms:recipient']),
      sourceSchemas: new Map(),
    });
    for (const { document } of plan.documents) if (document) await campaign.writeSourceSchema(document);
    await campaign.reconnect();
    const schemas = await campaign.introspect(['nms:recipient', 'xtk:folder']);
    const directed = (field: FieldMapping) => ({ ...field, direction: directions[field.column] ?? field.direction });
    const mappings = plan.mappings.map((mapping) => ({ ...mapping, fields: mapping.fields.map(directed) }));
    return { tables: described, schemas, mappings };
  }

  /** Writes the first contacts into Campaign, as an import would. */
  async function copyContacts({ tables: described, schemas, mappings }: Catalog): Promise<void> {
    const mapping = mappings[0];
    const table = described.find(({ logicalName }) => logicalName === 'contact');
    const recipient = schemas.find(({ name }) => name === 'nms:recipient');
    if (!mapping || !table || !recipient) throw new Error('The mapping lacks a side.');
    const page = await dynamics.query({ from: table, select: { fields: COLUMNS }, first: 100 });
    const records = page.records.map((record) => recordToCampaign({ mapping, table, schema: recipient }, record));
    await campaign.write({ to: recipient, operation: 'upsert', key: 'crmId', records });
  }

  async function run(source: string, mayWrite = true) {
    mocks.clearRequests();
    const contextValue = { ...remotes, loaders: createLoaders(remotes), mayWrite };
    const { data, errors = [] } = await graphql({ schema, source, contextValue });
    return {
      data: JSON.parse(JSON.stringify(data ?? null)),
      errors: errors.map((error) => error.originalError ?? error),
    };
  }

  return {
    mocks,
    run,
    /** The data of a query, whose errors are thrown. The journals hold only its requests then. */
    async ask(source: string) {
      const { data, errors } = await run(source);
      if (errors[0]) throw errors[0];
      return data;
    },
    /** The requests of the last query, decoded: `contacts?$select=…` and the queryDef's SOAP bodies. */
    asked: () => mocks.requests().map(({ path }) => decodeURIComponent(path).replace('/api/data/v9.2/', '')),
    async close() {
      for (const part of [dynamics, campaign, mocks]) await part.close();
    },
  };
}

function connectionTo(server: string) {
  return {
    name: 'dynamicsCRM',
    server,
    tenantId: '11111111-1111-1111-1111-111111111111',
    clientId: '22222222-2222-2222-2222-222222222222',
    credentials: { oauthType: 'CLIENT_SECRET' as const, clientSecret: 'mock-secret' },
  };
}
