import type { Mocks } from './mocks.js';

/** Declares an alternate key of a table in the mock organization, as its administrator would. */
export async function declareKey(mocks: Mocks, table: string, name: string, columns: readonly string[]): Promise<void> {
  const response = await fetch(`${mocks.dynamics.url}/api/data/v9.2/EntityDefinitions(LogicalName='${table}')/Keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await fetchToken(mocks)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ SchemaName: name, KeyAttributes: columns }),
  });
  if (response.status !== 204) throw new Error(`The key was refused: ${response.status} ${await response.text()}`);
}

async function fetchToken({ dynamics, entra }: Mocks): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: '22222222-2222-2222-2222-222222222222',
    client_secret: 'mock-secret',
    scope: `${dynamics.url}/.default`,
  });
  const url = `${entra.url}/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token`;
  const response = await fetch(url, { method: 'POST', body });
  return ((await response.json()) as { readonly access_token: string }).access_token; // as every token endpoint answers
}
