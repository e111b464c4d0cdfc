import type { Catalog, Named } from '../model/catalog.js';
import type { Observed } from '../storage/storage.js';

/** What the graph shows beside the mapped tables and schemas. */
export interface Wanted {
  /** Logical names of Dynamics tables. */
  readonly tables: Named;
  /** Names of Campaign schemas. */
  readonly schemas: Named;
}

/** What is served of what is known: another process on the same database may have asked for more. */
export function servedCatalog({ mappings, mapped, further }: Observed, wanted: Wanted): Catalog {
  return {
    mappings,
    tables: [...mapped.tables, ...further.tables.filter((table) => isNamed(wanted.tables, table.logicalName))],
    schemas: [...mapped.schemas, ...further.schemas.filter((schema) => isNamed(wanted.schemas, schema.name))],
  };
}

export function isNamed(names: Named, name: string): boolean {
  return names === '*' || names.includes(name);
}
