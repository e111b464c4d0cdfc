import { createHash } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { CampaignSchema } from '../../model/campaign-schema.js';
import type { System } from '../../model/system.js';
import type { Table } from '../../model/table.js';
import { DescriptionEntity, type DescriptionRow } from '../entities/description.entity.js';
import { MetadataMarkEntity, type MetadataMarkRow } from '../entities/metadata-mark.entity.js';
import { ObservationEntity, type ObservationRow } from '../entities/observation.entity.js';
import type {
  Descriptions,
  MetadataLook,
  MetadataMark,
  MetadataMarks,
  MetadataRepository,
  Observed,
} from '../storage.js';
import type { UnitsOfWork } from '../units-of-work.js';
import { byName } from './by-name.js';
import { listSteps } from './journal.repository.js';
import { catalogPart, listMappings, readRevision } from './mappings.repository.js';

/** Rows in one statement, as descriptions are large. */
const ROWS_AT_ONCE = 50;

export class DatabaseMetadata implements MetadataRepository {
  constructor(private readonly units: UnitsOfWork) {}

  observed(): Promise<Observed> {
    return this.units.readTogether(async (em) => {
      const revision = await readRevision(em);
      const mappings = await listMappings(em);
      const described = await em.find(DescriptionEntity, {}, READ_ONLY);
      const seen = await em.find(ObservationEntity, {}, READ_ONLY);
      const keys = new Set(described.map(keyOf));
      const underWay = await listSteps(em);
      return {
        revision,
        underWay,
        mappings,
        mapped: descriptionsOf(overlay(described, seen)),
        further: descriptionsOf(seen.filter((row) => !keys.has(keyOf(row)))),
      };
    });
  }

  async marks(): Promise<MetadataMarks> {
    const rows = await this.units.read((em) => em.find(MetadataMarkEntity, {}, READ_ONLY));
    return { dynamics: markOf(rows, 'dynamics'), campaign: markOf(rows, 'campaign') };
  }

  save(look: MetadataLook): Promise<boolean> {
    return this.units.write(async (em) => {
      if (catalogPart(await readRevision(em)) !== catalogPart(look.revision)) return false;
      const kind = look.system === 'dynamics' ? 'table' : 'schema';
      if (look.startsAnew) await forgetFurther(em, kind);
      const rows = observationsOf(look);
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
        await em.upsertMany(ObservationEntity, rows.slice(at, at + ROWS_AT_ONCE));
      await keepMark(em, look.system, look.mark);
      return true;
    });
  }
}

/** Rows are read once and never changed, so that nothing need watch over them. */
const READ_ONLY = { disableIdentityMap: true } as const;

/** What is of the mapped ones stays: it is looked at again. */
async function forgetFurther(em: SqlEntityManager, kind: Row['kind']): Promise<void> {
  const mapped = await em.find(DescriptionEntity, { kind }, { ...READ_ONLY, fields: ['name'] });
  await em.nativeDelete(ObservationEntity, { kind, name: { $nin: mapped.map(({ name }) => name) } });
}

type Row = Pick<DescriptionRow, 'kind' | 'name'> & { readonly content?: Table | CampaignSchema | null };

/** The descriptions, each as it was last seen. */
function overlay(described: readonly DescriptionRow[], seen: readonly ObservationRow[]): readonly Row[] {
  const newer = new Map(seen.map((row) => [keyOf(row), row]));
  return described.map((row) => newer.get(keyOf(row)) ?? row);
}

function keyOf({ kind, name }: Row): string {
  return `${kind} ${name}`;
}

/** What stands under a kind was written from that kind's descriptions, hence the casts. What is gone has none. */
function descriptionsOf(rows: readonly Row[]): Descriptions {
  const present = rows.filter(({ content }) => content != null).sort(byName);
  return {
    tables: present.filter(({ kind }) => kind === 'table').map(({ content }) => content as Table),
    schemas: present.filter(({ kind }) => kind === 'schema').map(({ content }) => content as CampaignSchema),
  };
}

function observationsOf({ system, described, gone }: MetadataLook): ObservationRow[] {
  const { tables, schemas } = described;
  return [
    ...tables.map((content) => observation('table', content.logicalName, content)),
    ...schemas.map((content) => observation('schema', content.name, content)),
    ...gone.map((name) => observation(system === 'dynamics' ? 'table' : 'schema', name, null)),
  ];
}

function observation(kind: Row['kind'], name: string, content: Table | CampaignSchema | null): ObservationRow {
  return { kind, name, content, digest: createHash('md5').update(JSON.stringify(content)).digest('hex') };
}

async function keepMark(em: SqlEntityManager, system: System, mark: MetadataMark | null): Promise<void> {
  if (mark === null) await em.nativeDelete(MetadataMarkEntity, { system });
  else await em.upsert(MetadataMarkEntity, { system, ...mark });
}

function markOf(rows: readonly MetadataMarkRow[], wanted: System): MetadataMark | null {
  const row = rows.find(({ system }) => system === wanted);
  return row ? { account: row.account ?? null, server: row.server, mark: row.mark } : null;
}
