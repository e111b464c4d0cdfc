import { buildSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { EMPTY_CATALOG } from '../../src/model/catalog.js';
import { createOperationExecutor } from '../../src/unified/execute-operation.js';
import { CRM_CATALOG } from './catalogs.js';
import { ask, fakeRemotes, guid, schemaOf } from './fake-remotes.js';

const rows = {
  contact: [1, 2, 3].map((number) => ({ contactid: guid(number), firstname: `First ${number}` })),
  'nms:recipient': [{ id: 7, crmId: guid(1), email: 'bo@example.org' }],
};

/** What Apollo Federation defines and a subgraph imports. */
const FEDERATION = `
  directive @link(url: String!, import: [String]) repeatable on SCHEMA
  directive @key(fields: String!) repeatable on OBJECT | INTERFACE
  directive @shareable repeatable on OBJECT | FIELD_DEFINITION
`;

const ENTITIES = 'query ($of: [_Any!]!) { _entities(representations: $of)';

describe('a subgraph of Apollo Federation', () => {
  it('tells its GraphQL schema with the keys of all records, and without what the router adds', async () => {
    const { data } = await ask(CRM_CATALOG, fakeRemotes({}), '{ _service { sdl } }');
    const { sdl } = data._service;
    expect(sdl).toMatch(/^extend schema @link/);
    expect(sdl).toContain('type DynamicsContact implements Node @key(fields: "contactid") {');
    expect(sdl).toContain('type CampaignNmsRecipient implements Node @key(fields: "id") {');
    expect(sdl).toContain('type Contact implements Node @key(fields: "id") {');
    expect(sdl).not.toMatch(/_entities|_Any|_Entity|_service|_Service/);
    buildSchema(`${FEDERATION}${sdl}`);
  });

  it('reads the records of all kinds by their keys, in order, each kind by one request', async () => {
    const remotes = fakeRemotes(rows);
    const of = [
      { __typename: 'DynamicsContact', contactid: guid(2) },
      { __typename: 'CampaignNmsRecipient', id: 7 },
      { __typename: 'DynamicsContact', contactid: guid(9) },
      { __typename: 'DynamicsContact', contactid: guid(1) },
    ];
    const query = `${ENTITIES} { __typename ... on DynamicsContact { firstname } ... on CampaignNmsRecipient { email } } }`;
    const { data } = await ask(CRM_CATALOG, remotes, query, { of });
    expect(data._entities).toEqual([
      { __typename: 'DynamicsContact', firstname: 'First 2' },
      { __typename: 'CampaignNmsRecipient', email: 'bo@example.org' },
      null,
      { __typename: 'DynamicsContact', firstname: 'First 1' },
    ]);
    expect([...remotes.requests].sort()).toEqual(['campaign nms:recipient', 'dynamics contact']);
  });

  it('reads unified records with both their sides', async () => {
    const of = [{ __typename: 'Contact', id: guid(1) }];
    const query = `${ENTITIES} { ... on Contact { firstname campaign { email } } } }`;
    const { data } = await ask(CRM_CATALOG, fakeRemotes(rows), query, { of });
    expect(data._entities).toEqual([{ firstname: 'First 1', campaign: { email: 'bo@example.org' } }]);
  });

  it('refuses by place what names no record, and answers the others', async () => {
    const of = [{ __typename: 'Other', id: '1' }, { __typename: 'Contact' }, 7, { __typename: 'Contact', id: guid(1) }];
    const { data, errors } = await ask(CRM_CATALOG, fakeRemotes(rows), `${ENTITIES} { ... on Contact { id } } }`, {
      of,
    });
    expect(data._entities).toEqual([null, null, null, { id: guid(1) }]);
    expect(errors.map(({ originalError }) => originalError)).toMatchObject(
      [0, 1, 2].map((index) => ({ code: 'BAD_USER_INPUT', field: `representations.${index}` })),
    );
  });

  it('is answered alike by a compiled query', async () => {
    const schema = schemaOf(CRM_CATALOG);
    const document = parse(`${ENTITIES} { __typename ... on Contact { firstname } } }`);
    const operation = getOperationAST(document) ?? undefined;
    const variables = { of: [{ __typename: 'Contact', id: guid(2) }, { __typename: 'Other' }] };
    const run = createOperationExecutor({ compileFrom: 1 });
    const context = fakeRemotes(rows).context();
    const { data, errors } = await run({ schema, document, operation, request: { variables }, context });
    expect(data?._entities).toEqual([{ __typename: 'Contact', firstname: 'First 2' }, null]);
    expect(errors?.map(({ path }) => path)).toEqual([['_entities', 1]]);
  });

  it('refuses more records than may be named', async () => {
    const of = Array.from({ length: 1001 }, () => ({ __typename: 'Contact', id: guid(1) }));
    const { errors } = await ask(CRM_CATALOG, fakeRemotes(rows), `${ENTITIES} { __typename } }`, { of });
    expect(errors[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: 'representations' });
  });

  it('offers no entities before anything is mapped', async () => {
    const { data } = await ask(EMPTY_CATALOG, fakeRemotes({}), '{ _service { sdl } }');
    expect(data._service.sdl).toContain('type Query');
    expect(data._service.sdl).not.toContain('@key(');
  });
});
