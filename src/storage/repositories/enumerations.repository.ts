import { EnumerationMappingEntity, type EnumerationMappingRow } from '../entities/enumeration-mapping.entity.js';
import { storableText } from '../storable.js';
import type { EnumerationRepository, KeptEnumeration } from '../storage.js';
import type { UnitsOfWork } from '../units-of-work.js';
import { compareText } from './by-name.js';

export class DatabaseEnumerations implements EnumerationRepository {
  constructor(private readonly units: UnitsOfWork) {}

  async list(table?: string): Promise<readonly KeptEnumeration[]> {
    const where = table === undefined ? {} : { table: storableText(table) };
    const rows = await this.units.read((em) => em.find(EnumerationMappingEntity, where));
    return rows.map(toMapping).sort((a, b) => compareText(a.table, b.table) || compareText(a.column, b.column));
  }

  async save(mappings: readonly KeptEnumeration[]): Promise<void> {
    const rows = mappings.map(toRow);
    if (rows.length > 0) await this.units.write((em) => em.upsertMany(EnumerationMappingEntity, rows));
  }
}

function toMapping({
  account,
  table,
  column,
  list,
  mode,
  base,
  synchronizedAt,
}: EnumerationMappingRow): KeptEnumeration {
  return {
    account,
    table,
    column,
    list,
    mode,
    base: base ?? null,
    synchronizedAt: synchronizedAt?.toISOString() ?? null,
  };
}

function toRow({ account, table, column, list, mode, base, synchronizedAt }: KeptEnumeration): EnumerationMappingRow {
  const synchronized = synchronizedAt === null ? null : new Date(synchronizedAt);
  return { account, table, column, list, mode, base: base && [...base], synchronizedAt: synchronized };
}
