/** One row of the table of settings. `default` is null where the setting has none. */
export interface Setting {
  readonly name: string;
  readonly default: string | null;
  readonly meaning: string;
}

/** Every setting there is, in the order in which they are told. */
export const SETTINGS = [
  { name: 'HOST', default: '127.0.0.1', meaning: 'Address the gateway listens on.' },
  { name: 'PORT', default: '4000', meaning: 'Port the gateway listens on; 0 takes any free one.' },
  {
    name: 'DATABASE_URL',
    default: null,
    meaning: 'PostgreSQL, as in postgres://user:password@host:5432/isthmus. Unset: an embedded database in DATA_DIR.',
  },
  { name: 'DATA_DIR', default: '.data', meaning: 'Folder of the embedded database and of the secret key made for it.' },
  {
    name: 'SECRET_KEY',
    default: null,
    meaning:
      'Encrypts stored credentials: 32 bytes in base64 (openssl rand -base64 32). Required with DATABASE_URL; else made and kept in DATA_DIR/secret-key.',
  },
  { name: 'CAMPAIGN_URL', default: null, meaning: 'Adobe Campaign Classic, as in https://campaign.example.com.' },
  { name: 'CAMPAIGN_USER', default: null, meaning: 'Operator that Isthmus logs on to Campaign as.' },
  { name: 'CAMPAIGN_PASSWORD', default: null, meaning: 'Password of that operator.' },
  {
    name: 'ENTRA_AUTHORITY',
    default: 'https://login.microsoftonline.com',
    meaning: 'Where tokens come from. Plain http only for a loopback address.',
  },
  {
    name: 'GRAPH_URL',
    default: 'https://graph.microsoft.com',
    meaning: 'Microsoft Graph. Plain http only for a loopback address.',
  },
  {
    name: 'DYNAMICS_HOSTS',
    default: '*.dynamics.com,*.microsoftdynamics.us,*.appsplatform.us,*.dynamics.cn',
    meaning:
      'Hosts that credentials for Dynamics may be sent to, comma-separated; *.dynamics.com stands for every host below it. Loopback addresses always may.',
  },
  {
    name: 'DYNAMICS_TABLES',
    default: null,
    meaning:
      'Tables that the graph shows beside the mapped ones, to be read: logical names, comma-separated, or * for every table.',
  },
  {
    name: 'CAMPAIGN_SCHEMAS',
    default: null,
    meaning:
      'Schemas that the graph shows beside the mapped ones, to be read: nms:delivery, comma-separated, or * for every schema.',
  },
  {
    name: 'METADATA_CHECK_SECONDS',
    default: '60',
    meaning:
      'How often both systems are asked whether their tables and schemas have changed, so that the graph follows; 0: never.',
  },
  {
    name: 'ADMIN_TENANT_ID',
    default: null,
    meaning:
      'Tenant of an application that signs in as administrator for the set-up mutations, where these bring no access token. The three ADMIN settings go together.',
  },
  { name: 'ADMIN_CLIENT_ID', default: null, meaning: 'Client id of that application.' },
  { name: 'ADMIN_CLIENT_SECRET', default: null, meaning: 'Client secret of that application.' },
  {
    name: 'UPSTREAM_TIMEOUT_MS',
    default: '30000',
    meaning: 'How long one request to Dynamics, Entra ID or Campaign may take, in milliseconds.',
  },
  {
    name: 'DYNAMICS_CONCURRENCY',
    default: '32',
    meaning:
      'Requests under way at once to one Dynamics organization; further ones wait. Dynamics takes 52 of one user.',
  },
  {
    name: 'CAMPAIGN_CONCURRENCY',
    default: '32',
    meaning: 'Requests under way at once to Campaign; further ones wait.',
  },
  {
    name: 'SHARE_READS',
    default: 'on',
    meaning:
      'Whether queries that need the same request to Dynamics or Campaign at the same time share one: on or off. No query gets what was read before a write through this process that ended before it.',
  },
  {
    name: 'QUERY_TIMEOUT_MS',
    default: '60000',
    meaning:
      'How long one query may take with all its upstream requests, in milliseconds. Mutations go on to their end.',
  },
  { name: 'MAX_QUERY_DEPTH', default: '20', meaning: 'Levels of fields in one operation; introspection needs 16.' },
  {
    name: 'MAX_QUERY_COST',
    default: '100000',
    meaning:
      'Objects that the answer to one operation may hold by its page sizes ("first"), lists within lists multiplied.',
  },
  { name: 'MAX_QUERY_ALIASES', default: '200', meaning: 'Aliases in one operation.' },
  {
    name: 'SHOW_UPSTREAM',
    default: 'on-request',
    meaning:
      'Upstream requests and cost in the extensions of answers: on-request (headers isthmus-upstream: true, isthmus-cost: true), or always, for development.',
  },
  {
    name: 'AUTH',
    default: 'none',
    meaning: 'Who may call: none (only when HOST is a loopback address), apikey or jwt.',
  },
  {
    name: 'API_KEYS',
    default: null,
    meaning:
      'For AUTH=apikey: name:role:key, comma-separated; role is reader, operator or admin; keys of 16 characters or more.',
  },
  { name: 'JWT_ISSUER', default: null, meaning: 'For AUTH=jwt: the issuer ("iss") that tokens must name.' },
  { name: 'JWT_AUDIENCE', default: null, meaning: 'For AUTH=jwt: the audience ("aud") that tokens must name.' },
  { name: 'JWT_JWKS_URL', default: null, meaning: 'For AUTH=jwt: where the keys that sign tokens are published.' },
  { name: 'LOG_LEVEL', default: 'info', meaning: 'fatal, error, warn, info, debug, trace or silent.' },
] as const satisfies readonly Setting[];

export type SettingName = (typeof SETTINGS)[number]['name'];

/** Settings whose values no message may show. */
export const SECRETS: ReadonlySet<SettingName> = new Set([
  'DATABASE_URL',
  'SECRET_KEY',
  'CAMPAIGN_PASSWORD',
  'ADMIN_CLIENT_SECRET',
  'API_KEYS',
]);

/** Every setting there is, in the order in which they are told. */
export function settingsTable(): Setting[] {
  return SETTINGS.map((setting) => ({ ...setting }));
}

/** The table of settings as text for a terminal. */
export function formatSettings(): string {
  const lines = SETTINGS.map(({ name, default: value, meaning }) => {
    return `  ${name.padEnd(24)}${meaning}${value === null ? '' : ` Default: ${value}`}`;
  });
  return ['Isthmus is set up by environment variables:', '', ...lines, ''].join('\n');
}
