import { ControlError, isRecord } from '../control/input.js';
import { createClock, type Fault, listenMock, type Mock, type MockOptions, type MockResponse } from '../control.js';
import { Authenticator, type Claims } from './auth.js';
import { readBuiltInTables } from './built-in-tables.js';
import type { TenantDirectory } from './context.js';
import { answerError, CODES, DynamicsError } from './errors.js';
import { seedStore } from './seed/seed.js';
import { createService } from './service.js';
import { decodeLimits, ServiceProtection, type ServiceProtectionLimits } from './service-protection.js';
import { createSave, loadState } from './state-file.js';
import { type Row, Store } from './store.js';
import { mergeTables, readTablesFile } from './table-definitions.js';
import { buildTables } from './tables.js';
import { createTestHelpers, type TestHelpers } from './test-helpers.js';

export interface DynamicsMockOptions extends MockOptions {
  /** Number of contacts; the other tables in proportion. Default 1000. */
  readonly contacts?: number;
  /** The same seed gives the same data; default 1. */
  readonly seed?: number;
  /** File with table definitions to add to the built-in ones. */
  readonly tables?: string;
  /** Base URL of the mock Entra, whose keys tokens are checked with; default `http://127.0.0.1:4011`. */
  readonly authority?: string;
  /** Default `11111111-1111-1111-1111-111111111111`. */
  readonly tenant?: string;
  /** In place of a signature check: tells the claims of a token, null where it is not valid. For tests without an Entra. */
  readonly authenticate?: (token: string) => Claims | null;
  /** Knows the applications that users can be made for, and people with licences; without it any client id will do. */
  readonly directory?: TenantDirectory;
  /** Limits on what each user may do in a time, or true for those of the service; default none. */
  readonly serviceProtection?: Partial<ServiceProtectionLimits> | boolean | null;
  /** Takes `contacts/<id>` for `contacts(<id>)`, which the service does not; default false. */
  readonly keysAsSegments?: boolean;
  /** Rows are read from this file at start, where it is there, and written to it now and then and at close. */
  readonly stateFile?: string;
}

/** A mock organization that listens, and what tests may do with its rows in process. */
export interface DynamicsMock extends Mock, TestHelpers {
  /** Changes the limits on what each user may do, until the next reset; null: none. Throws a `ControlError` naming a wrong field. */
  protect(limits: Partial<ServiceProtectionLimits> | boolean | null): void;
}

/** 116.85 MB, the largest message. https://learn.microsoft.com/power-apps/developer/data-platform/bulk-operations */
const MAX_BODY_BYTES = 122_526_105;
const DEFAULT_CONTACTS = 1000;
const DEFAULT_AUTHORITY = 'http://127.0.0.1:4011';
const DEFAULT_TENANT = '11111111-1111-1111-1111-111111111111';

/**
 * Starts a mock of the Dataverse Web API at `<url>/api/data/v9.2/`.
 *
 * @throws Error where a file of tables or of state cannot be read, or the port cannot be had.
 */
export async function createDynamicsMock(options: DynamicsMockOptions = {}): Promise<DynamicsMock> {
  const clock = options.clock ?? createClock();
  const tables = buildTables(loadTables(options.tables));
  const store = new Store(tables, clock);
  if (!(await loadState(store, options.stateFile)))
    seedStore(store, { contacts: options.contacts ?? DEFAULT_CONTACTS, seed: options.seed ?? 1 });
  store.mark();
  const authenticator = new Authenticator(store, {
    authority: (options.authority ?? DEFAULT_AUTHORITY).replace(/\/$/, ''),
    tenant: options.tenant ?? DEFAULT_TENANT,
    clock,
    ...(options.authenticate === undefined ? {} : { authenticate: options.authenticate }),
  });
  const initialLimits = decodeLimits(options.serviceProtection ?? null);
  const protection = new ServiceProtection(clock, initialLimits);
  const protect = (limits: unknown) => {
    protection.limits = decodeLimits(limits);
    protection.clear();
  };
  const { directory, keysAsSegments = false } = options;
  const service = createService({ store, tables, clock, authenticator, protection, directory, keysAsSegments });
  const mock = await listenMock({
    ...options,
    clock,
    name: 'dynamics',
    maxBodyBytes: MAX_BODY_BYTES,
    handle: (request, answering) => service.answer(request, answering),
    settings: {
      get: () => ({ serviceProtection: protection.limits }),
      change: (input) => {
        protect(settingOf(input));
        return { serviceProtection: protection.limits };
      },
    },
    fail: (fault) => service.decorate(failure(fault)),
    reset: () => {
      tables.returnToStart();
      store.returnToMark();
      protect(initialLimits);
    },
    health: () => ({
      tables: tables.all.length,
      rows: Object.fromEntries(
        tables.all.flatMap(({ name }) => (store.table(name).size > 0 ? [[name, store.table(name).size]] : [])),
      ),
    }),
    save: options.stateFile === undefined ? undefined : createSave(store, options.stateFile),
  });
  return { ...mock, ...createTestHelpers({ store, tables, clock }), protect };
}

function settingOf(input: unknown): unknown {
  if (isRecord(input) && Object.keys(input).join() === 'serviceProtection') return input.serviceProtection;
  throw new ControlError('Expected a JSON object with "serviceProtection", an object of limits, true or null.');
}

function loadTables(path: string | undefined) {
  const builtIn = readBuiltInTables();
  return path === undefined ? builtIn : mergeTables(builtIn, readTablesFile(path));
}

const FAULT_TEXTS: Readonly<Record<number, { readonly code: string; readonly message: string }>> = {
  429: {
    code: CODES.rateLimited,
    message: 'Number of requests exceeded the limit of 6000 over time window of 300 seconds.',
  },
  500: { code: CODES.unexpected, message: 'An unexpected error occurred.' },
  503: { code: '0x80044150', message: 'The service is temporarily unavailable.' },
};

/** https://learn.microsoft.com/power-apps/developer/data-platform/api-limits */
function failure({ status = 500, code, message, retryAfter }: Fault): MockResponse {
  if (status === 401) return { status, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
  const texts = FAULT_TEXTS[status] ?? {
    code: CODES.unexpected,
    message: `The mock was asked to fail with ${status}.`,
  };
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return answerError(new DynamicsError(status, code ?? texts.code, message ?? texts.message, headers));
}

export type { Claims, Row, TenantDirectory };
