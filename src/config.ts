import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LOG_LEVELS, type LogLevel } from './log.js';
import type { Named } from './model/catalog.js';
import { SECRETS, SETTINGS, type SettingName } from './settings.js';

/** The settings of a process, checked and typed. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  /** 32 bytes; encrypts the stored credentials. */
  readonly secretKey: Buffer;
  /** Null where none of the three CAMPAIGN settings is given. */
  readonly campaign: CampaignSettings | null;
  /** Without a trailing slash. */
  readonly entraAuthority: string;
  /** Without a trailing slash. */
  readonly graphUrl: string;
  /** Hosts that a Dynamics organization may have; `*.dynamics.com` stands for every host below it. Loopback addresses always may. */
  readonly dynamicsHosts: readonly string[];
  readonly metadata: MetadataSettings;
  /** Signs in to Microsoft Graph and Dynamics for the set-up where a mutation brings no token; null where none of the three ADMIN settings is given. */
  readonly administrator: AdministratorSettings | null;
  readonly upstreamTimeoutMs: number;
  /** Requests under way at once to one Dynamics organization. */
  readonly dynamicsConcurrency: number;
  /** Requests under way at once to Campaign. */
  readonly campaignConcurrency: number;
  /** True where identical reads under way are sent once. */
  readonly shareReads: boolean;
  readonly queryTimeoutMs: number;
  readonly limits: LimitSettings;
  /** True where every answer lists its upstream requests and its cost. */
  readonly showUpstream: boolean;
  readonly authentication: AuthenticationSettings;
  readonly logLevel: LogLevel;
}

/** Bounds on one GraphQL operation. */
export interface LimitSettings {
  readonly maxDepth: number;
  /** Objects that the answer may hold, if every page is full. */
  readonly maxCost: number;
  readonly maxAliases: number;
}

/** What the graph shows beside what is mapped, and how it keeps up with the remotes. */
export interface MetadataSettings {
  /** Logical names of Dynamics tables. */
  readonly tables: Named;
  /** Names of Campaign schemas, as in `nms:delivery`. */
  readonly schemas: Named;
  /** 0: the remotes are asked once, for what is named here, and not again. */
  readonly checkSeconds: number;
}

export interface CampaignSettings {
  /** Without a trailing slash. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** An application with the rights of an administrator. */
export interface AdministratorSettings {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export type AuthenticationSettings =
  | { readonly kind: 'none' }
  | { readonly kind: 'apikey'; readonly keys: readonly ApiKey[] }
  | { readonly kind: 'jwt'; readonly issuer: string; readonly audience: string; readonly jwksUrl: string };

export interface ApiKey {
  readonly name: string;
  readonly role: 'reader' | 'operator' | 'admin';
  readonly key: string;
}

/** Settings are missing or wrong. The message names every one with what was expected and the remedy, and holds no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG';

  constructor(readonly problems: readonly string[]) {
    const count = problems.length === 1 ? 'one setting is' : `${problems.length} settings are`;
    super(
      [
        `Isthmus cannot start: ${count} wrong.`,
        ...problems.map((problem) => `  ${problem}`),
        '"npm start -- --help" tells about every setting.',
      ].join('\n'),
    );
  }
}

/**
 * Reads the settings from environment variables; an empty one counts as not set. With the embedded database and without SECRET_KEY, the key
 * is read from `DATA_DIR/secret-key`, which is made on first use. Throws a `ConfigError` that names every wrong setting.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const settings = new SettingsReader(environment);
  const host = settings.read('HOST', text('a host name or an address'));
  const dataDir = settings.read('DATA_DIR', text('a folder'));
  const databaseUrl = settings.find('DATABASE_URL', databaseAddress());
  const config = {
    host,
    port: settings.read('PORT', wholeNumber(0, 65_535)),
    databaseUrl,
    dataDir,
    campaign: readCampaign(settings),
    entraAuthority: settings.read('ENTRA_AUTHORITY', secureAddress()),
    graphUrl: settings.read('GRAPH_URL', secureAddress()),
    dynamicsHosts: settings.read('DYNAMICS_HOSTS', hosts()),
    metadata: readMetadata(settings),
    administrator: readAdministrator(settings),
    upstreamTimeoutMs: settings.read('UPSTREAM_TIMEOUT_MS', wholeNumber(100, 600_000)),
    dynamicsConcurrency: settings.read('DYNAMICS_CONCURRENCY', wholeNumber(1, 52)),
    campaignConcurrency: settings.read('CAMPAIGN_CONCURRENCY', wholeNumber(1, 1_000)),
    shareReads: settings.read('SHARE_READS', oneOf(['on', 'off'])) === 'on',
    queryTimeoutMs: settings.read('QUERY_TIMEOUT_MS', wholeNumber(100, 3_600_000)),
    limits: readLimits(settings),
    showUpstream: settings.read('SHOW_UPSTREAM', oneOf(['on-request', 'always'])) === 'always',
    authentication: readAuthentication(settings, host),
    logLevel: settings.read('LOG_LEVEL', oneOf(LOG_LEVELS)),
    secretKey: settings.find('SECRET_KEY', secretKey()),
  };
  const isEmbedded = databaseUrl === null && !settings.has('DATABASE_URL');
  if (!isEmbedded) settings.require(['SECRET_KEY'], 'to encrypt what DATABASE_URL stores: openssl rand -base64 32');
  settings.assertFine();
  return Object.freeze({ ...config, secretKey: config.secretKey ?? keptSecretKey(dataDir) });
}

function readCampaign(settings: SettingsReader): CampaignSettings | null {
  const names = ['CAMPAIGN_URL', 'CAMPAIGN_USER', 'CAMPAIGN_PASSWORD'] as const;
  if (!names.some((name) => settings.has(name))) return null;
  settings.require(names, 'as the three CAMPAIGN settings go together');
  return Object.freeze({
    url: settings.find('CAMPAIGN_URL', address()) ?? '',
    user: settings.find('CAMPAIGN_USER', text('the name of an operator')) ?? '',
    password: settings.find('CAMPAIGN_PASSWORD', text('a password')) ?? '',
  });
}

function readMetadata(settings: SettingsReader): MetadataSettings {
  return Object.freeze({
    tables:
      settings.find('DYNAMICS_TABLES', namesOr(/^[a-z][a-z0-9_]*$/, 'logical names such as account,new_visit')) ?? [],
    schemas:
      settings.find('CAMPAIGN_SCHEMAS', namesOr(/^[\w-]+:[\w-]+$/, 'schemas such as nms:delivery,cus:shop')) ?? [],
    checkSeconds: settings.read('METADATA_CHECK_SECONDS', wholeNumber(0, 86_400)),
  });
}

function readAdministrator(settings: SettingsReader): AdministratorSettings | null {
  const names = ['ADMIN_TENANT_ID', 'ADMIN_CLIENT_ID', 'ADMIN_CLIENT_SECRET'] as const;
  if (!names.some((name) => settings.has(name))) return null;
  settings.require(names, 'as the three ADMIN settings go together');
  return Object.freeze({
    tenantId: settings.find('ADMIN_TENANT_ID', text('the id of a tenant')) ?? '',
    clientId: settings.find('ADMIN_CLIENT_ID', text('the client id of an application')) ?? '',
    clientSecret: settings.find('ADMIN_CLIENT_SECRET', text('a client secret')) ?? '',
  });
}

function readLimits(settings: SettingsReader): LimitSettings {
  return Object.freeze({
    maxDepth: settings.read('MAX_QUERY_DEPTH', wholeNumber(16, 1_000)),
    maxCost: settings.read('MAX_QUERY_COST', wholeNumber(100, 100_000_000)),
    maxAliases: settings.read('MAX_QUERY_ALIASES', wholeNumber(0, 10_000)),
  });
}

function readAuthentication(settings: SettingsReader, host: string): AuthenticationSettings {
  const kind = settings.read('AUTH', oneOf(['none', 'apikey', 'jwt']));
  if (kind === 'apikey') {
    settings.require(['API_KEYS'], 'for AUTH=apikey, as in API_KEYS=ci:operator:<key>');
    return Object.freeze({ kind, keys: settings.find('API_KEYS', apiKeys()) ?? [] });
  }
  if (kind === 'jwt') {
    settings.require(['JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_JWKS_URL'], 'for AUTH=jwt');
    return Object.freeze({
      kind,
      issuer: settings.find('JWT_ISSUER', text('an issuer')) ?? '',
      audience: settings.find('JWT_AUDIENCE', text('an audience')) ?? '',
      jwksUrl: settings.find('JWT_JWKS_URL', secureAddress()) ?? '',
    });
  }
  if (kind === 'none' && !isLoopback(host)) {
    settings.add(
      'AUTH',
      `expected apikey or jwt, as HOST=${host} can be reached by others; none is for HOST=127.0.0.1`,
    );
  }
  return Object.freeze({ kind: 'none' });
}

/** Reads settings one by one and remembers what is wrong with them, so that all of it is told at once. */
class SettingsReader {
  private readonly problems: string[] = [];

  constructor(private readonly environment: Readonly<Record<string, string | undefined>>) {}

  has(name: SettingName): boolean {
    return this.given(name) !== null;
  }

  /** The value of a setting that has a default; the default too where the given one is wrong, which is remembered. */
  read<Value>(name: SettingName, schema: z.ZodType<Value, string>): Value {
    const fallback = SETTINGS.find((setting) => setting.name === name)?.default ?? '';
    return this.find(name, schema) ?? schema.parse(fallback);
  }

  /** The value, or null where it is not set or wrong. */
  find<Value>(name: SettingName, schema: z.ZodType<Value, string>): Value | null {
    const given = this.given(name);
    if (given === null) return null;
    const result = schema.safeParse(given);
    if (result.success) return result.data;
    const got = SECRETS.has(name) ? 'something else' : JSON.stringify(given);
    this.add(name, `${result.error.issues[0]?.message}, but got ${got}`);
    return null;
  }

  require(names: readonly SettingName[], why: string): void {
    for (const name of names) if (!this.has(name)) this.add(name, `is not set, but needed ${why}`);
  }

  add(name: SettingName, problem: string): void {
    this.problems.push(`${name}: ${problem}.`);
  }

  assertFine(): void {
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }

  private given(name: SettingName): string | null {
    return this.environment[name]?.trim() || null;
  }
}

function text(expected: string): z.ZodType<string, string> {
  return z.string().min(1, `expected ${expected}`);
}

function oneOf<const Name extends string>(names: readonly Name[]): z.ZodType<Name, string> {
  return z.string().transform((given, context) => {
    const name = names.find((known) => known === given);
    return name ?? fail(context, `expected one of ${names.join(', ')}`);
  });
}

function wholeNumber(from: number, to: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,9}$/, `expected a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `expected a whole number from ${from} to ${to}`);
}

function address(): z.ZodType<string, string> {
  return z
    .string()
    .refine(isAddress, 'expected an address that begins with https:// or http://')
    .transform((url) => url.replace(/\/+$/, ''));
}

function secureAddress(): z.ZodType<string, string> {
  return address().refine(
    (url) => isSecure(url),
    'expected an address that begins with https:// (http:// is for loopback addresses such as 127.0.0.1)',
  );
}

function hosts(): z.ZodType<readonly string[], string> {
  const host = /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/;
  return z.string().transform((given, context) => {
    const names = given.split(',').map((name) => name.trim().toLowerCase());
    const isFine = names.every((name) => host.test(name));
    return isFine ? Object.freeze(names) : fail(context, 'expected host names such as *.dynamics.com, comma-separated');
  });
}

/** Names of one form, comma-separated, or `*`. */
function namesOr(form: RegExp, expected: string): z.ZodType<Named, string> {
  return z.string().transform((given, context) => {
    if (given === '*') return given;
    const names = [...new Set(given.split(',').map((name) => name.trim()))];
    return names.every((name) => form.test(name)) ? Object.freeze(names) : fail(context, `expected * or ${expected}`);
  });
}

function databaseAddress(): z.ZodType<string, string> {
  return z.string().refine((given) => {
    const url = URL.parse(given);
    return url !== null && /^postgres(ql)?:\/\//.test(given) && url.pathname.length > 1;
  }, 'expected the address of a database, as in postgres://user:password@host:5432/isthmus');
}

function secretKey(): z.ZodType<Buffer, string> {
  return z.string().transform((given, context) => {
    return (
      decodeSecretKey(given) ?? fail(context, 'expected 32 bytes in base64, as "openssl rand -base64 32" makes them')
    );
  });
}

function apiKeys(): z.ZodType<readonly ApiKey[], string> {
  const entry = /^([^:,\s]+):(reader|operator|admin):(\S{16,})$/;
  return z.string().transform((given, context) => {
    const parts = given.split(',').map((part) => part.trim());
    const keys = parts
      .map((part) => entry.exec(part))
      .map((match) => ({ name: match?.[1], role: match?.[2], key: match?.[3] }));
    const result = z.array(apiKey).safeParse(keys);
    if (!result.success) {
      return fail(
        context,
        'expected name:role:key, comma-separated, with role reader, operator or admin and keys of 16 characters or more',
      );
    }
    const isUnique = new Set(result.data.map(({ name }) => name)).size === keys.length;
    return isUnique ? result.data : fail(context, 'expected every key to have a name of its own');
  });
}

const apiKey = z
  .object({ name: z.string(), role: z.enum(['reader', 'operator', 'admin']), key: z.string() })
  .readonly();

function fail(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function isAddress(given: string): boolean {
  const url = URL.parse(given);
  return url !== null && ['http:', 'https:'].includes(url.protocol) && url.hash === '' && url.search === '';
}

function isSecure(given: string): boolean {
  const url = URL.parse(given);
  return url !== null && (url.protocol === 'https:' || isLoopback(url.hostname));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The key kept in the data folder, made there on first use and never replaced. */
function keptSecretKey(dataDir: string): Buffer {
  if (dataDir === ':memory:') return randomBytes(32);
  const path = join(dataDir, 'secret-key');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const key = decodeSecretKey(readFileSync(path, 'utf8').trim());
  if (key) return key;
  throw new ConfigError([
    `SECRET_KEY: expected 32 bytes in base64 in ${path}. Put back the key that was there, or set SECRET_KEY.`,
  ]);
}

function decodeSecretKey(given: string): Buffer | null {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(given)) return null;
  const key = Buffer.from(given, 'base64');
  return key.length === 32 ? key : null;
}
