import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** A database of one environment's own. */
export interface BenchDatabase {
  /** For `DATABASE_URL`; empty where the gateway shall use the embedded one. */
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes a database on the PostgreSQL that the URL leads to; none without a URL. Rejects where that may not be. */
export async function createDatabase(server: string | undefined): Promise<BenchDatabase> {
  if (server === undefined || server === '') return { url: '', drop: async () => undefined };
  const name = `isthmus_bench_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
