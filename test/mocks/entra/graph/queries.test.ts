import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileGraphFilter } from '../../../../mocks/entra/graph/filter.js';
import { createEntraMock, type EntraMock } from '../../../../mocks/entra/server.js';
import { covers } from '../../compatibility.js';
import { GraphClient } from './graph-client.js';

const EVENTUAL = { consistencylevel: 'eventual' };

let entra: EntraMock;
let graph: GraphClient;
beforeAll(async () => {
  entra = await createEntraMock();
  graph = new GraphClient(entra);
  await entra.reset();
  await graph.post('/applications', { displayName: "O'Brien & Sons", tags: ['isthmus', 'b'], notes: 'first' });
  await graph.post('/applications', { displayName: 'campaign contoso', tags: ['isthmus'] });
  await graph.post('/applications', { displayName: 'Campaign fabrikam', tags: [] });
});
afterAll(() => entra.close());

async function names(query: string, headers = {}): Promise<unknown> {
  const { status, body } = await graph.get(`/applications?$select=displayName&${query}`, headers);
  return status === 200 ? (body.value as { displayName: string }[]).map(({ displayName }) => displayName) : status;
}

const filtered = (filter: string) => `$filter=${encodeURIComponent(filter)}`;

describe('a list', () => {
  it.each([
    ["displayName eq 'O''Brien & Sons'", ["O'Brien & Sons"]],
    ["displayName eq 'CAMPAIGN CONTOSO'", ['campaign contoso']],
    ["startsWith(displayName,'campaign')", ['campaign contoso', 'Campaign fabrikam']],
    ["tags/any(t:t eq 'isthmus')", ["O'Brien & Sons", 'campaign contoso']],
    ["tags/any(t:startswith(t,'isth')) and startswith(displayName,'c')", ['campaign contoso']],
    ["displayName in ('Isthmus', 'Campaign fabrikam')", ['Isthmus', 'Campaign fabrikam']],
    ["displayName eq 'Isthmus' or (displayName eq 'Administration')", ['Isthmus', 'Administration']],
    ["appId eq '22222222-2222-2222-2222-222222222222'", ['Isthmus']],
    ['isFallbackPublicClient eq true', ['Isthmus', 'Administration']],
    ["notes eq 'FIRST'", ["O'Brien & Sons"]],
  ])('is filtered by %s', async (filter, expected) => {
    covers('entra', 'Graph 7.4 Queries', '$filter: eq, startsWith, in, and, or, any; text without regard to case');
    expect(await names(filtered(filter))).toEqual(expected);
  });

  it.each([
    ["displayName ne 'Isthmus'", 4],
    ["not startswith(displayName,'c')", 3],
    ["endsWith(displayName,'contoso')", 1],
    ['tags/$count eq 2', 1],
    ["startswith(displayName,'c')&$orderby=displayName desc", 2],
  ])('is filtered by %s with ConsistencyLevel and $count alone', async (filter, count) => {
    covers(
      'entra',
      'Graph 7.4 Queries',
      'ne, not, endsWith, $count and $filter with $orderby need ConsistencyLevel: eventual and $count=true',
    );
    const [text = '', order = ''] = filter.split(/(?=&)/);
    const query = `${filtered(text)}${order}`;
    expect((await graph.refusal(graph.get(`/applications?${query}&$count=true`))).slice(0, 2)).toEqual([
      400,
      'Request_UnsupportedQuery',
    ]);
    expect(await names(query, EVENTUAL)).toBe(400);
    expect(await names(`${query}&$count=true`, EVENTUAL)).toHaveLength(count);
  });

  it.each([
    ['appId eq 22222222-2222-2222-2222-222222222222', 'BadRequest', 'Invalid filter clause'],
    ["displayName eq 'x", 'BadRequest', 'Invalid filter clause'],
    ['displayName', 'BadRequest', 'Invalid filter clause'],
    [`${'('.repeat(100)}a eq 1`, 'BadRequest', 'Invalid filter clause'],
    [
      "colour eq 'red'",
      'BadRequest',
      "Could not find a property named 'colour' on type 'microsoft.graph.application'.",
    ],
    ["contains(displayName,'x')", 'Request_UnsupportedQuery', "function 'contains' is not supported"],
  ])('refuses the filter %s', async (filter, code, message) => {
    covers(
      'entra',
      'Graph 7.4 Queries',
      '$filter that is none: 400 Invalid filter clause; unknown property and operator',
    );
    const [status, actual, text] = await graph.refusal(graph.get(`/applications?${filtered(filter)}`));
    expect([status, actual]).toEqual([400, code]);
    expect(text).toContain(message);
  });

  it('comes in pages, whose links keep the query', async () => {
    covers('entra', 'Graph 7.4 Queries', '$top from 1 to 999, default 100; opaque @odata.nextLink');
    const first = await graph.get(
      `/applications?$top=2&$select=displayName&${filtered("startswith(displayName,'c') or startswith(displayName,'I')")}`,
    );
    const link = String(first.body['@odata.nextLink']);
    expect(link).toMatch(new RegExp(`^${entra.url}/v1\\.0/applications\\?.*\\$skiptoken=`));
    const second = await graph.get(link.slice(`${entra.url}/v1.0`.length));
    expect([second.body.value, second.body['@odata.nextLink']]).toEqual([
      [{ displayName: 'Campaign fabrikam' }],
      undefined,
    ]);
    for (const top of ['0', '1000', 'x']) expect((await graph.get(`/applications?$top=${top}`)).status).toBe(400);
    expect((await graph.refusal(graph.get('/applications?$skiptoken=x')))[1]).toBe('Directory_ExpiredPageToken');
    expect((await graph.get('/applications?$skip=1')).status).toBe(400);
  });

  it('is counted, searched and sorted with ConsistencyLevel', async () => {
    covers('entra', 'Graph 7.4 Queries', '$count=true, /$count, $search, $orderby');
    const { body } = await graph.get('/applications?$count=true&$top=1', EVENTUAL);
    expect(body['@odata.count']).toBe(5);
    const count = await graph.get('/applications/$count', EVENTUAL);
    expect([count.body.text, count.headers.get('content-type')]).toEqual(['5', 'text/plain']);
    expect((await graph.get('/applications/$count')).status).toBe(400);
    expect(await names('$search="displayName:camp"', EVENTUAL)).toEqual(['campaign contoso', 'Campaign fabrikam']);
    expect(await names('$search="displayName:camp" AND "displayName:fabri"', EVENTUAL)).toEqual(['Campaign fabrikam']);
    expect(await names('$search="displayName:isthmus" OR "displayName:sons"', EVENTUAL)).toEqual([
      'Isthmus',
      "O'Brien & Sons",
    ]);
    expect(await names('$search="displayName:camp"')).toBe(400);
    expect(await names('$search=camp', EVENTUAL)).toBe(400);
    expect(await names('$orderby=displayName')).toEqual([
      'Administration',
      'campaign contoso',
      'Campaign fabrikam',
      'Isthmus',
      "O'Brien & Sons",
    ]);
  });

  it('of grants takes eq and and alone', async () => {
    covers('entra', 'Graph 7.4 Queries', 'oauth2PermissionGrants: eq alone');
    const filter = filtered("consentType eq 'AllPrincipals' or scope eq 'x'");
    expect((await graph.get(`/oauth2PermissionGrants?${filter}`)).status).toBe(400);
  });
});

describe('an answer', () => {
  it('has the headers, the context and the properties of Graph', async () => {
    covers(
      'entra',
      'Graph 7.2 Responses',
      'content type, OData-Version, request ids, x-ms-ags-diagnostic, x-ms-resource-unit, contexts',
    );
    const id = '5d60aaaa-0000-4000-8000-000000000001';
    const { body, headers } = await graph.get('/applications?$select=id,appId&$top=1', { 'client-request-id': id });
    expect(headers.get('content-type')).toBe(
      'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
    );
    expect(
      ['odata-version', 'client-request-id', 'x-ms-resource-unit', 'cache-control'].map((name) => headers.get(name)),
    ).toEqual(['4.0', id, '2', 'no-cache']);
    expect(headers.get('request-id')).toMatch(/^[\da-f-]{36}$/);
    expect(body['@odata.context']).toBe(`${entra.url}/v1.0/$metadata#applications(id,appId)`);
    expect(Object.keys((body.value as object[])[0] ?? {})).toEqual(['id', 'appId']);
  });

  it('to what is refused has innerError, with a date without a zone', async () => {
    covers('entra', 'Graph 7.3 Errors', 'error with code, message, details and innerError');
    const { body } = await graph.get('/applications/none');
    expect(body.error).toMatchObject({
      code: 'Request_ResourceNotFound',
      innerError: { date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/), 'request-id': expect.any(String) },
    });
  });

  it.each([
    ['/nothing', "Resource not found for the segment 'nothing'."],
    ['/applications/x/nothing', "Resource not found for the segment 'nothing'."],
    ['/groups', "Resource not found for the segment 'groups'."],
    ['/applications?$select=colour', "Could not find a property named 'colour' on type 'microsoft.graph.application'."],
    ['/applications?$expand=colour', "Expanding 'colour' is not supported; owners is."],
    ['/users?$expand=manager', "Expanding 'manager' is not supported."],
    ['/users/crm.user@contoso.example?$expand=manager', "Expanding 'manager' is not supported."],
  ])('to %s is an error, never an empty success', async (path, message) => {
    covers('entra', 'Graph 7.3 Errors', 'unknown segment, property, method: 400, 405 in the form of Graph');
    const [status, , text] = await graph.refusal(graph.get(path));
    expect(status).toBe(400);
    expect(text).toContain(message);
  });

  it('to a body that is no JSON object, or to another method, is an error', async () => {
    const token = await entra.administratorToken();
    const send = async (method: string, body: string | null) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return (await fetch(`${entra.url}/v1.0/applications`, { method, body, headers })).status;
    };
    expect([await send('POST', '{'), await send('POST', '[]'), await send('DELETE', null)]).toEqual([400, 400, 405]);
  });

  it('is the one that a fault asks for, in the form of Graph', async () => {
    covers('entra', 'Graph 7.5 Throttling', '429 TooManyRequests with Retry-After, 503 and others, as faults');
    entra.addFault({ status: 429, retryAfter: 7 });
    const { status, body, headers } = await graph.get('/applications');
    expect([status, headers.get('retry-after'), body.error]).toMatchObject([429, '7', { code: 'TooManyRequests' }]);
  });
});

describe('a filter', () => {
  it('neither crashes nor hangs on what is none', () => {
    const pieces = ['a', ' eq ', "'", "'x'", '(', ')', 'any(', ':', ' and ', 'not ', '/', ',', '1', '$', '%', ' '];
    let state = 7;
    for (let round = 0; round < 3000; round += 1) {
      let text = '';
      for (let length = 0; length < 12; length += 1) {
        state = (state * 48_271) % 2_147_483_647;
        text += pieces[state % pieces.length];
      }
      try {
        compileGraphFilter(text).matches({ a: null });
      } catch (error) {
        expect(error).toHaveProperty('status', 400);
      }
    }
  });
});
