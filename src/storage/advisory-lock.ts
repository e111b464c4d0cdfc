import { Client } from 'pg';
import { RequestError } from '../model/errors.js';
import { StorageError } from './storage-error.js';

/** Any number will do, as long as every version of Isthmus takes the same one. */
const SET_UP_LOCK = 7_316_845_212;
/** What PostgreSQL answers where a lock was not had in time: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Runs work while no other process on this database does. The lock belongs to a connection of its own, so that it is free again when
 * the process is gone: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
 */
export async function withAdvisoryLock<Result>(url: string, work: () => Promise<Result>): Promise<Result> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'isthmus set-up',
  });
  client.on('error', () => undefined); // a lost connection loses the lock, and the journal then tells whoever is next
  try {
    await client.connect();
    await client.query("set lock_timeout = '60s'");
    await client.query('select pg_advisory_lock($1)', [SET_UP_LOCK]);
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw isLockTimeout(cause) ? underWayElsewhere(cause) : unavailable(cause);
  }
  try {
    return await work();
  } finally {
    await client.end().catch(() => undefined); // lets go of the lock
  }
}

function isLockTimeout(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === LOCK_NOT_AVAILABLE;
}

function underWayElsewhere(cause: unknown): RequestError {
  const message = 'Another gateway on this database is changing the mappings. Try again when it has ended.';
  return new RequestError('CONFLICT', message, { cause });
}

function unavailable(cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StorageError('UNAVAILABLE', `Expected PostgreSQL to give a lock for the set-up, but got: ${reason}`, {
    cause,
  });
}
