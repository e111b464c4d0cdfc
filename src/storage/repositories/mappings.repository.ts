import { isDeepStrictEqual } from 'node:util';
import { LockMode } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { CampaignSchema } from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import type { TableMapping } from '../../model/mapping.js';
import type { Table } from '../../model/table.js';
import { DescriptionEntity, type DescriptionRow } from '../entities/description.entity.js';
import { EnumerationMappingEntity } from '../entities/enumeration-mapping.entity.js';
import { ExternalAccountEntity } from '../entities/external-account.entity.js';
import { JournalStepEntity } from '../entities/journal-step.entity.js';
import { ObservationEntity } from '../entities/observation.entity.js';
import { TableMappingEntity, type TableMappingRow } from '../entities/table-mapping.entity.js';
import { storableText } from '../storable.js';
import type { KeptCatalog, MappingRepository } from '../storage.js';
import type { UnitsOfWork } from '../units-of-work.js';
import { byName, compareText } from './by-name.js';
import { listSteps } from './journal.repository.js';
import { restartWorkflows } from './restart-workflows.js';

type Content = Parameters<MappingRepository['replace']>[1];

export class DatabaseMappings implements MappingRepository {
  constructor(private readonly units: UnitsOfWork) {}

  list(): Promise<readonly TableMapping[]> {
    return this.units.read(listMappings);
  }

  async find(table: string): Promise<TableMapping | null> {
    const row = await this.units.read((em) => em.findOne(TableMappingEntity, { table: storableText(table) }));
    return row && toMapping(row);
  }

  catalog(): Promise<KeptCatalog> {
    return this.units.readTogether(async (em) => {
      const mappings = await listMappings(em);
      const descriptions = await em.find(DescriptionEntity, {});
      const underWay = await listSteps(em);
      return { mappings, tables: tablesOf(descriptions), schemas: schemasOf(descriptions), underWay };
    });
  }

  revision(): Promise<string> {
    return this.units.read(readRevision);
  }

  replace(account: string, content: Content): Promise<void> {
    return this.units.write(async (em) => {
      // One at a time: the lock on every account keeps a replacement for another one waiting.
      const accounts = await em.find(
        ExternalAccountEntity,
        {},
        { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { name: 'asc' } },
      );
      const row = accounts.find(({ name }) => name === account);
      if (!row) throw new RequestError('NOT_FOUND', `There is no external account "${account}" to carry mappings.`);
      await assertOnlyCarrier(em, account);
      await restartWorkflows(em, account, await findRestarted(em, content));
      await replaceMappings(em, account, content.mappings);
      await replaceDescriptions(em, content);
      const tables = content.mappings.map(({ table }) => table);
      await em.nativeDelete(EnumerationMappingEntity, { account, table: { $nin: tables } });
      await em.nativeDelete(JournalStepEntity, { account });
      row.status = content.mappings.length > 0 ? 'CONFIGURED' : 'CONNECTED';
    });
  }
}

/** A text that changes with the mappings, with all that is described, and with the change that is under way. */
export async function readRevision(em: SqlEntityManager): Promise<string> {
  const [row] = await em.execute<{ catalog: string; change: string | null }[]>(REVISION);
  if (!row) return '';
  return row.change === null ? row.catalog : `${row.catalog}/${row.change}`;
}

/** What of a revision is of the mappings and descriptions, and not of a change under way. */
export function catalogPart(revision: string): string {
  return revision.split('/')[0] ?? '';
}

/**
 * The database digests what it holds, so that nothing of it has to be sent. Observations are many, and have brought their digests along. How
 * far the steps of a change have come does not matter.
 */
const REVISION = `
  select
    (
      select md5(coalesce(string_agg(digest, '' order by digest), ''))
      from (
        select md5(table_mapping::text) as digest from table_mapping
        union all
        select md5(description::text) from description
        union all
        select md5(kind || ' ' || name || ' ' || digest) from observation
      ) as digests
    ) as catalog,
    (
      select md5(string_agg(md5(row(account, subject, content_before, content_after)::text), '' order by account, position))
      from journal_step
    ) as change`;

/** The mappings, by table. */
export async function listMappings(em: SqlEntityManager): Promise<readonly TableMapping[]> {
  const rows = await em.find(TableMappingEntity, {});
  return rows.map(toMapping).sort((a, b) => compareText(a.table, b.table));
}

async function assertOnlyCarrier(em: SqlEntityManager, account: string): Promise<void> {
  const other = await em.findOne(TableMappingEntity, { account: { $ne: account } });
  if (other === null) return;
  throw new RequestError(
    'CONFLICT',
    `External account "${other.account}" carries the table mappings, and one account at a time may. Unmap its tables first with unmapTables.`,
  );
}

/** Tells which tables are mapped otherwise from now on, or have lost their records in Campaign. */
async function findRestarted(
  em: SqlEntityManager,
  { mappings, restart = [] }: Content,
): Promise<(table: string) => boolean> {
  const before = await listMappings(em);
  const isSame = (table: string) => isDeepStrictEqual(findTable(before, table), findTable(mappings, table));
  return (table) => !isSame(table) || restart.includes(table);
}

function findTable(mappings: readonly TableMapping[], table: string): TableMapping | undefined {
  return mappings.find((mapping) => mapping.table === table);
}

async function replaceMappings(
  em: SqlEntityManager,
  account: string,
  mappings: readonly TableMapping[],
): Promise<void> {
  await em.nativeDelete(TableMappingEntity, { account });
  const rows = mappings.map(({ table, schema, key, fields }) => ({ table, account, schema, key, fields }));
  if (rows.length > 0) await em.insertMany(TableMappingEntity, rows);
}

async function replaceDescriptions(em: SqlEntityManager, { tables, schemas }: Content): Promise<void> {
  await em.nativeDelete(DescriptionEntity, {});
  const rows: DescriptionRow[] = [
    ...tables.map((content) => ({ kind: 'table' as const, name: content.logicalName, content })),
    ...schemas.map((content) => ({ kind: 'schema' as const, name: content.name, content })),
  ];
  if (rows.length > 0) await em.insertMany(DescriptionEntity, rows);
  // These are of now, and so newer than what was observed before.
  for (const kind of ['table', 'schema'] as const) {
    const name = { $in: rows.filter((row) => row.kind === kind).map((row) => row.name) };
    await em.nativeDelete(ObservationEntity, { kind, name });
  }
  await em.nativeDelete(ObservationEntity, { content: null });
}

function toMapping({ account, table, schema, key, fields }: TableMappingRow): TableMapping {
  return { account, table, schema, key, fields };
}

/** What stands under a kind was written from that kind's descriptions, hence the casts. */
function tablesOf(rows: readonly DescriptionRow[]): readonly Table[] {
  const ofKind = rows.filter(({ kind }) => kind === 'table').sort(byName);
  return ofKind.map(({ content }) => content as Table);
}

function schemasOf(rows: readonly DescriptionRow[]): readonly CampaignSchema[] {
  const ofKind = rows.filter(({ kind }) => kind === 'schema').sort(byName);
  return ofKind.map(({ content }) => content as CampaignSchema);
}
