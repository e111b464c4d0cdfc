import { readFileSync } from 'node:fs';

/**
 * The form of `fixtures/tables.json` and of every file given as `--tables`: what an organization's tables are, as plain data.
 * `scripts/make-dynamics-fixtures.ts` writes it.
 */
export interface TablesFile {
  readonly globalOptionSets?: readonly GlobalOptionSetDefinition[];
  readonly manyToMany?: readonly ManyToManyDefinition[];
  readonly tables: readonly TableDefinition[];
}

/** Texts by language code (LCID), beside the one in US English (1033). */
export type Labels = Readonly<Record<string, string>>;

export interface GlobalOptionSetDefinition {
  readonly name: string;
  readonly label: string;
  readonly labels?: Labels;
  readonly isCustom?: boolean;
  readonly options: readonly OptionDefinition[];
}

/** `entity2Attribute` may be a polymorphic column of the intersect table, as `listmember.entityid` is. */
export interface ManyToManyDefinition {
  readonly name: string;
  readonly intersect: string;
  readonly entity1: string;
  readonly entity1Attribute: string;
  readonly entity2: string;
  readonly entity2Attribute: string;
  /** Collection navigation property on `entity1`, and on `entity2`; both default to `name`. */
  readonly entity1Navigation?: string;
  readonly entity2Navigation?: string;
}

export type OwnershipType = 'None' | 'UserOwned' | 'BusinessOwned' | 'OrganizationOwned';

export interface TableDefinition {
  readonly logicalName: string;
  /** Defaults to the logical name with a capital. */
  readonly schemaName?: string;
  readonly setName: string;
  readonly label: string;
  readonly pluralLabel?: string;
  readonly labels?: Labels;
  readonly pluralLabels?: Labels;
  readonly description?: string;
  readonly primaryId: string;
  readonly primaryName: string | null;
  readonly objectTypeCode: number;
  readonly ownership: OwnershipType;
  readonly isIntersect?: boolean;
  readonly isActivity?: boolean;
  readonly isCustom?: boolean;
  /** Whether `Prefer: odata.track-changes` is answered; default true. */
  readonly changeTracking?: boolean;
  readonly keys?: readonly KeyDefinition[];
  readonly columns: readonly ColumnDefinition[];
}

export interface KeyDefinition {
  readonly name: string;
  readonly label?: string;
  readonly columns: readonly string[];
  /** Only an `Active` key addresses rows; default `Active`. */
  readonly status?: 'Pending' | 'InProgress' | 'Active' | 'Failed';
}

export type ColumnType =
  | 'String'
  | 'Memo'
  | 'Integer'
  | 'BigInt'
  | 'Decimal'
  | 'Double'
  | 'Money'
  | 'Boolean'
  | 'DateTime'
  | 'DateOnly'
  | 'Picklist'
  | 'MultiSelectPicklist'
  | 'State'
  | 'Status'
  | 'Lookup'
  | 'Customer'
  | 'Owner'
  | 'PartyList'
  | 'Uniqueidentifier'
  | 'EntityName'
  | 'Image'
  | 'File'
  | 'Virtual';

export interface ColumnDefinition {
  readonly name: string;
  readonly schemaName?: string;
  readonly type: ColumnType;
  readonly label?: string;
  readonly labels?: Labels;
  readonly description?: string;
  readonly required?: 'SystemRequired' | 'ApplicationRequired' | 'Recommended';
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly precision?: number;
  /** `email`, `url`, `phone`, `tickerSymbol`; for a DateTime column `dateOnly` where only its display leaves out the time. */
  readonly format?: string;
  /** Filled by the server; writes are refused or ignored. */
  readonly readOnly?: boolean;
  readonly createOnly?: boolean;
  readonly isCustom?: boolean;
  /** What a new row holds where the client gives nothing. */
  readonly default?: string | number | boolean;
  readonly options?: readonly OptionDefinition[];
  /** Name of the global option set that this column uses, in place of `options`. */
  readonly optionSet?: string;
  readonly targets?: readonly TargetDefinition[];
}

export interface OptionDefinition {
  readonly value: number;
  readonly label: string;
  readonly labels?: Labels;
  readonly description?: string;
  /** The state that a status belongs to. */
  readonly state?: number;
  /** The status that a state begins with. */
  readonly defaultStatus?: number;
  readonly color?: string;
}

/** One table that a lookup may point at, and the one-to-many relationship that this makes. */
export interface TargetDefinition {
  readonly table: string;
  /** Single-valued navigation property on the table that holds the lookup. */
  readonly navigation: string;
  /** Collection-valued navigation property on the target, which is also the relationship's schema name. */
  readonly collection: string;
  /** What deleting the target does; default RemoveLink. */
  readonly onDelete?: 'Cascade' | 'RemoveLink' | 'Restrict' | 'NoCascade';
  readonly isHierarchical?: boolean;
}

/**
 * Reads table definitions.
 *
 * @throws Error naming the file where it cannot be read or is not of this form.
 */
export function readTablesFile(path: string | URL): TablesFile {
  const parsed = parseJson(path);
  if (!isTablesFile(parsed)) {
    throw new Error(
      `Expected ${String(path)} to hold {"tables": [...]} in the form of mocks/dynamics/fixtures/tables.json.`,
    );
  }
  return parsed;
}

function parseJson(path: string | URL): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`Expected ${String(path)} to be a readable JSON file with table definitions.`, { cause });
  }
}

function isTablesFile(value: unknown): value is TablesFile {
  if (typeof value !== 'object' || value === null || !('tables' in value) || !Array.isArray(value.tables)) return false;
  return value.tables.every((table) => typeof table?.logicalName === 'string' && Array.isArray(table?.columns));
}

/** The built-in tables followed by those of another file, which may replace a table or add columns to it by naming it again. */
export function mergeTables(builtIn: TablesFile, added: TablesFile): TablesFile {
  const byName = new Map(builtIn.tables.map((table) => [table.logicalName, table]));
  for (const table of added.tables) {
    const known = byName.get(table.logicalName);
    byName.set(table.logicalName, known === undefined ? table : mergeTable(known, table));
  }
  return {
    globalOptionSets: [...(builtIn.globalOptionSets ?? []), ...(added.globalOptionSets ?? [])],
    manyToMany: [...(builtIn.manyToMany ?? []), ...(added.manyToMany ?? [])],
    tables: [...byName.values()],
  };
}

function mergeTable(known: TableDefinition, added: TableDefinition): TableDefinition {
  const columns = new Map([...known.columns, ...added.columns].map((column) => [column.name, column]));
  return { ...known, ...added, keys: [...(known.keys ?? []), ...(added.keys ?? [])], columns: [...columns.values()] };
}
