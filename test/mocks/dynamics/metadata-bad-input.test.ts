import { afterAll, beforeAll, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0 });
});

afterAll(() => organization.mock.close());

const CONTACT = "EntityDefinitions(LogicalName='contact')";
const TEXT = { '@odata.type': 'Microsoft.Dynamics.CRM.StringAttributeMetadata', SchemaName: 'new_Text' };
const TABLE = { SchemaName: 'new_Shop', Attributes: [{ ...TEXT, IsPrimaryName: true }] };

async function contact() {
  return (await organization.get(`${CONTACT}?$expand=Attributes`)).text;
}

it.each([
  ['POST', `${CONTACT}/Attributes`, { ...TEXT, MaxLength: '100' }, "'MaxLength' to the expected type 'Edm.Int32'"],
  ['POST', `${CONTACT}/Attributes`, { ...TEXT, MaxLength: 4001 }, "4001 of 'MaxLength' is not from 1 to 4000"],
  ['POST', `${CONTACT}/Attributes`, { ...TEXT, MaxLength: 0 }, "0 of 'MaxLength' is not from 1 to 4000"],
  ['POST', `${CONTACT}/Attributes`, { ...TEXT, DisplayName: 'Text' }, "'DisplayName' to the expected type"],
  [
    'POST',
    `${CONTACT}/Attributes`,
    { ...TEXT, DisplayName: { LocalizedLabels: [{ Label: 5, LanguageCode: 1033 }] } },
    "'DisplayName' to the expected type 'Microsoft.Dynamics.CRM.Label'",
  ],
  ['POST', `${CONTACT}/Attributes`, { ...TEXT, RequiredLevel: 'None' }, "'RequiredLevel' to the expected type"],
  ['PUT', CONTACT, { DisplayName: 5 }, "'DisplayName' to the expected type"],
  ['PUT', CONTACT, { ChangeTrackingEnabled: 'yes' }, "'ChangeTrackingEnabled' to the expected type 'Edm.Boolean'"],
  ['POST', 'EntityDefinitions', { ...TABLE, Attributes: [null] }, "'Attributes' to the expected type"],
  ['POST', 'EntityDefinitions', { ...TABLE, Attributes: {} }, "'Attributes' to the expected type 'array'"],
] as const)('%s %s of %j is refused and changes nothing', async (method, path, body, message) => {
  covers('dynamics', '6 Errors', 'Definitions with values of the wrong type: 400');
  const before = await contact();
  const answer = await organization.send(method, path, body);
  expect([answer.status, answer.body.error.code]).toEqual([400, '0x80048d19']);
  expect(answer.body.error.message).toContain(message);
  expect(await contact()).toBe(before);
});

it('a table cannot have a column twice, nor one that every table has', async () => {
  for (const name of ['new_Text', 'StateCode']) {
    const attributes = [...TABLE.Attributes, { ...TEXT, SchemaName: name }];
    const { status, body } = await organization.send('POST', 'EntityDefinitions', { ...TABLE, Attributes: attributes });
    expect([status, body.error.code]).toEqual([400, '0x80047013']);
  }
  expect((await organization.get("EntityDefinitions(LogicalName='new_shop')")).status).toBe(404);
});
