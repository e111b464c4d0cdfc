import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { connectionJsonSchema, readConnection } from '../../../examples/apply/connection-file.js';

const ACCOUNT = `account:
  name: dynamicsCRM
  server: https://contoso.crm.dynamics.com
  tenantId: contoso.example
  clientId: 2222
  oauthType: CLIENT_SECRET
`.replace('2222', '"2222"');
const SECRET = '  clientSecret: $' + '{SECRET}\n';

describe('a file that describes a connection', () => {
  it('has its secrets filled in from the environment', () => {
    const { content } = readConnection('a.yaml', ACCOUNT + SECRET, { SECRET: 'hush' });
    expect(content.account).toMatchObject({ name: 'dynamicsCRM', clientSecret: 'hush' });
  });

  it('tells when its certificate expires', () => {
    const certificate = [
      '  certificate:',
      '    privateKey: $' + '{KEY}',
      '    customKeyIdentifier: AB',
      '    keyId: "3333"',
      '    expiresOn: 2027-01-31T12:00:00Z',
    ].join('\n');
    const { content } = readConnection('a.yaml', ACCOUNT + certificate, { KEY: 'hush' });
    expect(content.account.certificate).toMatchObject({ privateKey: 'hush', expiresOn: '2027-01-31T12:00:00Z' });
    const wrong = ACCOUNT + certificate.replace('2027-01-31T12:00:00Z', 'soon');
    expect(() => readConnection('a.yaml', wrong, { KEY: 'hush' })).toThrow('a.yaml:11: account.certificate.expiresOn');
  });

  it('is the example, too', () => {
    const text = readFileSync('examples/connection.yaml', 'utf8');
    const { content } = readConnection('connection.yaml', text, { DYNAMICS_CLIENT_SECRET: 'hush' });
    expect(content.tables?.map((table) => table.table)).toEqual(['account', 'contact']);
  });

  it.each([
    [
      'a secret that is not set',
      ACCOUNT + SECRET,
      'a.yaml:7: account.clientSecret: Expected the environment variable "SECRET" to be set.',
    ],
    [
      'a secret in the clear',
      `${ACCOUNT}  clientSecret: hush\n`,
      'a.yaml:7: account.clientSecret: Expected a reference to the environment',
    ],
    [
      'a field that there is not',
      `${ACCOUNT}  region: emea\n`,
      'a.yaml:7: account.region: There is no such field here. Leave it out.',
    ],
    [
      'a field that is missing',
      'account:\n  name: dynamicsCRM\n',
      'a.yaml:2: account.server: Invalid input: expected string',
    ],
    [
      'a value of the wrong kind',
      `${ACCOUNT}tables:\n  - table: contact\n    columns: lastname\n`,
      'a.yaml:9: tables.0.columns: Invalid input: expected array',
    ],
    [
      'an unknown word',
      `${ACCOUNT}workflows:\n  - { name: a, operation: PULL, table: contact }\n`,
      'a.yaml:8: workflows.0.operation: Invalid option',
    ],
    ['text that is no YAML', `${ACCOUNT}tables: [\n`, 'a.yaml:8: '],
    ['a field that stands twice', `${ACCOUNT}  name: other\n`, 'a.yaml:7: Map keys must be unique'],
    ['nothing at all', '', 'a.yaml:1: account: Invalid input: expected object'],
  ])('is refused with its line and field for %s', (_, text, message) => {
    expect(() => readConnection('a.yaml', text, {})).toThrow(message);
  });

  it('is known to editors by its JSON Schema', () => {
    const known: unknown = JSON.parse(readFileSync('examples/connection.schema.json', 'utf8'));
    expect(known).toEqual(JSON.parse(JSON.stringify(connectionJsonSchema())));
  });
});
