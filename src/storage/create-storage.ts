import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import type { Logger } from 'pino';
import { CredentialsCipher } from './credentials-cipher.js';
import { lockFolder } from './folder-lock.js';
import { migrateEmbedded, migratePostgresql } from './migrate.js';
import { createOrm, type DatabaseConnection, type Orm } from './orm.js';
import { DatabaseAccounts } from './repositories/accounts.repository.js';
import { DatabaseEnumerations } from './repositories/enumerations.repository.js';
import { DatabaseGateways } from './repositories/gateways.repository.js';
import { DatabaseJournal } from './repositories/journal.repository.js';
import { DatabaseMappings } from './repositories/mappings.repository.js';
import { DatabaseMetadata } from './repositories/metadata.repository.js';
import { DatabaseRuns } from './repositories/runs.repository.js';
import { DatabaseWorkflows } from './repositories/workflows.repository.js';
import type { Storage } from './storage.js';
import { StorageError } from './storage-error.js';
import { UnitsOfWork } from './units-of-work.js';

export interface StorageOptions {
  /** `postgres://…`; null for the embedded database. */
  readonly databaseUrl: string | null;
  /** The embedded database lives in the folder `db` of it; `:memory:` keeps it in memory and forgets it. */
  readonly dataDir: string;
  /** 32 bytes; seals the credentials of external accounts. */
  readonly secretKey: Buffer;
  readonly log: Logger;
  /** A dump of an embedded database to begin with, for `:memory:`: quicker than to make one anew. */
  readonly dump?: Blob;
}

/** An open database: what Isthmus keeps in it, and the way to it for others that keep tables of their own there, such as the queue. */
export interface Database {
  readonly storage: Storage;
  readonly connection: DatabaseConnection;
  readonly orm: Orm;
  /** Ends after the units of work under way. Whoever else uses the connection must be done with it. */
  close(): Promise<void>;
}

/**
 * Opens the database and brings its tables up to date. Rejects with a `StorageError`: LOCKED where another process has the embedded database
 * open, UNAVAILABLE where it cannot be opened or reached, MIGRATION_FAILED.
 */
export async function createStorage(options: StorageOptions): Promise<Database> {
  return options.databaseUrl === null ? openEmbedded(options) : openPostgresql(options, options.databaseUrl);
}

async function openPostgresql(options: StorageOptions, url: string): Promise<Database> {
  const connection = { kind: 'postgresql', url } as const;
  const orm = await createOrm(connection);
  try {
    await migratePostgresql(orm, url);
  } catch (error) {
    await orm.close();
    throw error;
  }
  options.log.info({ database: 'postgresql', host: new URL(url).host }, 'database ready');
  return createDatabase(options, connection, orm, () => orm.close());
}

async function openEmbedded(options: StorageOptions): Promise<Database> {
  const folder = options.dataDir === ':memory:' ? null : join(options.dataDir, 'db');
  await using opening = new AsyncDisposableStack();
  if (folder !== null) opening.defer(lockFolder(folder));
  const pglite = opening.adopt(await openPglite(folder, options.dump), closePglite);
  const connection = { kind: 'embedded', pglite } as const;
  const orm = opening.adopt(await createOrm(connection), ({ close }) => close());
  await migrateEmbedded(orm);
  options.log.info({ database: 'embedded', folder }, 'database ready');
  const opened = opening.move();
  return createDatabase(options, connection, orm, () => opened.disposeAsync());
}

async function openPglite(folder: string | null, dump: Blob | undefined): Promise<PGlite> {
  // Loaded here alone: a gateway on PostgreSQL has no use for it.
  const { PGlite } = await import('@electric-sql/pglite');
  if (folder === null) return PGlite.create({ dataDir: 'memory://', ...(dump && { loadDataDir: dump }) });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return PGlite.create({ dataDir: folder }).catch((cause: unknown) => {
    throw new StorageError(
      'UNAVAILABLE',
      `The embedded database in "${folder}" does not open: ${cause instanceof Error ? cause.message : String(cause)}. Put a backup of the ` +
        'folder in its place, or move it away to begin with an empty one.',
      { cause },
    );
  });
}

async function closePglite(pglite: PGlite): Promise<void> {
  if (!pglite.closed) await pglite.close();
}

function createDatabase(
  options: StorageOptions,
  connection: DatabaseConnection,
  orm: Orm,
  disconnect: () => Promise<void>,
): Database {
  const units = new UnitsOfWork(orm.em);
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= units.close().then(disconnect);
    return closing;
  };
  return {
    storage: createRepositories(units, new CredentialsCipher(options.secretKey), { connection, close }),
    connection,
    orm,
    close,
  };
}

function createRepositories(
  units: UnitsOfWork,
  cipher: CredentialsCipher,
  { connection, close }: Pick<Database, 'connection' | 'close'>,
): Storage {
  return {
    accounts: new DatabaseAccounts(units, cipher),
    mappings: new DatabaseMappings(units),
    metadata: new DatabaseMetadata(units),
    enumerations: new DatabaseEnumerations(units),
    journal: new DatabaseJournal(units, connection.kind === 'postgresql' ? connection.url : null),
    gateways: new DatabaseGateways(units),
    workflows: new DatabaseWorkflows(units),
    runs: new DatabaseRuns(units),
    ping: async () => {
      await units.read((em) => em.execute('select 1'));
    },
    close,
  };
}
