import type { PGlite } from '@electric-sql/pglite';
import { MikroORM, type Options } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import type { PgliteDriver } from '@mikro-orm/pglite';
import { PostgreSqlDriver, type SqlEntityManager } from '@mikro-orm/postgresql';
import { MIGRATIONS } from '../../migrations/migrations.js';
import { DescriptionEntity } from './entities/description.entity.js';
import { EnumerationMappingEntity } from './entities/enumeration-mapping.entity.js';
import { ExternalAccountEntity } from './entities/external-account.entity.js';
import { GatewayEntity } from './entities/gateway.entity.js';
import { JournalStepEntity } from './entities/journal-step.entity.js';
import { MetadataMarkEntity } from './entities/metadata-mark.entity.js';
import { ObservationEntity } from './entities/observation.entity.js';
import { RejectEntity } from './entities/reject.entity.js';
import { RunEntity } from './entities/run.entity.js';
import { TableMappingEntity } from './entities/table-mapping.entity.js';
import { WorkflowEntity } from './entities/workflow.entity.js';

/** What reaches the database: PGlite within this process, or a PostgreSQL by its address. */
export type DatabaseConnection =
  | { readonly kind: 'embedded'; readonly pglite: PGlite }
  | { readonly kind: 'postgresql'; readonly url: string };

/** What storage uses of the ORM, the same for both databases. */
export interface Orm {
  readonly em: SqlEntityManager;
  /** Brings the tables up to date, all of it in one transaction. Rejects where they are those of a newer Isthmus. */
  migrate(): Promise<void>;
  /** The statements that would make the tables what the entities say; empty where they are. */
  schemaDifference(): Promise<string>;
  close(): Promise<void>;
}

const ENTITIES = [
  ExternalAccountEntity,
  TableMappingEntity,
  DescriptionEntity,
  ObservationEntity,
  MetadataMarkEntity,
  EnumerationMappingEntity,
  JournalStepEntity,
  GatewayEntity,
  WorkflowEntity,
  RunEntity,
  RejectEntity,
];

export async function createOrm(connection: DatabaseConnection): Promise<Orm> {
  return connection.kind === 'embedded' ? ofEmbedded(connection.pglite) : ofPostgresql(connection.url);
}

async function ofEmbedded(pglite: PGlite): Promise<Orm> {
  const { PgliteDriver: driver } = await import('@mikro-orm/pglite');
  const driverOptions = { pglite };
  return wrap(await MikroORM.init({ ...common(), driver, dbName: 'postgres', driverOptions }));
}

async function ofPostgresql(url: string): Promise<Orm> {
  const driverOptions = {
    connectionString: url,
    application_name: 'isthmus',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
  };
  const dbName = decodeURIComponent(new URL(url).pathname.slice(1));
  return wrap(
    await MikroORM.init({ ...common(), driver: PostgreSqlDriver, dbName, driverOptions, pool: { min: 0, max: 10 } }),
  );
}

function common() {
  return {
    entities: ENTITIES,
    extensions: [Migrator],
    ensureDatabase: false,
    // Names and labels of users and remotes stand in parameters; a logged query would spread them.
    debug: false,
    schemaGenerator: { ignoreSchema: ['pgboss'], disableForeignKeys: false },
    migrations: { migrationsList: MIGRATIONS, snapshot: false, silent: true, disableForeignKeys: false },
  } satisfies Partial<Options>;
}

function wrap(orm: MikroORM<PgliteDriver> | MikroORM<PostgreSqlDriver>): Orm {
  return {
    // Both managers are the one of the SQL dialect they share; their types differ by the driver alone.
    em: orm.em as unknown as SqlEntityManager,
    migrate: async () => {
      assertKnown(await orm.migrator.getExecuted());
      await orm.migrator.up();
    },
    schemaDifference: () => orm.schema.getUpdateSchemaSQL({ wrap: false }),
    close: () => orm.close(true),
  };
}

function assertKnown(executed: readonly { readonly name: string }[]): void {
  const known = new Set(MIGRATIONS.map(({ name }) => name));
  const unknown = executed.find(({ name }) => !known.has(name));
  if (unknown) throw new Error(`they have the change "${unknown.name}" of a newer Isthmus`);
}
