/**
 * What Dynamics metadata describes, in neutral words: tables, columns, option sets, keys and relationships.
 * All of it is plain data, so that a description can be kept in the database and compared with a later one.
 */

export type ColumnType =
  | 'string'
  | 'memo'
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'double'
  | 'money'
  | 'boolean'
  | 'datetime'
  | 'date'
  | 'choice'
  | 'choices'
  | 'state'
  | 'status'
  | 'lookup'
  | 'customer'
  | 'owner'
  | 'uniqueid'
  | 'entityname'
  | 'partylist'
  | 'image'
  | 'file'
  | 'managedproperty'
  | 'virtual';

/** A row of the table list: enough to choose a table by. */
export interface TableSummary {
  readonly logicalName: string;
  readonly setName: string;
  readonly label: string;
  readonly pluralLabel: string;
  readonly changeTracking: boolean;
  readonly isCustom: boolean;
}

export interface Table extends TableSummary {
  /** The column that holds the id, as in `contactid`. */
  readonly primaryId: string;
  /** The column that a lookup shows, as in `fullname`; null for intersect tables. */
  readonly primaryName: string | null;
  readonly isIntersect: boolean;
  readonly columns: readonly Column[];
  readonly keys: readonly AlternateKey[];
  readonly relationships: readonly Relationship[];
}

export interface Column {
  readonly name: string;
  readonly label: string;
  readonly description: string | null;
  readonly type: ColumnType;
  readonly required: 'none' | 'recommended' | 'application' | 'system';
  readonly readable: boolean;
  readonly creatable: boolean;
  readonly updatable: boolean;
  /** Characters; for string and memo columns. */
  readonly maxLength: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Digits after the point; for decimal, double and money columns. */
  readonly precision: number | null;
  /** `email`, `url`, `phone`, `text` … as Dynamics names it, in lower case; null where it names none. */
  readonly format: string | null;
  readonly optionSet: OptionSet | null;
  /** Where a lookup, customer or owner column may point, one entry a target table. */
  readonly targets: readonly LookupTarget[];
}

export interface LookupTarget {
  /** Logical name of the target table. */
  readonly table: string;
  /** Navigation property that reaches it: `primarycontactid`, `parentcustomerid_account`, `ownerid`; null where the remote describes none. */
  readonly navigation: string | null;
}

export interface OptionSet {
  readonly name: string;
  readonly isGlobal: boolean;
  readonly options: readonly Option[];
  /** The language of the options' labels, as a language tag (`en-US`); absent where it is not known. */
  readonly language?: string;
  /** Labels in further languages, by language tag: one for each option, in their order, null where an option has none. */
  readonly translations?: Readonly<Record<string, readonly (string | null)[]>>;
}

/** One choice. Its label is in the language of the user that read the description. */
export interface Option {
  readonly value: number;
  readonly label: string;
  /** The state a status belongs to; null for every other option. */
  readonly state: number | null;
}

export interface AlternateKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** Only an active key can address a record. */
  readonly active: boolean;
}

export type Relationship = OneToMany | ManyToMany;

/** Records of `table` (the many side) that point at this table by their column `column`. */
export interface OneToMany {
  readonly kind: 'one-to-many';
  readonly name: string;
  readonly navigation: string;
  readonly table: string;
  readonly column: string;
}

export interface ManyToMany {
  readonly kind: 'many-to-many';
  readonly name: string;
  readonly navigation: string;
  readonly table: string;
  readonly intersectTable: string;
}

/** Finds a column by its logical name. */
export function findColumn({ columns }: Table, name: string): Column | undefined {
  const known = columnsByName.get(columns) ?? new Map(columns.toReversed().map((column) => [column.name, column]));
  columnsByName.set(columns, known);
  return known.get(name);
}

/** Descriptions are plain data that does not change, and tables have hundreds of columns. */
const columnsByName = new WeakMap<readonly Column[], ReadonlyMap<string, Column>>();
