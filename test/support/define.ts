import type { Mocks } from './mocks.js';

/** What an administrator of Dynamics does to tables in Power Apps, on the mock. */
export interface Definer {
  addTextColumn(table: string, name: string, label: string): Promise<void>;
  removeColumn(table: string, name: string): Promise<void>;
  addTable(name: string, label: string): Promise<void>;
  removeTable(name: string): Promise<void>;
}

const TENANT = '11111111-1111-1111-1111-111111111111';

export async function startDefining({ entra, dynamics }: Pick<Mocks, 'entra' | 'dynamics'>): Promise<Definer> {
  const response = await fetch(`${entra.url}/${TENANT}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: '22222222-2222-2222-2222-222222222222',
      client_secret: 'mock-secret',
      scope: `${dynamics.url}/.default`,
    }),
  });
  const { access_token } = (await response.json()) as { access_token: string };

  async function send(method: string, path: string, body?: unknown): Promise<void> {
    const answer = await fetch(`${dynamics.url}/api/data/v9.2/${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
  }

  return {
    addTextColumn: (table, name, label) => send('POST', `${addressOf(table)}/Attributes`, textColumn(name, label)),
    removeColumn: (table, name) => send('DELETE', `${addressOf(table)}/Attributes(LogicalName='${name}')`),
    addTable: (name, label) =>
      send('POST', 'EntityDefinitions', {
        '@odata.type': 'Microsoft.Dynamics.CRM.EntityMetadata',
        SchemaName: name,
        DisplayName: labelOf(label),
        DisplayCollectionName: labelOf(`${label}s`),
        OwnershipType: 'UserOwned',
        HasActivities: false,
        HasNotes: false,
        Attributes: [{ ...textColumn('new_name', 'Name'), IsPrimaryName: true }],
      }),
    removeTable: (name) => send('DELETE', addressOf(name)),
  };
}

function addressOf(table: string): string {
  return `EntityDefinitions(LogicalName='${table}')`;
}

function textColumn(name: string, label: string) {
  return {
    '@odata.type': 'Microsoft.Dynamics.CRM.StringAttributeMetadata',
    SchemaName: name,
    DisplayName: labelOf(label),
    RequiredLevel: { Value: 'None' },
    MaxLength: 100,
    FormatName: { Value: 'Text' },
  };
}

function labelOf(text: string) {
  return { LocalizedLabels: [{ Label: text, LanguageCode: 1033 }] };
}
