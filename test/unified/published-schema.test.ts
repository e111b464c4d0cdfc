import { ApolloServer } from '@apollo/server';
import { GraphQLObjectType, GraphQLString, graphql } from 'graphql';
import { describe, expect, it } from 'vitest';
import { EMPTY_CATALOG } from '../../src/model/catalog.js';
import { composeSchema } from '../../src/unified/compose-schema.js';
import type { UnifiedContext } from '../../src/unified/context.js';
import { createPublishedSchema } from '../../src/unified/published-schema.js';
import { CRM_CATALOG, STATIC_SCHEMA } from './catalogs.js';
import { fakeRemotes, guid } from './fake-remotes.js';

function publishedSchema() {
  return createPublishedSchema((generated) => composeSchema(STATIC_SCHEMA, generated));
}

describe('the published schema', () => {
  it('begins with the empty catalog', () => {
    expect(publishedSchema().current.getType('Dynamics')?.toString()).toBe('Dynamics');
  });

  it('tells those who listen of each change, until they stop', () => {
    const published = publishedSchema();
    const seen: boolean[] = [];
    const stop = published.onSchemaLoadOrUpdate(({ apiSchema }) =>
      seen.push(apiSchema.getType('Contact') !== undefined),
    );
    published.publish(CRM_CATALOG);
    published.publish(EMPTY_CATALOG);
    stop();
    published.publish(CRM_CATALOG);
    expect(seen).toEqual([true, false]);
  });

  it('keeps what it serves where a build fails', () => {
    let isBroken = false;
    const twin = new GraphQLObjectType({ name: 'Dynamics', fields: { version: { type: GraphQLString } } });
    const published = createPublishedSchema((generated) =>
      composeSchema(STATIC_SCHEMA, isBroken ? { ...generated, types: [...generated.types, twin] } : generated),
    );
    published.publish(CRM_CATALOG);
    const before = published.current;
    isBroken = true;
    expect(() => published.publish(EMPTY_CATALOG)).toThrow('There are two types named "Dynamics".');
    expect(published.current).toBe(before);
  });

  it('gives Apollo Server its schema, and changes it without a restart', async () => {
    const published = publishedSchema();
    const server = new ApolloServer<UnifiedContext>({ gateway: published, stopOnTerminationSignals: false });
    await server.start();
    const contextValue = fakeRemotes({ contact: [{ contactid: guid(1), lastname: 'Silva' }] }).context();
    const query = '{ dynamics { contacts { nodes { lastname } } } }';
    const before = await server.executeOperation({ query }, { contextValue });
    published.publish(CRM_CATALOG);
    const after = await server.executeOperation({ query }, { contextValue });
    await server.stop();
    expect(before.body).toMatchObject({
      singleResult: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    });
    expect(after.body).toMatchObject({
      singleResult: { data: { dynamics: { contacts: { nodes: [{ lastname: 'Silva' }] } } } },
    });
  });

  it('lets a query in flight finish on the schema it began with', async () => {
    const published = publishedSchema();
    published.publish(CRM_CATALOG);
    const server = new ApolloServer<UnifiedContext>({ gateway: published.gateway, stopOnTerminationSignals: false });
    await server.start();
    const accountid = { table: 'account', id: guid(2), name: null };
    const remotes = fakeRemotes({
      contact: [{ contactid: guid(1), accountid }],
      account: [{ accountid: guid(2), name: 'Litware' }],
    });
    const release = remotes.hold();
    const query = '{ unified { contacts { nodes { accountid { name } } } } }';
    const answer = server.executeOperation({ query }, { contextValue: remotes.context() });
    while (remotes.requests.length === 0) await new Promise(setImmediate);
    published.publish(EMPTY_CATALOG);
    release();
    expect((await answer).body).toMatchObject({
      singleResult: { data: { unified: { contacts: { nodes: [{ accountid: { name: 'Litware' } }] } } } },
    });
    await server.stop();
  });

  it('answers the static API whatever the catalog', async () => {
    const { current } = publishedSchema();
    expect(await graphql({ schema: current, source: '{ version }' })).toEqual({ data: { version: '1' } });
    expect(current.getQueryType()?.getFields().version?.type).toBe(GraphQLString);
  });
});
