import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../src/config.js';
import { formatSettings, settingsTable } from '../src/settings.js';

const KEY = Buffer.alloc(32, 7).toString('base64');

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'isthmus-config-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

describe('readConfig', () => {
  it('needs no setting: the gateway listens on loopback and keeps an embedded database', () => {
    expect(readConfig({ DATA_DIR: dataDir })).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      databaseUrl: null,
      campaign: null,
      entraAuthority: 'https://login.microsoftonline.com',
      graphUrl: 'https://graph.microsoft.com',
      dynamicsHosts: ['*.dynamics.com', '*.microsoftdynamics.us', '*.appsplatform.us', '*.dynamics.cn'],
      metadata: { tables: [], schemas: [], checkSeconds: 60 },
      administrator: null,
      upstreamTimeoutMs: 30_000,
      dynamicsConcurrency: 32,
      campaignConcurrency: 32,
      shareReads: true,
      queryTimeoutMs: 60_000,
      limits: { maxDepth: 20, maxCost: 100_000, maxAliases: 200 },
      showUpstream: false,
      authentication: { kind: 'none' },
      logLevel: 'info',
    });
  });

  it('takes further tables and schemas by name, each once, or all of them', () => {
    const { metadata } = readConfig({
      DATA_DIR: dataDir,
      DYNAMICS_TABLES: 'lead, new_visit,lead',
      CAMPAIGN_SCHEMAS: '*',
    });
    expect(metadata).toMatchObject({ tables: ['lead', 'new_visit'], schemas: '*' });
    const wrong = { DYNAMICS_TABLES: 'Lead', CAMPAIGN_SCHEMAS: 'delivery', METADATA_CHECK_SECONDS: '-1' };
    expect(problemsOf(wrong)).toEqual([
      'DYNAMICS_TABLES: expected * or logical names such as account,new_visit, but got "Lead".',
      'CAMPAIGN_SCHEMAS: expected * or schemas such as nms:delivery,cus:shop, but got "delivery".',
      'METADATA_CHECK_SECONDS: expected a whole number from 0 to 86400, but got "-1".',
    ]);
  });

  it('shares reads unless it is told not to', () => {
    expect(readConfig({ DATA_DIR: dataDir, SHARE_READS: 'off' }).shareReads).toBe(false);
    expect(problemsOf({ SHARE_READS: 'no' })).toEqual(['SHARE_READS: expected one of on, off, but got "no".']);
  });

  it('counts an empty setting as not set', () => {
    expect(readConfig({ DATA_DIR: dataDir, PORT: '', DATABASE_URL: ' ', LOG_LEVEL: '' })).toMatchObject({
      port: 4000,
      databaseUrl: null,
      logLevel: 'info',
    });
  });

  it('names every wrong setting in one message', () => {
    const wrong = {
      PORT: 'http',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://host/db',
      AUTH: 'jwt',
      CAMPAIGN_URL: 'ftp://x',
    };
    expect(problemsOf(wrong)).toEqual([
      'DATABASE_URL: expected the address of a database, as in postgres://user:password@host:5432/isthmus, but got something else.',
      'PORT: expected a whole number from 0 to 65535, but got "http".',
      'CAMPAIGN_USER: is not set, but needed as the three CAMPAIGN settings go together.',
      'CAMPAIGN_PASSWORD: is not set, but needed as the three CAMPAIGN settings go together.',
      'CAMPAIGN_URL: expected an address that begins with https:// or http://, but got "ftp://x".',
      'JWT_ISSUER: is not set, but needed for AUTH=jwt.',
      'JWT_AUDIENCE: is not set, but needed for AUTH=jwt.',
      'JWT_JWKS_URL: is not set, but needed for AUTH=jwt.',
      'LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent, but got "loud".',
      'SECRET_KEY: is not set, but needed to encrypt what DATABASE_URL stores: openssl rand -base64 32.',
    ]);
  });

  it('reads the limits of one operation', () => {
    const limits = { MAX_QUERY_DEPTH: '30', MAX_QUERY_COST: '5000', MAX_QUERY_ALIASES: '0', SHOW_UPSTREAM: 'always' };
    expect(readConfig({ DATA_DIR: dataDir, ...limits })).toMatchObject({
      limits: { maxDepth: 30, maxCost: 5_000, maxAliases: 0 },
      showUpstream: true,
    });
    expect(problemsOf({ DYNAMICS_CONCURRENCY: '60', MAX_QUERY_DEPTH: '3', SHOW_UPSTREAM: 'yes' })).toEqual([
      'DYNAMICS_CONCURRENCY: expected a whole number from 1 to 52, but got "60".',
      'MAX_QUERY_DEPTH: expected a whole number from 16 to 1000, but got "3".',
      'SHOW_UPSTREAM: expected one of on-request, always, but got "yes".',
    ]);
  });

  it('never repeats a secret that is wrong', () => {
    const problems = problemsOf({
      SECRET_KEY: 'hunter2',
      API_KEYS: 'ci:operator:short-secret',
      AUTH: 'apikey',
      DATABASE_URL: 'postgres:hunter2',
    });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toMatch(/hunter2|short-secret/);
  });

  it('requires SECRET_KEY where a PostgreSQL is named', () => {
    const url = 'postgres://isthmus@db.example:5432/isthmus';
    expect(problemsOf({ DATABASE_URL: url })).toEqual([expect.stringContaining('SECRET_KEY: is not set')]);
    expect(readConfig({ DATABASE_URL: url, SECRET_KEY: KEY })).toMatchObject({
      databaseUrl: url,
      secretKey: Buffer.alloc(32, 7),
    });
  });

  it('makes a secret key for the embedded database and keeps it for its owner alone', () => {
    const first = readConfig({ DATA_DIR: join(dataDir, 'new') });
    const path = join(dataDir, 'new', 'secret-key');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8').trim()).toBe(first.secretKey.toString('base64'));
    expect(readConfig({ DATA_DIR: join(dataDir, 'new') }).secretKey).toEqual(first.secretKey);
  });

  it('refuses a kept secret key that was damaged, and leaves it in its place', () => {
    writeFileSync(join(dataDir, 'secret-key'), 'half');
    expect(problemsOf({})).toEqual([expect.stringContaining(join(dataDir, 'secret-key'))]);
    expect(readFileSync(join(dataDir, 'secret-key'), 'utf8')).toBe('half');
  });

  it('makes no key while any setting is wrong', () => {
    problemsOf({ PORT: '70000' });
    expect(() => statSync(join(dataDir, 'secret-key'))).toThrow('ENOENT');
  });

  it.each([
    ['ENTRA_AUTHORITY', 'http://login.example', false],
    ['ENTRA_AUTHORITY', 'http://127.0.0.1:4011', true],
    ['GRAPH_URL', 'http://graph.example', false],
    ['GRAPH_URL', 'http://localhost:4011', true],
    ['GRAPH_URL', 'https://graph.example', true],
  ])('%s=%s is accepted: %s', (name, value, accepted) => {
    expect(problemsOf({ [name]: value })).toHaveLength(accepted ? 0 : 1);
  });

  it.each([
    ['127.0.0.1', true],
    ['localhost', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['10.0.0.7', false],
  ])('lets anyone call without a key when bound to %s: %s', (host, accepted) => {
    expect(problemsOf({ HOST: host })).toHaveLength(accepted ? 0 : 1);
  });

  it('reads API keys with their names and roles; a key may hold a colon', () => {
    const keys = 'ci:operator:0123456789abcdef, web:reader:fedcba98:76543210';
    expect(readConfig({ DATA_DIR: dataDir, AUTH: 'apikey', API_KEYS: keys, HOST: '0.0.0.0' }).authentication).toEqual({
      kind: 'apikey',
      keys: [
        { name: 'ci', role: 'operator', key: '0123456789abcdef' },
        { name: 'web', role: 'reader', key: 'fedcba98:76543210' },
      ],
    });
  });

  it.each([
    'ci:owner:0123456789abcdef',
    'ci:operator:0123456789',
    'ci:reader:0123456789abcdef,ci:admin:fedcba9876543210',
    'ci:reader:0123456789abcdef,',
  ])('refuses the API keys %s', (keys) => {
    expect(problemsOf({ AUTH: 'apikey', API_KEYS: keys })).toHaveLength(1);
  });

  it('drops the slash at the end of an address', () => {
    const campaign = { CAMPAIGN_URL: 'http://127.0.0.1:4020/', CAMPAIGN_USER: 'admin', CAMPAIGN_PASSWORD: 'admin' };
    expect(readConfig({ DATA_DIR: dataDir, ...campaign }).campaign).toEqual({
      url: 'http://127.0.0.1:4020',
      user: 'admin',
      password: 'admin',
    });
  });

  it('gives a configuration that cannot be changed', () => {
    expect(Object.isFrozen(readConfig({ DATA_DIR: dataDir }))).toBe(true);
  });
});

describe('the table of settings', () => {
  it('tells name, default and meaning of each in the help', () => {
    const help = formatSettings();
    const lines = help.split('\n');
    for (const { name, meaning } of settingsTable()) {
      expect(lines.find((line) => line.startsWith(`  ${name} `))).toContain(meaning);
    }
    expect(help).toContain('Port the gateway listens on; 0 takes any free one. Default: 4000');
  });

  it('holds defaults that are valid', () => {
    const defaults = settingsTable().flatMap(({ name, default: value }) => (value === null ? [] : [[name, value]]));
    expect(problemsOf(Object.fromEntries(defaults))).toEqual([]);
  });
});

/** What is wrong with settings that keep their data in the test's folder. */
function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig({ DATA_DIR: dataDir, ...environment, ...(environment.DATA_DIR && { DATA_DIR: dataDir }) });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the settings of the set-up', () => {
  it('take further hosts of Dynamics, and no pattern that would allow every host', () => {
    expect(readConfig({ DATA_DIR: dataDir, DYNAMICS_HOSTS: 'CRM.example.com, *.dynamics.com' }).dynamicsHosts).toEqual([
      'crm.example.com',
      '*.dynamics.com',
    ]);
    expect(() => readConfig({ DATA_DIR: dataDir, DYNAMICS_HOSTS: '*' })).toThrow('DYNAMICS_HOSTS: expected host names');
    expect(() => readConfig({ DATA_DIR: dataDir, DYNAMICS_HOSTS: 'https://crm.example.com' })).toThrow(
      'DYNAMICS_HOSTS',
    );
  });

  it('name an administrator by three settings that go together, and never show the secret', () => {
    const given = { ADMIN_TENANT_ID: 'contoso.example', ADMIN_CLIENT_ID: 'id', ADMIN_CLIENT_SECRET: 'hidden' };
    expect(readConfig({ DATA_DIR: dataDir, ...given }).administrator).toEqual({
      tenantId: 'contoso.example',
      clientId: 'id',
      clientSecret: 'hidden',
    });
    expect(() => readConfig({ DATA_DIR: dataDir, ADMIN_CLIENT_SECRET: 'hidden' })).toThrow(
      /^(?!.*hidden)[\s\S]*ADMIN_TENANT_ID: is not set[\s\S]*ADMIN_CLIENT_ID: is not set/,
    );
  });
});
