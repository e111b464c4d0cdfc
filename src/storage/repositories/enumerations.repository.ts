import type { EnumerationMapping } from '../../model/mapping.js';
import { EnumerationMappingEntity, type EnumerationMappingRow } from '../entities/enumeration-mapping.entity.js';
import type { EnumerationRepository } from '../storage.js';
import type { UnitsOfWork } from '../units-of-work.js';
import { compareText } from './by-name.js';

export class DatabaseEnumerations implements EnumerationRepository {
  constructor(private readonly units: UnitsOfWork) {}

  async list(table?: string): Promise<readonly EnumerationMapping[]> {
    const where = table === undefined ? {} : { table };
    const rows = await this.units.read((em) => em.find(EnumerationMappingEntity, where));
    return rows.map(toMapping).sort((a, b) => compareText(a.table, b.table) || compareText(a.column, b.column));
  }

  async save(mappings: readonly EnumerationMapping[]): Promise<void> {
    const rows = mappings.map(toMapping);
    if (rows.length > 0) await this.units.write((em) => em.upsertMany(EnumerationMappingEntity, rows));
  }

  async deleteOfTables(account: string, tables: readonly string[]): Promise<void> {
    const where = { account, table: { $in: [...tables] } };
    if (tables.length > 0) await this.units.write((em) => em.nativeDelete(EnumerationMappingEntity, where));
  }
}

function toMapping(row: EnumerationMapping | EnumerationMappingRow): EnumerationMapping {
  const { account, table, column, list, mode } = row;
  return { account, table, column, list, mode };
}
