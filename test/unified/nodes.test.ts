import { getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createOperationExecutor } from '../../src/unified/execute-operation.js';
import { readNodeId, writeNodeId } from '../../src/unified/node-id.js';
import { CRM_CATALOG } from './catalogs.js';
import { ask, fakeRemotes, guid, schemaOf } from './fake-remotes.js';

const rows = {
  contact: [{ contactid: guid(1), lastname: 'Ek', firstname: 'Bo', ownerid: null }],
  'nms:recipient': [{ id: 7, crmId: guid(1), email: 'bo@example.org' }],
};

/** The node ids of the one contact in each namespace. */
async function nodeIds() {
  const { data } = await ask(
    CRM_CATALOG,
    fakeRemotes(rows),
    '{ dynamics { contacts { nodes { nodeId } } } campaign { nmsRecipients { nodes { nodeId } } } unified { contacts { nodes { nodeId } } } }',
  );
  return {
    dynamics: data.dynamics.contacts.nodes[0].nodeId,
    campaign: data.campaign.nmsRecipients.nodes[0].nodeId,
    unified: data.unified.contacts.nodes[0].nodeId,
  };
}

describe('a node', () => {
  it('is told apart by its id from the same record in another namespace', async () => {
    const ids = Object.values(await nodeIds());
    expect(new Set(ids).size).toBe(3);
    expect(ids.map(readNodeId).map(({ typeName }) => typeName)).toEqual([
      'DynamicsContact',
      'CampaignNmsRecipient',
      'Contact',
    ]);
  });

  it.each([
    ['dynamics', '... on DynamicsContact { lastname }', { lastname: 'Ek' }, ['dynamics contact']],
    ['campaign', '... on CampaignNmsRecipient { email }', { email: 'bo@example.org' }, ['campaign nms:recipient']],
    [
      'unified',
      '... on Contact { firstname campaign { email } }',
      { firstname: 'Bo', campaign: { email: 'bo@example.org' } },
      ['dynamics contact', 'campaign nms:recipient'],
    ],
  ] as const)('of the namespace %s is read again by it', async (namespace, fields, expected, requests) => {
    const nodeId = (await nodeIds())[namespace];
    const remotes = fakeRemotes(rows);
    const { data } = await ask(CRM_CATALOG, remotes, `{ node(id: "${nodeId}") { nodeId ${fields} } }`);
    expect(data.node).toEqual({ nodeId, ...expected });
    expect(remotes.requests).toEqual(requests);
  });

  it('is read by a compiled query as well', async () => {
    const schema = schemaOf(CRM_CATALOG);
    const id = writeNodeId({ typeName: 'Contact', id: guid(1) });
    const document = parse(`{ node(id: "${id}") { __typename nodeId ... on Contact { firstname } } }`);
    const operation = getOperationAST(document) ?? undefined;
    const run = createOperationExecutor({ compileFrom: 1 });
    const { data, errors } = await run({
      schema,
      document,
      operation,
      request: {},
      context: fakeRemotes(rows).context(),
    });
    expect(errors).toBeUndefined();
    expect(data?.node).toEqual({ __typename: 'Contact', nodeId: id, firstname: 'Bo' });
  });

  it.each([
    writeNodeId({ typeName: 'DynamicsContact', id: guid(9) }),
    writeNodeId({ typeName: 'DynamicsUnmapped', id: guid(1) }),
  ])('is null where there is none: %s', async (id) => {
    const { data, errors } = await ask(CRM_CATALOG, fakeRemotes(rows), `{ node(id: "${id}") { nodeId } }`);
    expect([data, errors]).toEqual([{ node: null }, []]);
  });

  it.each(['', '7', guid(1), writeNodeId({ typeName: 'DynamicsContact', id: 'x' })])(
    'is refused by name for the id "%s"',
    async (id) => {
      const { errors } = await ask(CRM_CATALOG, fakeRemotes(rows), `{ node(id: "${id}") { nodeId } }`);
      expect(errors[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: 'id' });
    },
  );
});
