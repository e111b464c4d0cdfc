import { isIP } from 'node:net';
import { ControlError, isNumber, isRecord, isString, isWhole, names } from '../control/input.js';
import type { OperatorAccount } from './operators.js';

/** How faithful the mock is, and to which build; each may be changed while it runs. */
export interface CampaignSettings {
  /** Bearer tokens that `BearerTokenLogon` and the Authorization header accept; default `mock-bearer-token`. */
  readonly bearerTokens: readonly string[];
  /** Operators beside the ready-made ones. */
  readonly operators: readonly OperatorAccount[];
  /** Rows of a query without `lineCount`: 10,000 (default) or 200, as Adobe's client library documents it. */
  readonly rowCap: number;
  /** Has each page but the first begin with the last row of the page before, as was seen on one build; default false. */
  readonly startLineOffByOne: boolean;
  /** HTTP status of SOAP faults: 200 (default) as v7 sends them, 500 as v8 does. */
  readonly faultHttpStatus: 200 | 500;
  /** Seconds; default 86,400. */
  readonly sessionLifetime: number;
  /** Seconds, where logon asks with `rememberMe`; default 1,296,000. */
  readonly longSessionLifetime: number;
  /** Seconds; default 86,400. */
  readonly securityLifetime: number;
  /** Whether a call without the security token is refused; default true. */
  readonly requireBothTokens: boolean;
  /** Of the security zone: a session token is enough by itself; default false. */
  readonly sessionTokenOnly: boolean;
  /** Of the security zone, together with `sessionTokenOnly`: the body may hold `login/password` for a session token; default false. */
  readonly allowUserPassword: boolean;
  /** Of the security zone: addresses and IPv4 or IPv6 ranges (`10.0.0.0/8`) that may connect; default every address. */
  readonly allowedAddresses: readonly string[];
  /** Lets `xtk:session` answer the methods of `xtk:persist`, as no server does; default false. */
  readonly lenientSession: boolean;
  /** Has writes leave out attributes and elements that the schema does not know instead of refusing them; default false. */
  readonly ignoreUnknown: boolean;
  /** Seconds, by the mock's clock, that a submitted job runs; default 0. */
  readonly jobDuration: number;
  /** Events that the queue of Message Center holds before `mcPing.jsp` calls it full; default 400. */
  readonly eventQueueSize: number;
  /** Tables of external databases: by name of the external account, then of the table, types of its columns. */
  readonly externalTables: ExternalTables;
  /** The call, counted from 1 from when this is set, that finds its session expired; default 0: none. */
  readonly expireOnCall: number;
  /** The call, counted from 1 from when this is set, whose answer breaks off half-way; default 0: none. */
  readonly truncateOnCall: number;
}

/** `{ pg2: { 'public.x': { i: 'long' } } }` */
export type ExternalTables = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

export const DEFAULT_SETTINGS: CampaignSettings = {
  bearerTokens: ['mock-bearer-token'],
  operators: [],
  rowCap: 10_000,
  startLineOffByOne: false,
  faultHttpStatus: 200,
  sessionLifetime: 86_400,
  longSessionLifetime: 1_296_000,
  securityLifetime: 86_400,
  requireBothTokens: true,
  sessionTokenOnly: false,
  allowUserPassword: false,
  allowedAddresses: ['0.0.0.0/0', '::/0'],
  lenientSession: false,
  ignoreUnknown: false,
  jobDuration: 0,
  eventQueueSize: 400,
  externalTables: {},
  expireOnCall: 0,
  truncateOnCall: 0,
};

interface Field {
  readonly expected: string;
  accepts(value: unknown): boolean;
}

const BOOLEAN: Field = { expected: 'true or false', accepts: (value) => typeof value === 'boolean' };
const COUNT: Field = { expected: 'a whole number', accepts: (value) => isWhole(value, 0, 2_147_483_647) };
const SECONDS: Field = { expected: 'seconds, 0 or more', accepts: (value) => isNumber(value) && value >= 0 };
const TEXTS: Field = { expected: 'a list of texts', accepts: (value) => isListOf(value, isString) };

const FIELDS: { readonly [Name in keyof CampaignSettings]: Field } = {
  bearerTokens: TEXTS,
  operators: {
    expected: 'a list of operators with "login", "password", "rights" and perhaps "label"',
    accepts: (value) => isListOf(value, isOperator),
  },
  rowCap: { expected: 'a whole number from 1', accepts: (value) => isWhole(value, 1, 2_147_483_647) },
  startLineOffByOne: BOOLEAN,
  faultHttpStatus: { expected: '200 or 500', accepts: (value) => value === 200 || value === 500 },
  sessionLifetime: SECONDS,
  longSessionLifetime: SECONDS,
  securityLifetime: SECONDS,
  requireBothTokens: BOOLEAN,
  sessionTokenOnly: BOOLEAN,
  allowUserPassword: BOOLEAN,
  allowedAddresses: {
    expected: 'a list of IP addresses and ranges such as 10.0.0.0/8',
    accepts: (value) => isListOf(value, isAddressRange),
  },
  lenientSession: BOOLEAN,
  ignoreUnknown: BOOLEAN,
  jobDuration: SECONDS,
  eventQueueSize: COUNT,
  externalTables: {
    expected: 'an object of accounts, of tables, of columns with their types',
    accepts: (value) => isRecordOf(value, (tables) => isRecordOf(tables, (columns) => isRecordOf(columns, isString))),
  },
  expireOnCall: COUNT,
  truncateOnCall: COUNT,
};

/**
 * Reads settings that a tester gave, for some or all fields; `"profile": "v7" | "v8"` stands for what tells the versions apart.
 * Throws a `ControlError` naming the field that is wrong.
 */
export function decodeSettings(input: unknown): Partial<CampaignSettings> {
  if (!isRecord(input)) throw new ControlError(`Expected a JSON object of settings: profile, ${names(FIELDS)}.`);
  const { profile, ...given } = input;
  for (const [name, value] of Object.entries(given)) assertSetting(name, value);
  // Every field has been checked against its type.
  return { ...profileSettings(profile), ...(given as Partial<CampaignSettings>) };
}

/** Parts options into those that are settings of Campaign and those that every mock has; what is undefined is left out. */
export function splitOptions<Options extends object>(
  options: Options,
): {
  readonly settings: Partial<CampaignSettings>;
  readonly others: Omit<Options, keyof CampaignSettings | 'profile'>;
} {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const isSetting = ([name]: [string, unknown]) => name === 'profile' || Object.hasOwn(FIELDS, name);
  const others = Object.fromEntries(given.filter((entry) => !isSetting(entry)));
  // The same options, without those that have been taken out.
  return { settings: decodeSettings(Object.fromEntries(given.filter(isSetting))), others: others as Options };
}

function assertSetting(name: string, value: unknown): void {
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof CampaignSettings] : undefined;
  if (!field) throw new ControlError(`There is no setting "${name}"; there are profile, ${names(FIELDS)}.`);
  if (!field.accepts(value)) throw new ControlError(`Expected "${name}" to be ${field.expected}.`);
}

function profileSettings(profile: unknown): Partial<CampaignSettings> {
  if (profile === undefined) return {};
  if (profile !== 'v7' && profile !== 'v8') throw new ControlError('Expected "profile" to be v7 or v8.');
  return { faultHttpStatus: profile === 'v8' ? 500 : 200 };
}

function isListOf(value: unknown, isMember: (member: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isMember);
}

function isRecordOf(value: unknown, isMember: (member: unknown) => boolean): boolean {
  return isRecord(value) && Object.values(value).every(isMember);
}

function isOperator(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { login, password, rights, label } = value;
  return isString(login) && login !== '' && isString(password) && isListOf(rights, isString) && isText(label);
}

function isText(value: unknown): boolean {
  return value === undefined || isString(value);
}

function isAddressRange(value: unknown): boolean {
  if (!isString(value)) return false;
  const [address = '', bits = '0', ...rest] = value.split('/');
  const version = isIP(address);
  return version !== 0 && rest.length === 0 && isWhole(Number(bits), 0, version === 4 ? 32 : 128);
}
