import type { RequestContext } from '../context.js';
import { unknownProperty } from '../errors.js';
import type { ExpandItem } from '../odata/ast.js';
import { type Cell, isReference, type Reference, type Row } from '../store.js';
import { isLookup, type Property, type Table } from '../tables.js';
import { writeExpansions } from './expand.js';
import { formattedValue } from './formatted-value.js';

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
 * A row as JSON text. Rows are wide and pages long, so the text is joined from its pieces once: text that grows piece by piece leaves
 * several times its size behind.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/select-columns
 */
export function writeRow(context: RequestContext, shape: RowShape, row: Row): string {
  const annotate = context.prefer.wantsAnnotations;
  const heads = headsOf(shape.properties);
  const pieces = ['{"@odata.etag":', JSON.stringify(etagOf(row))];
  for (let at = 0; at < shape.properties.length; at += 1) {
    const property = shape.properties[at];
    if (property === undefined) continue;
    if (annotate) pieces.push(writeAnnotations(context, { shape, row, property }));
    pieces.push(heads[at] ?? '', writeValue(row[property.column.name]));
  }
  if (shape.expand.length > 0) pieces.push(writeExpansions(context, { table: shape.table, row, items: shape.expand }));
  pieces.push('}');
  return pieces.join('');
}

/** `,"name":` for each property, made once for all rows of a page. Names of columns hold letters, digits and underscores only. */
const HEADS = new WeakMap<readonly Property[], readonly string[]>();

function headsOf(properties: readonly Property[]): readonly string[] {
  const known = HEADS.get(properties);
  if (known !== undefined) return known;
  const made = properties.map(({ name }) => `,"${name}":`);
  HEADS.set(properties, made);
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

interface AnnotatedProperty {
  readonly shape: RowShape;
  readonly row: Row;
  readonly property: Property;
}

function writeAnnotations(context: RequestContext, { shape, row, property }: AnnotatedProperty): string {
  const { column, name } = property;
  const cell = row[column.name];
  if (cell === undefined) return '';
  const { prefer } = context;
  const annotation = (term: string, value: string | undefined) =>
    value === undefined || !prefer.includesAnnotation(term) ? '' : `,"${name}@${term}":${JSON.stringify(value)}`;
  const formatted = annotation(FORMATTED, formattedValue(context, row, column));
  if (!isLookup(column) || !isReference(cell)) return formatted;
  const navigation = annotation(NAVIGATION, navigationOf(shape.table, column.name, cell));
  return formatted + navigation + annotation(LOOKUP_TABLE, cell.table);
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
