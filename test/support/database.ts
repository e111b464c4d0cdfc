import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { createJobs } from '../../src/jobs/jobs.js';
import { createLogger } from '../../src/log.js';
import { createStorage, type Database } from '../../src/storage/create-storage.js';

/** The secret key of every test database. */
export const TEST_SECRET_KEY = Buffer.alloc(32, 1);

export interface TestDatabase {
  readonly database: Database;
  /** Closes the database and forgets what was in it. */
  close(): Promise<void>;
}

/**
 * Opens an empty database with every table in place: PGlite in memory, or where TEST_DATABASE_URL is set, a database of its own on that
 * PostgreSQL.
 */
export async function openTestDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  return server ? openPostgresql(server) : openEmbedded();
}

async function openPostgresql(server: string): Promise<TestDatabase> {
  const { url, drop } = await createDatabase(server);
  const database = await createStorage(options(url));
  return {
    database,
    close: async () => {
      await database.close();
      await drop();
    },
  };
}

/** Creates an empty database with a random name on the server that `server` leads to. */
export async function createDatabase(server: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `isthmus_test_${randomBytes(6).toString('hex')}`;
  await execute(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(server, `drop database if exists ${name} with (force)`) };
}

async function execute(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

async function openEmbedded(): Promise<TestDatabase> {
  const database = await createStorage({ ...options(null), dump: await readyDump() });
  return { database, close: () => database.close() };
}

const FOLDER = join(import.meta.dirname, '../../node_modules/.cache/isthmus-test');

/**
 * A dump of a database in which everything is installed, kept between test runs: beginning with it takes a tenth of the time that making one
 * anew does. Its name changes with whatever it is made from.
 */
async function readyDump(): Promise<Blob> {
  const path = join(FOLDER, `${fingerprint()}.tar`);
  try {
    return new Blob([readFileSync(path)]);
  } catch {
    const dump = Buffer.from(await (await makeDump()).arrayBuffer());
    mkdirSync(FOLDER, { recursive: true });
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, dump);
    renameSync(draft, path); // several test processes may do this at once; each gives the others a whole file
    removeOthers(path);
    return new Blob([readFileSync(path)]);
  }
}

/** Removes the dumps that were made from other sources than the current one. */
function removeOthers(current: string): void {
  const dumps = readdirSync(FOLDER).filter((name) => name.endsWith('.tar'));
  for (const path of dumps.map((name) => join(FOLDER, name))) if (path !== current) rmSync(path, { force: true });
}

async function makeDump(): Promise<Blob> {
  const database = await createStorage(options(null));
  const ignore = async () => undefined;
  const jobs = await createJobs({ database, work: false, execute: ignore, startScheduled: ignore, log: QUIET });
  await jobs.stop(0);
  if (database.connection.kind !== 'embedded') throw new Error('Expected an embedded database.');
  const dump = await database.connection.pglite.dumpDataDir('none');
  await database.close();
  return dump;
}

function fingerprint(): string {
  const root = join(import.meta.dirname, '../..');
  const packages = ['@electric-sql/pglite', 'pg-boss', '@mikro-orm/migrations'].map(
    (name) => `node_modules/${name}/package.json`,
  );
  const sources = ['migrations', 'src/jobs'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  const hash = createHash('sha256');
  for (const path of [...packages, ...sources].sort()) hash.update(readFileSync(join(root, path)));
  return hash.digest('hex').slice(0, 16);
}

const QUIET = createLogger('silent');

function options(databaseUrl: string | null) {
  return { databaseUrl, dataDir: ':memory:', secretKey: TEST_SECRET_KEY, log: QUIET };
}
