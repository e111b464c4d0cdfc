import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type {
  ColumnDefinition,
  ManyToManyDefinition,
  OptionDefinition,
  OwnershipType,
  TableDefinition,
  TablesFile,
  TargetDefinition,
} from '../mocks/dynamics/table-definitions.js';

/*
 * Writes the mock's built-in tables: `node dist/scripts/make-dynamics-fixtures.js INPUT.json [--output FILE] [--corrections FILE]`.
 *
 * INPUT holds tables, columns and options as Microsoft's Common Data Model has them (https://github.com/microsoft/CDM, CC BY 4.0).
 * `fixtures/corrections.json` adds what that model lacks, from the table reference of Dynamics 365, and wins where the two differ:
 * https://learn.microsoft.com/power-apps/developer/data-platform/reference/about-entity-reference
 */

interface InputColumn extends Omit<ColumnDefinition, 'name' | 'targets'> {
  readonly logicalName: string;
  readonly primary?: boolean;
  readonly targets?: readonly string[];
}

interface InputTable {
  readonly logicalName: string;
  readonly label: string;
  readonly attributes: readonly InputColumn[];
}

type AddedColumn = Omit<ColumnDefinition, 'targets'> & { readonly targets?: readonly string[] };
type ByTable<T> = Readonly<Record<string, T>>;

interface Corrections {
  readonly setNames: ByTable<string>;
  readonly labels: ByTable<string>;
  readonly pluralLabels: ByTable<string>;
  readonly primaryNames: ByTable<string | null>;
  readonly objectTypeCodes: ByTable<number>;
  readonly ownership: ByTable<OwnershipType>;
  readonly intersects: readonly string[];
  readonly activities: readonly string[];
  readonly withoutChangeTracking: readonly string[];
  /** `table.column` of columns that hold a date without a time, and of those that only show none. */
  readonly dateOnly: readonly string[];
  readonly dateOnlyFormat: readonly string[];
  /** By table, or `*` for all. */
  readonly readOnly: ByTable<readonly string[]>;
  readonly writable: ByTable<readonly string[]>;
  readonly createOnly: ByTable<readonly string[]>;
  readonly booleans: ByTable<ByTable<Partial<ColumnDefinition>>>;
  readonly defaults: ByTable<ByTable<string | number | boolean>>;
  /** The status a state begins with; the mock takes the first status of a state that has none here. */
  readonly stateDefaults: ByTable<Readonly<Record<string, number>>>;
  readonly columns: ByTable<readonly AddedColumn[]>;
  readonly activityColumns: readonly AddedColumn[];
  readonly tables: readonly InputTable[];
  readonly globalOptionSets: TablesFile['globalOptionSets'];
  /** `table.column` -> target table -> name of the collection on the target. */
  readonly relationships: ByTable<ByTable<string>>;
  readonly onDelete: ByTable<TargetDefinition['onDelete']>;
  readonly restrict: readonly string[];
  readonly hierarchical: readonly string[];
  readonly manyToMany: readonly ManyToManyDefinition[];
}

const FIXTURES = 'mocks/dynamics/fixtures';
const MONEY_LIMIT = 922_337_203_685_477;

main();

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      output: { type: 'string', default: `${FIXTURES}/tables.json` },
      corrections: { type: 'string', default: `${FIXTURES}/corrections.json` },
    },
  });
  const input = positionals[0];
  if (input === undefined) {
    process.stderr.write(
      'Expected the path of the table metadata: make-dynamics-fixtures INPUT.json [--output FILE]\n',
    );
    process.exitCode = 2;
    return;
  }
  // Both files are this project's own input, in the forms described above.
  const tables = JSON.parse(readFileSync(input, 'utf8')) as readonly InputTable[];
  const corrections = JSON.parse(readFileSync(values.corrections, 'utf8')) as Corrections;
  const file = buildTablesFile(tables, corrections);
  writeFileSync(values.output, formatTablesFile(file));
  process.stdout.write(`${values.output}: ${file.tables.length} tables\n`);
}

function buildTablesFile(input: readonly InputTable[], corrections: Corrections): TablesFile {
  const tables = [...input, ...corrections.tables];
  const known = new Set(tables.map((table) => table.logicalName));
  const codes = objectTypeCodes(tables, corrections);
  return {
    globalOptionSets: corrections.globalOptionSets ?? [],
    manyToMany: corrections.manyToMany,
    tables: tables.map((table) => buildTable(table, { corrections, known, code: codes.get(table.logicalName) ?? 0 })),
  };
}

/** Codes that no document gives are numbered from 10,000, where an organization numbers its own tables. */
function objectTypeCodes(tables: readonly InputTable[], corrections: Corrections): Map<string, number> {
  let next = 10_000;
  return new Map(tables.map(({ logicalName }) => [logicalName, corrections.objectTypeCodes[logicalName] ?? next++]));
}

interface TableContext {
  readonly corrections: Corrections;
  readonly known: ReadonlySet<string>;
  readonly code: number;
}

function buildTable(input: InputTable, context: TableContext): TableDefinition {
  const { corrections, code } = context;
  const name = input.logicalName;
  const isActivity = corrections.activities.includes(name);
  const isIntersect = corrections.intersects.includes(name);
  const columns = buildColumns(input, context);
  const primaryId = isActivity
    ? 'activityid'
    : (input.attributes.find((column) => column.primary)?.logicalName ?? `${name}id`);
  const label = corrections.labels[name] ?? input.label;
  return {
    logicalName: name,
    setName: corrections.setNames[name] ?? plural(name),
    label,
    pluralLabel: corrections.pluralLabels[name] ?? plural(label),
    primaryId,
    primaryName: primaryName(name, columns, { isIntersect, corrections }),
    objectTypeCode: code,
    ownership: corrections.ownership[name] ?? ownership(columns, isIntersect),
    ...(isIntersect ? { isIntersect } : {}),
    ...(isActivity ? { isActivity } : {}),
    ...(name.includes('_') ? { isCustom: true } : {}),
    ...(isIntersect || corrections.withoutChangeTracking.includes(name) ? { changeTracking: false } : {}),
    columns,
  };
}

/** English plurals as the platform makes them: https://learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-service-documents */
function plural(word: string): string {
  if (/[^aeiou]y$/i.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/i.test(word) ? `${word}es` : `${word}s`;
}

function primaryName(
  table: string,
  columns: readonly ColumnDefinition[],
  { isIntersect, corrections }: { isIntersect: boolean; corrections: Corrections },
): string | null {
  const names = new Set(columns.map((column) => column.name));
  const corrected = corrections.primaryNames[table];
  if (corrected === null || isIntersect) return null;
  const candidates = [
    corrected,
    corrections.activities.includes(table) ? 'subject' : undefined,
    'fullname',
    'name',
    'title',
    'subject',
  ];
  const prefixed = columns.find((column) => /^\w+_name$/.test(column.name) && column.required !== undefined)?.name;
  return [...candidates, prefixed].find((name) => name !== undefined && names.has(name)) ?? null;
}

function ownership(columns: readonly ColumnDefinition[], isIntersect: boolean): OwnershipType {
  if (isIntersect) return 'None';
  return columns.some((column) => column.type === 'Owner') ? 'UserOwned' : 'OrganizationOwned';
}

function buildColumns(input: InputTable, context: TableContext): ColumnDefinition[] {
  const { corrections } = context;
  const table = input.logicalName;
  const isActivity = corrections.activities.includes(table);
  const columns = new Map<string, AddedColumn>();
  for (const { logicalName, primary, ...rest } of input.attributes) {
    const name = isActivity && primary === true ? 'activityid' : logicalName;
    columns.set(name, { name, ...rest });
  }
  for (const column of isActivity ? corrections.activityColumns : [])
    if (!columns.has(column.name)) columns.set(column.name, column);
  for (const column of corrections.columns[table] ?? [])
    columns.set(column.name, { ...columns.get(column.name), ...column });
  return [...columns.values()].flatMap((column) => buildColumn(table, column, context));
}

function buildColumn(table: string, column: AddedColumn, context: TableContext): ColumnDefinition[] {
  const { corrections, known } = context;
  // The platform names the targets of a customer lookup in this order: account, contact.
  const named = column.type === 'Customer' ? [...(column.targets ?? [])].sort() : (column.targets ?? []);
  const targets = named.filter((target) => known.has(target));
  // A lookup whose every target is absent cannot be followed or described, so the column is left out.
  if (isLookup(column.type) && targets.length === 0) return [];
  const global = (corrections.globalOptionSets ?? []).find(
    (set) => set.name === column.name && column.type === 'Picklist',
  );
  const { targets: _, options, ...plain } = column;
  const built: ColumnDefinition = {
    ...plain,
    ...typeCorrections(table, column, corrections),
    ...(corrections.booleans['*']?.[column.name] ?? {}),
    ...(corrections.booleans[table]?.[column.name] ?? {}),
    ...defaultOf(table, column.name, corrections),
    ...access(table, column, corrections),
    ...(global !== undefined ? { optionSet: global.name } : optionsOf(table, column, options, corrections)),
  };
  if (corrections.intersects.includes(table) && table !== 'listmember' && isLookup(column.type)) {
    return [{ ...built, type: 'Uniqueidentifier' }];
  }
  if (targets.length === 0) return [built];
  return [
    {
      ...built,
      targets: targets.map((target) =>
        buildTarget(table, column, { target, polymorphic: targets.length > 1, corrections }),
      ),
    },
  ];
}

function isLookup(type: string): boolean {
  return type === 'Lookup' || type === 'Customer' || type === 'Owner';
}

function typeCorrections(table: string, column: AddedColumn, corrections: Corrections): Partial<ColumnDefinition> {
  const { name, type } = column;
  const path = `${table}.${name}`;
  if (corrections.dateOnly.includes(path)) return { type: 'DateOnly' };
  if (corrections.dateOnlyFormat.includes(path) || corrections.dateOnlyFormat.includes(`*.${name}`))
    return { format: 'dateOnly' };
  if (type === 'String' && (column.maxLength === 2000 || /^address\d_composite$/.test(name))) return { type: 'Memo' };
  if (type === 'String' && name === 'description')
    return { type: 'Memo', maxLength: Math.min(column.maxLength ?? 2000, 1_048_576) };
  if (type === 'Money')
    return { precision: 2, min: column.min ?? -MONEY_LIMIT, max: Math.min(column.max ?? MONEY_LIMIT, MONEY_LIMIT) };
  if (type === 'Decimal') return { precision: name === 'exchangerate' ? 12 : (column.precision ?? 2) };
  if (/^address\d_latitude$/.test(name)) return { min: -90, max: 90, precision: 5 };
  if (/^address\d_longitude$/.test(name)) return { min: -180, max: 180, precision: 5 };
  if (/^address\d_utcoffset$/.test(name)) return { min: -1500, max: 1500 };
  if (type === 'Double') return { precision: column.precision ?? 2 };
  return {};
}

function defaultOf(table: string, name: string, corrections: Corrections): Partial<ColumnDefinition> {
  const value = corrections.defaults[table]?.[name];
  return value === undefined ? {} : { default: value };
}

function access(table: string, column: AddedColumn, corrections: Corrections): Partial<ColumnDefinition> {
  const { name } = column;
  const listed = (lists: ByTable<readonly string[]>) => [...(lists['*'] ?? []), ...(lists[table] ?? [])].includes(name);
  if (corrections.writable[table]?.includes(name)) return {};
  if (listed(corrections.readOnly) || (column.type === 'Money' && name.endsWith('_base'))) return { readOnly: true };
  return listed(corrections.createOnly) ? { createOnly: true } : {};
}

function optionsOf(
  table: string,
  column: AddedColumn,
  options: readonly OptionDefinition[] | undefined,
  corrections: Corrections,
): Partial<ColumnDefinition> {
  if (options === undefined || options.length === 0) return {};
  const defaults = corrections.stateDefaults[table];
  if (column.type !== 'State' || defaults === undefined) return { options };
  return {
    options: options.map((option) => ({ ...option, defaultStatus: defaults[option.value] ?? option.value + 1 })),
  };
}

interface TargetContext {
  readonly target: string;
  readonly polymorphic: boolean;
  readonly corrections: Corrections;
}

function buildTarget(table: string, column: AddedColumn, context: TargetContext): TargetDefinition {
  const { target, corrections } = context;
  const collection =
    corrections.relationships[`${table}.${column.name}`]?.[target] ??
    collectionName(table, column, target, corrections);
  const onDelete = corrections.onDelete[collection] ?? deleteRule(table, column, corrections);
  return {
    table: target,
    navigation: navigationName(table, column, context),
    collection,
    ...(onDelete === undefined ? {} : { onDelete }),
    ...(corrections.hierarchical.includes(collection) ? { isHierarchical: true } : {}),
  };
}

function navigationName(
  table: string,
  column: AddedColumn,
  { target, polymorphic, corrections }: TargetContext,
): string {
  if (column.type === 'Owner') return 'ownerid';
  if (column.name === 'regardingobjectid' && corrections.activities.includes(table))
    return `regardingobjectid_${target}_${table}`;
  return polymorphic ? `${column.name}_${target}` : column.name;
}

/** The names the platform gives the relationships that every table has; for the rest `target_table_column`. */
function collectionName(table: string, column: AddedColumn, target: string, corrections: Corrections): string {
  const set = corrections.setNames[table] ?? plural(table);
  switch (column.name) {
    case 'ownerid':
      return `owner_${table}s`;
    case 'owningbusinessunit':
      return `business_unit_${set}`;
    case 'owninguser':
      return `user_${table}`;
    case 'owningteam':
      return `team_${set}`;
    case 'transactioncurrencyid':
      return `transactioncurrency_${table}`;
    case 'createdby':
    case 'modifiedby':
    case 'createdonbehalfby':
    case 'modifiedonbehalfby':
      return `lk_${table}base_${column.name}`;
    case 'regardingobjectid':
      return corrections.activities.includes(table)
        ? `${capital(target)}_${capital(set)}`
        : `${target}_${table}_${column.name}`;
    default:
      return `${target}_${table}_${column.name}`;
  }
}

function deleteRule(table: string, column: AddedColumn, corrections: Corrections): TargetDefinition['onDelete'] {
  if (corrections.restrict.includes(column.name)) return 'Restrict';
  if (column.name === 'regardingobjectid' && corrections.activities.includes(table)) return 'Cascade';
  if (
    ['createdby', 'modifiedby', 'createdonbehalfby', 'modifiedonbehalfby', 'ownerid', 'owninguser'].includes(
      column.name,
    )
  )
    return 'NoCascade';
  return undefined;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** One table a line, so that a change to one shows as one line. */
function formatTablesFile(file: TablesFile): string {
  const lines = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).join(',\n');
  return `{"globalOptionSets":[\n${lines(file.globalOptionSets ?? [])}\n],\n"manyToMany":[\n${lines(file.manyToMany ?? [])}\n],\n"tables":[\n${lines(file.tables)}\n]}\n`;
}
