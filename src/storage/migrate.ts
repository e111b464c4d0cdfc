import { Client } from 'pg';
import type { Orm } from './orm.js';
import { StorageError } from './storage-error.js';

/** Any number will do, as long as every version of Isthmus takes the same one. */
const MIGRATION_LOCK = 7_316_845_211;

/** Brings the tables of the embedded database up to date. Throws MIGRATION_FAILED, with the database as it was. */
export async function migrateEmbedded(orm: Orm): Promise<void> {
  await orm.migrate().catch((cause: unknown) => {
    throw migrationFailed(cause);
  });
}

/**
 * Brings the tables of a PostgreSQL up to date, one process at a time: others that start meanwhile wait up to two minutes.
 * Throws UNAVAILABLE where the server does not let us in, MIGRATION_FAILED where a migration fails, with the database as it was.
 */
export async function migratePostgresql(orm: Orm, url: string): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'isthmus migration',
  });
  client.on('error', () => undefined); // a lost connection fails the statement under way, which tells of it
  await client.connect().catch((cause: unknown) => {
    throw unavailable(url, cause);
  });
  try {
    await client.query("set lock_timeout = '120s'");
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await orm.migrate();
  } catch (cause) {
    throw migrationFailed(cause);
  } finally {
    await client.end(); // lets go of the lock
  }
}

function unavailable(url: string, cause: unknown): StorageError {
  const { host, pathname } = new URL(url);
  return new StorageError(
    'UNAVAILABLE',
    `Expected PostgreSQL at ${host} to open the database "${pathname.slice(1)}", but got: ${messageOf(cause)}. Check DATABASE_URL, that the ` +
      'server runs, and that the database exists.',
    { cause },
  );
}

function migrationFailed(cause: unknown): StorageError {
  return new StorageError(
    'MIGRATION_FAILED',
    `The tables of Isthmus could not be brought up to date and stay as they were: ${messageOf(cause)}. Start the newest version of Isthmus ` +
      'that worked with this database, as a user who may create tables in it.',
    { cause },
  );
}

/** A refused connection to several addresses at once comes as an error without words of its own. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return messageOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
