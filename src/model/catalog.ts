import type { CampaignSchema } from './campaign-schema.js';
import type { TableMapping } from './mapping.js';
import type { Table } from './table.js';

/**
 * What the served graph is made of: the table mappings, and the descriptions of every table and schema that appears in it.
 * Descriptions go beyond the mapped ones by the tables and schemas that their lookups and links lead to.
 */
export interface Catalog {
  readonly tables: readonly Table[];
  readonly schemas: readonly CampaignSchema[];
  readonly mappings: readonly TableMapping[];
}

/** Names of tables or schemas, or every one there is. */
export type Named = readonly string[] | '*';

export const EMPTY_CATALOG: Catalog = { tables: [], schemas: [], mappings: [] };
