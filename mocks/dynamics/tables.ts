import { BeforeChange } from './before-change.js';
import type {
  ColumnDefinition,
  GlobalOptionSetDefinition,
  ManyToManyDefinition,
  OptionDefinition,
  TableDefinition,
  TablesFile,
} from './table-definitions.js';

/** A column as OData shows it: a lookup `x` is the property `_x_value`, every other column its own name. */
export interface Property {
  readonly name: string;
  readonly column: ColumnDefinition;
}

/** How one row leads to others. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-navigation-properties */
export type Navigation = LookupNavigation | OneToManyNavigation | ManyToManyNavigation;

/** `targets` has one table, or several for `ownerid`, whose type is the abstract `principal`. */
export interface LookupNavigation {
  readonly kind: 'lookup';
  readonly name: string;
  readonly column: ColumnDefinition;
  readonly targets: readonly string[];
  /** Collection navigation property on the other side. */
  readonly partner: string;
}

/** Rows of `table` whose lookup `column` holds this row. */
export interface OneToManyNavigation {
  readonly kind: 'one-to-many';
  readonly name: string;
  readonly table: string;
  readonly column: string;
  /** Single-valued navigation property on the other side. */
  readonly partner: string;
}

export interface ManyToManyNavigation {
  readonly kind: 'many-to-many';
  readonly name: string;
  /** The table at the other end. */
  readonly table: string;
  readonly intersect: string;
  readonly ownAttribute: string;
  readonly otherAttribute: string;
}

/** A table with what a request needs to find by name. */
export interface Table {
  readonly name: string;
  readonly definition: TableDefinition;
  readonly columns: ReadonlyMap<string, ColumnDefinition>;
  /** By OData name, in the order of the definition. */
  readonly properties: ReadonlyMap<string, Property>;
  readonly navigation: ReadonlyMap<string, Navigation>;
}

export interface OneToManyRelationship {
  readonly kind: 'one-to-many';
  readonly name: string;
  readonly referencedEntity: string;
  readonly referencedAttribute: string;
  readonly referencedNavigation: string;
  readonly referencingEntity: string;
  readonly referencingAttribute: string;
  readonly referencingNavigation: string;
  readonly onDelete: 'Cascade' | 'RemoveLink' | 'Restrict' | 'NoCascade';
  readonly isHierarchical: boolean;
}

/** What a change of the metadata touched, by its `MetadataId`. */
export interface Touched {
  readonly kind: 'Entity' | 'Attribute' | 'Relationship' | 'OptionSet' | 'Key';
  readonly id: string;
  /** Logical name of the table that it belongs to; null for what belongs to none. */
  readonly table: string | null;
  readonly isDeleted: boolean;
}

/** A change of the metadata: `version` is that of the tables after it. */
export interface MetadataChange extends Touched {
  readonly version: number;
}

/**
 * The tables of an organization, their relationships and the option sets they share. They may be redefined while the organization
 * lives: hold a `Table` no longer than a request.
 */
export interface Tables {
  /** Settled before the definitions change, and by the store of rows before those do. */
  readonly beforeChange: BeforeChange;
  /** Rises with every change of the definitions. */
  readonly version: number;
  /** The version that `changes` begin after. */
  readonly firstVersion: number;
  /** All changes since the start, oldest first. */
  readonly changes: readonly MetadataChange[];
  /** The definitions as they are now; null where nothing was ever changed. */
  readonly changedFile: TablesFile | null;
  /** Puts other definitions in force. */
  redefine(change: (file: TablesFile) => TablesFile, touched: readonly Touched[]): void;
  /** Puts definitions that were saved in force, as if the organization had begun with them. */
  restore(file: TablesFile): void;
  /** Takes all changes back. */
  returnToStart(): void;
  readonly all: readonly Table[];
  readonly bySetName: ReadonlyMap<string, Table>;
  readonly relationships: readonly OneToManyRelationship[];
  readonly manyToMany: readonly ManyToManyDefinition[];
  readonly globalOptionSets: ReadonlyMap<string, GlobalOptionSetDefinition>;
  find(logicalName: string): Table | undefined;
  /** @throws Error where there is no such table, which would be a fault of the definitions. */
  get(logicalName: string): Table;
}

/** The version that the metadata of every organization begins with. */
const FIRST_METADATA_VERSION = 74_343_461;

/** Builds the tables of an organization; lookups whose target is not among them lose that target. */
export function buildTables(original: TablesFile): Tables {
  let start = original;
  let file = start;
  let built = assemble(start);
  let changes: MetadataChange[] = [];
  let version = FIRST_METADATA_VERSION;
  let firstVersion = version;
  const beforeChange = new BeforeChange();
  const begin = () => {
    beforeChange.settle();
    file = start;
    built = assemble(start);
    // Never back: who asked before must see that something changed.
    version += 1;
    firstVersion = version;
    changes = [];
  };
  return {
    beforeChange,
    get firstVersion() {
      return firstVersion;
    },
    get version() {
      return version;
    },
    get changes() {
      return changes;
    },
    get changedFile() {
      return file === original ? null : file;
    },
    get all() {
      return built.all;
    },
    get bySetName() {
      return built.bySetName;
    },
    get relationships() {
      return built.relationships;
    },
    get manyToMany() {
      return built.manyToMany;
    },
    get globalOptionSets() {
      return built.globalOptionSets;
    },
    find: (logicalName) => built.byName.get(logicalName),
    get: (logicalName) => {
      const table = built.byName.get(logicalName);
      if (table === undefined) throw new Error(`Expected the table definitions to hold "${logicalName}".`);
      return table;
    },
    redefine: (change, touched) => {
      beforeChange.settle();
      file = change(file);
      built = assemble(file);
      version += 1;
      changes.push(...touched.map((it) => ({ ...it, version })));
    },
    restore: (saved) => {
      start = saved;
      begin();
    },
    returnToStart: () => {
      if (file !== start) begin();
    },
  };
}

interface Assembled extends Pick<Tables, 'all' | 'bySetName' | 'relationships' | 'manyToMany' | 'globalOptionSets'> {
  readonly byName: ReadonlyMap<string, Table>;
}

function assemble(file: TablesFile): Assembled {
  const names = new Set(file.tables.map((table) => table.logicalName));
  const definitions = file.tables.map((definition) => withKnownTargets(definition, names));
  const primaryIds = new Map(file.tables.map((table) => [table.logicalName, table.primaryId]));
  const relationships = definitions.flatMap((definition) => relationshipsOf(definition, primaryIds));
  const byReferenced = Map.groupBy(relationships, (it) => it.referencedEntity);
  const manyToMany = (file.manyToMany ?? []).filter(
    (it) => names.has(it.entity1) && names.has(it.entity2) && names.has(it.intersect),
  );
  const all = definitions.map((definition) =>
    buildTable(definition, referencing(byReferenced, definition), manyToMany),
  );
  return {
    all,
    byName: new Map(all.map((table) => [table.name, table])),
    bySetName: new Map(all.map((table) => [table.definition.setName, table])),
    relationships,
    manyToMany,
    globalOptionSets: new Map((file.globalOptionSets ?? []).map((set) => [set.name, set])),
  };
}

/** The relationships that lead to a table. Users and teams inherit those of `owner`. */
function referencing(
  byReferenced: ReadonlyMap<string, readonly OneToManyRelationship[]>,
  { logicalName }: TableDefinition,
): readonly OneToManyRelationship[] {
  const own = byReferenced.get(logicalName) ?? [];
  const isPrincipal = logicalName === 'systemuser' || logicalName === 'team';
  return isPrincipal ? [...own, ...(byReferenced.get('owner') ?? [])] : own;
}

function withKnownTargets(definition: TableDefinition, names: ReadonlySet<string>): TableDefinition {
  const columns = definition.columns.map((column) =>
    column.targets === undefined || column.targets.every((it) => names.has(it.table))
      ? column
      : { ...column, targets: column.targets.filter((it) => names.has(it.table)) },
  );
  return { ...definition, columns: columns.filter((column) => !isLookup(column) || (column.targets ?? []).length > 0) };
}

/** Owner lookups point at `owner`, the table that users and teams share: one relationship, not one per target. */
function relationshipsOf(
  definition: TableDefinition,
  primaryIds: ReadonlyMap<string, string>,
): OneToManyRelationship[] {
  return definition.columns.flatMap((column) => {
    const targets = column.type === 'Owner' ? (column.targets ?? []).slice(0, 1) : (column.targets ?? []);
    return targets.map((target) => ({
      kind: 'one-to-many' as const,
      name: target.collection,
      referencedEntity: column.type === 'Owner' ? 'owner' : target.table,
      referencedAttribute: column.type === 'Owner' ? 'ownerid' : (primaryIds.get(target.table) ?? `${target.table}id`),
      referencedNavigation: target.collection,
      referencingEntity: definition.logicalName,
      referencingAttribute: column.name,
      referencingNavigation: target.navigation,
      onDelete: target.onDelete ?? 'RemoveLink',
      isHierarchical: target.isHierarchical ?? false,
    }));
  });
}

function buildTable(
  definition: TableDefinition,
  relationships: readonly OneToManyRelationship[],
  manyToMany: readonly ManyToManyDefinition[],
): Table {
  const navigation: Navigation[] = [
    ...definition.columns.flatMap(lookupNavigation),
    ...relationships.map(oneToManyNavigation),
    ...manyToMany.flatMap((relationship) => manyToManyNavigation(definition.logicalName, relationship)),
  ];
  const properties = definition.columns.filter(isODataColumn).map((column) => ({ name: propertyName(column), column }));
  return {
    name: definition.logicalName,
    definition,
    columns: new Map(definition.columns.map((column) => [column.name, column])),
    properties: new Map(properties.map((property) => [property.name, property])),
    navigation: new Map(navigation.map((it) => [it.name, it])),
  };
}

function lookupNavigation(column: ColumnDefinition): LookupNavigation[] {
  const targets = column.targets ?? [];
  const first = targets[0];
  if (first === undefined || !isLookup(column)) return [];
  if (column.type === 'Owner') {
    return [
      {
        kind: 'lookup',
        name: first.navigation,
        column,
        targets: targets.map((it) => it.table),
        partner: first.collection,
      },
    ];
  }
  return targets.map((target) => ({
    kind: 'lookup',
    name: target.navigation,
    column,
    targets: [target.table],
    partner: target.collection,
  }));
}

function oneToManyNavigation(relationship: OneToManyRelationship): OneToManyNavigation {
  return {
    kind: 'one-to-many',
    name: relationship.referencedNavigation,
    table: relationship.referencingEntity,
    column: relationship.referencingAttribute,
    partner: relationship.referencingNavigation,
  };
}

function manyToManyNavigation(table: string, it: ManyToManyDefinition): ManyToManyNavigation[] {
  const common = { kind: 'many-to-many' as const, intersect: it.intersect };
  const first: ManyToManyNavigation = {
    ...common,
    name: it.entity1Navigation ?? it.name,
    table: it.entity2,
    ownAttribute: it.entity1Attribute,
    otherAttribute: it.entity2Attribute,
  };
  const second: ManyToManyNavigation = {
    ...common,
    name: it.entity2Navigation ?? it.name,
    table: it.entity1,
    ownAttribute: it.entity2Attribute,
    otherAttribute: it.entity1Attribute,
  };
  return [...(it.entity1 === table ? [first] : []), ...(it.entity2 === table ? [second] : [])];
}

/** The abstract type that users and teams share. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-entitytypes */
const PRINCIPAL = buildTable(
  {
    logicalName: 'principal',
    setName: 'principals',
    label: 'Principal',
    primaryId: 'ownerid',
    primaryName: null,
    objectTypeCode: 0,
    ownership: 'None',
    columns: [{ name: 'ownerid', type: 'Uniqueidentifier' }],
  },
  [],
  [],
);

/** The type that a navigation property leads to: what a query may name below it. */
export function targetType(tables: Tables, navigation: Navigation): Table {
  if (navigation.kind !== 'lookup') return tables.get(navigation.table);
  const [first = '', ...others] = navigation.targets;
  return others.length === 0 ? tables.get(first) : PRINCIPAL;
}

export function isLookup(column: ColumnDefinition): boolean {
  return column.type === 'Lookup' || column.type === 'Customer' || column.type === 'Owner';
}

/** Party lists and virtual columns are described in the metadata but are no properties. */
function isODataColumn(column: ColumnDefinition): boolean {
  return column.type !== 'PartyList' && column.type !== 'Virtual';
}

export function propertyName(column: ColumnDefinition): string {
  return isLookup(column) ? `_${column.name}_value` : column.name;
}

/** The options of a column, of its own or of the global set it uses; none for a column of another type. */
export function optionsOf(tables: Tables, column: ColumnDefinition): readonly OptionDefinition[] {
  if (column.optionSet !== undefined) return tables.globalOptionSets.get(column.optionSet)?.options ?? [];
  if (column.options !== undefined) return column.options;
  return column.type === 'Boolean' ? DEFAULT_BOOLEAN_OPTIONS : [];
}

const DEFAULT_BOOLEAN_OPTIONS: readonly OptionDefinition[] = [
  { value: 1, label: 'Yes' },
  { value: 0, label: 'No' },
];

/** The status that a state begins with: the one its option names, else the first that belongs to it. */
export function defaultStatus(table: Table, state: number): number | undefined {
  const named = table.columns.get('statecode')?.options?.find((option) => option.value === state)?.defaultStatus;
  return named ?? table.columns.get('statuscode')?.options?.find((option) => option.state === state)?.value;
}
