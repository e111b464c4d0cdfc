import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../mocks/campaign/server.js';
import type { CampaignConnector } from '../../src/connectors/campaign/campaign-connector.js';
import { createCampaignConnector } from '../../src/connectors/campaign/create-campaign-connector.js';
import type { MappingPlan } from '../../src/mapping/mapping-plan.js';
import { type MappingInput, neededForMapping, planMapping } from '../../src/mapping/plan-mapping.js';
import { planUnmapping } from '../../src/mapping/plan-unmapping.js';
import { type CampaignSchema, findAttribute } from '../../src/model/campaign-schema.js';
import type { XmlElement } from '../../src/model/xml.js';
import { aChoice, aColumn, aLookup, anOptionSet, aTable } from '../support/builders.js';

const columns = [
  aColumn('firstname'),
  aColumn('emailaddress1'),
  aColumn('address1_city'),
  aChoice('gendercode', { 1: 'Male', 2: 'Female' }),
  aChoice('accountrolecode', { 1: 'Decision Maker', 2: 'Employee' }, { label: 'Role & "rank"' }),
  aColumn('interests', 'choices', { optionSet: anOptionSet({ 1: 'Art', 2: 'Sport' }) }),
  aLookup('parentcustomerid', ['account', 'contact'], { type: 'customer' }),
  aColumn('creditlimit', 'money'),
  aColumn('versionnumber', 'bigint'),
  aColumn('numberofchildren', 'integer'),
  aColumn('donotemail', 'boolean'),
  aColumn('birthdate', 'date'),
  aColumn('modifiedon', 'datetime'),
  aColumn('description', 'memo', { maxLength: 100_000 }),
];
const tables = [aTable('contact', columns), aTable('lead', columns)];
const selections = [{ table: 'contact', target: { schema: 'nms:recipient' } }, { table: 'lead' }];

describe('a plan carried out in Campaign', () => {
  let mock: CampaignMock;
  let campaign: CampaignConnector;

  beforeAll(async () => {
    mock = await createCampaignMock();
    campaign = createCampaignConnector({ url: mock.url, user: 'admin', password: 'admin' });
  });
  afterAll(async () => {
    await campaign.close();
    await mock.close();
  });

  it('makes every attribute it maps to, changes nothing again, and leaves nothing when it is taken back', async () => {
    const before = await read([]);
    const plan = planMapping(before);
    await carryOut(plan);
    const after = await read(plan.mappings);
    expect(missingPaths(plan, after.schemas)).toEqual([]);
    expect(planMapping(after).changes).toEqual([]);
    const released = planUnmapping({ ...after, tables: ['contact', 'lead'] });
    await carryOut(released);
    const restored = await read([]);
    expect([...restored.sourceSchemas.keys()]).toEqual([...before.sourceSchemas.keys()]);
    expect(restored.schemas).toEqual(before.schemas);
  });

  async function read(existing: MappingInput['existing']): Promise<MappingInput> {
    const parts = { account: 'dynamicsCRM', selections, existing };
    const needed = neededForMapping(parts);
    const documents = await Promise.all(needed.sourceSchemas.map((name) => campaign.readSourceSchema(name)));
    const held = needed.sourceSchemas.map((name, index) => [name, documents[index]] as const);
    const sourceSchemas = new Map(held.filter((entry): entry is [string, XmlElement] => Boolean(entry[1])));
    return { ...parts, tables, schemas: await campaign.introspect(needed.schemas), sourceSchemas };
  }

  async function carryOut(plan: MappingPlan): Promise<void> {
    for (const { name, document } of plan.writes) {
      if (document) await campaign.writeSourceSchema(document);
      else await campaign.deleteSourceSchema(name);
    }
    await campaign.reconnect();
  }
});

function missingPaths(plan: MappingPlan, schemas: readonly CampaignSchema[]): readonly string[] {
  return plan.mappings.flatMap((mapping) => {
    const schema = schemas.find((one) => one.name === mapping.schema);
    const paths = [mapping.key, ...mapping.fields.map((field) => field.path)];
    return paths.filter((path) => !schema || !findAttribute(schema, path));
  });
}
