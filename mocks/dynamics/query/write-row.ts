import { toBytes } from '../byte-text.js';
import type { RequestContext } from '../context.js';
import { unknownProperty } from '../errors.js';
import type { ExpandItem } from '../odata/ast.js';
import type { Preferences } from '../prefer.js';
import { type Cell, isReference, type Reference, type Row } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { isLookup, type Property, type Table } from '../tables.js';
import { writeExpansions } from './expand.js';
import { formattedValue } from './formatted-value.js';
import { textOfRow } from './row-texts.js';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';
const LOOKUP_TABLE = 'Microsoft.Dynamics.CRM.lookuplogicalname';
const NAVIGATION = 'Microsoft.Dynamics.CRM.associatednavigationproperty';

/** What of a row to write. `properties` is what `selectProperties` gave. */
export interface RowShape {
  readonly table: Table;
  readonly properties: readonly Property[];
  readonly expand: readonly ExpandItem[];
}

/**
 * The properties that `$select` asks for, with those that always come along: the key, the currency of a money column, the composite
 * of an address. All of them where there is no `$select`.
 *
 * @throws DynamicsError 400 naming a property that the table does not have.
 */
export function selectProperties(table: Table, select: readonly string[] | undefined): readonly Property[] {
  const known = SELECTED.get(table) ?? new Map<string, readonly Property[]>();
  SELECTED.set(table, known);
  const key = select === undefined ? '*' : select.join(',');
  const properties = known.get(key) ?? findProperties(table, select);
  if (known.size >= MAX_SELECTED) known.clear();
  known.set(key, properties);
  return properties;
}

/** The selections of each table, by their names: a selection that is asked for again has the same list of properties. */
const SELECTED = new WeakMap<Table, Map<string, readonly Property[]>>();
const MAX_SELECTED = 200;

function findProperties(table: Table, select: readonly string[] | undefined): readonly Property[] {
  if (select === undefined || select.includes('*')) return [...table.properties.values()];
  const selected = new Map<string, Property>();
  const add = (name: string) => {
    const property = table.properties.get(name);
    if (property !== undefined) selected.set(name, property);
    return property;
  };
  for (const name of select) if (add(name) === undefined) throw unknownProperty(name, table.name);
  for (const name of select) for (const companion of companionsOf(table, name)) add(companion);
  add(table.definition.primaryId);
  if (table.name === 'systemuser' || table.name === 'team') add('ownerid');
  return [...selected.values()];
}

function companionsOf(table: Table, name: string): string[] {
  if (table.columns.get(name)?.type === 'Money') return ['_transactioncurrencyid_value'];
  const address = /^(address\d)_/.exec(name)?.[1];
  return address === undefined ? [] : [`${address}_composite`];
}

export function etagOf(row: Row): string {
  return `W/"${String(row.versionnumber)}"`;
}

/**
 * A row as JSON in byte text. Without annotations, the text of its own properties is remembered.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/select-columns
 */
export function writeRow(context: RequestContext, shape: RowShape, row: Row): string {
  const { properties } = shape;
  if (context.prefer.wantsAnnotations) return writeRowOnce(context, shape, row);
  const own = textOfRow(properties, row, () => toBytes(writeProperties(properties, row)));
  return `${own}${expansionsOf(context, shape, row)}}`;
}

/** The same text for a row of a long page, which nothing remembers. */
export function writeRowOnce(context: RequestContext, shape: RowShape, row: Row): string {
  const own = context.prefer.wantsAnnotations
    ? writeAnnotated(context, shape, row)
    : writeProperties(shape.properties, row);
  return `${toBytes(own)}${expansionsOf(context, shape, row)}}`;
}

function expansionsOf(context: RequestContext, { table, expand }: RowShape, row: Row): string {
  return expand.length === 0 ? '' : writeExpansions(context, { table, row, items: expand });
}

/**
 * Rows are wide and pages long, so the text is joined from its pieces once: text that grows piece by piece leaves several times its
 * size behind.
 */
function writeProperties(properties: readonly Property[], row: Row): string {
  const pieces = [`{"@odata.etag":"W/\\"${String(row.versionnumber)}\\""`];
  for (const { column, heads } of columnsOf(properties)) pieces.push(heads.value, writeValue(row[column.name]));
  return pieces.join('');
}

function writeAnnotated(context: RequestContext, { table, properties }: RowShape, row: Row): string {
  const wanted = wantedOf(context.prefer);
  const pieces = [`{"@odata.etag":"W/\\"${String(row.versionnumber)}\\""`];
  for (const { column, heads } of columnsOf(properties)) {
    const cell = row[column.name];
    if (cell !== undefined) {
      const formatted = wanted.formatted ? formattedValue(context, row, column) : undefined;
      if (formatted !== undefined) pieces.push(heads.formatted, JSON.stringify(formatted));
      if (isReference(cell) && isLookup(column)) {
        const navigation = wanted.navigation ? navigationOf(table, column.name, cell) : undefined;
        if (navigation !== undefined) pieces.push(heads.navigation, JSON.stringify(navigation));
        if (wanted.lookupTable) pieces.push(heads.lookupTable, JSON.stringify(cell.table));
      }
    }
    pieces.push(heads.value, writeValue(cell));
  }
  return pieces.join('');
}

/** A property as it is written: its column, and what stands before its value and before each of its annotations. */
interface WrittenColumn {
  readonly column: ColumnDefinition;
  readonly heads: Readonly<Record<'value' | keyof Wanted, string>>;
}

/** Made once for all rows of a selection. */
const COLUMNS = new WeakMap<readonly Property[], readonly WrittenColumn[]>();

function columnsOf(properties: readonly Property[]): readonly WrittenColumn[] {
  const known = COLUMNS.get(properties);
  if (known !== undefined) return known;
  const made = properties.map(({ name, column }) => ({
    column,
    // Names of columns hold letters, digits and underscores only.
    heads: {
      value: `,"${name}":`,
      formatted: `,"${name}@${FORMATTED}":`,
      navigation: `,"${name}@${NAVIGATION}":`,
      lookupTable: `,"${name}@${LOOKUP_TABLE}":`,
    },
  }));
  COLUMNS.set(properties, made);
  return made;
}

/** Which annotations of values a client asks for. */
interface Wanted {
  readonly formatted: boolean;
  readonly navigation: boolean;
  readonly lookupTable: boolean;
}

/** Found out once for a request. */
const WANTED = new WeakMap<Preferences, Wanted>();

function wantedOf(prefer: Preferences): Wanted {
  const known = WANTED.get(prefer);
  if (known !== undefined) return known;
  const made = {
    formatted: prefer.includesAnnotation(FORMATTED),
    navigation: prefer.includesAnnotation(NAVIGATION),
    lookupTable: prefer.includesAnnotation(LOOKUP_TABLE),
  };
  WANTED.set(prefer, made);
  return made;
}

function writeValue(cell: Cell | undefined): string {
  if (cell === undefined) return 'null';
  if (typeof cell === 'string') return JSON.stringify(cell);
  return isReference(cell) ? `"${cell.id}"` : String(cell);
}

/** The value of a property as JSON has it; null where the row holds none. */
export function plainValue(row: Row, { column }: Property): string | number | boolean | null {
  const cell = row[column.name];
  if (cell === undefined) return null;
  return isReference(cell) ? cell.id : cell;
}

/** The columns that the server fills with a user come without the name of their navigation property. */
const WITHOUT_NAVIGATION = new Set([
  'createdby',
  'modifiedby',
  'createdonbehalfby',
  'modifiedonbehalfby',
  'owninguser',
]);

function navigationOf(table: Table, column: string, { table: target }: Reference): string | undefined {
  if (WITHOUT_NAVIGATION.has(column)) return undefined;
  return table.columns.get(column)?.targets?.find((it) => it.table === target)?.navigation;
}
