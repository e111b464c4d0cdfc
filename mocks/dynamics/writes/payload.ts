import { addressRow, requireRow } from '../addressed-row.js';
import type { RequestContext } from '../context.js';
import { CODES, DynamicsError, payloadError, queryError } from '../errors.js';
import { parseResourcePath } from '../resource-path.js';
import { type Cell, isReference, type Reference } from '../store.js';
import type { Navigation, Table } from '../tables.js';
import { convertValue } from './convert-value.js';

/** A body, taken apart. */
export interface Payload {
  /** By column name; null empties the column. */
  readonly cells: Readonly<Record<string, Cell | null>>;
  /** Rows to create along with this one, by navigation property. */
  readonly children: readonly { readonly navigation: Navigation; readonly bodies: readonly JsonBody[] }[];
  /** Rows to associate with this one once it is there. */
  readonly associations: readonly { readonly navigation: Navigation; readonly references: readonly Reference[] }[];
}

export type JsonBody = Readonly<Record<string, unknown>>;

/** Parses the body of a write. @throws DynamicsError 400 where it is no JSON object. */
export function parseBody(body: Buffer, setName: string): JsonBody {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (isObject(parsed) && !isDeeper(parsed, MAX_DEPTH)) return parsed;
  } catch {
    // Told below, as for any other value that is no object.
  }
  throw payloadError(
    setName,
    'An unexpected end of input was found in JSON content, or the content is not a JSON object.',
  );
}

/** Rows are created along with rows; beyond this depth a body is no longer read. */
const MAX_DEPTH = 100;

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

export function isObject(value: unknown): value is JsonBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const BIND = '@odata.bind';

/**
 * Takes a body apart and checks every value in it. Columns that the server fills are left out without an error.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-entity-web-api
 *
 * @throws DynamicsError 400 naming the property that is wrong, 404 naming a row that is bound to and does not exist.
 */
export function decodePayload(context: RequestContext, table: Table, body: JsonBody): Payload {
  assertType(context, table, body['@odata.type']);
  const payload: MutablePayload = { cells: {}, children: [], associations: [] };
  for (const [name, value] of Object.entries(body)) {
    if (name.endsWith(BIND)) decodeBinding(context, { table, name: name.slice(0, -BIND.length), value }, payload);
    else if (!name.includes('@')) decodeProperty(context, { table, name, value }, payload);
  }
  return payload;
}

/** A body may say of which type it is; the service takes no other. */
function assertType({ tables }: RequestContext, table: Table, type: unknown): void {
  if (type === undefined) return;
  const { setName } = table.definition;
  const name = /^#?Microsoft\.Dynamics\.CRM\.(\w+)$/.exec(String(type))?.[1];
  if (name === undefined || tables.find(name) === undefined) {
    const wanted = 'When a model is available, each type name must resolve to a valid type.';
    throw payloadError(setName, `A type named '${String(type)}' could not be resolved by the model. ${wanted}`);
  }
  if (name !== table.name) {
    const expected = `the expected type 'Microsoft.Dynamics.CRM.${table.name}'`;
    throw payloadError(
      setName,
      `A resource with type 'Microsoft.Dynamics.CRM.${name}' was found, but it is not assignable to ${expected}.`,
    );
  }
}

interface MutablePayload {
  cells: Record<string, Cell | null>;
  children: { navigation: Navigation; bodies: JsonBody[] }[];
  associations: { navigation: Navigation; references: Reference[] }[];
}

interface Entry {
  readonly table: Table;
  readonly name: string;
  readonly value: unknown;
}

function decodeProperty(context: RequestContext, entry: Entry, payload: MutablePayload): void {
  const { table, name, value } = entry;
  const property = table.properties.get(name);
  if (property === undefined) {
    decodeNavigation(entry, payload);
    return;
  }
  const { column } = property;
  if (property.name !== column.name) {
    throw queryError(
      'CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.',
    );
  }
  if (column.readOnly === true) return;
  if (value === null && column.required === 'SystemRequired' && column.name !== table.definition.primaryId) {
    throw new DynamicsError(
      400,
      CODES.invalidArgument,
      `The attribute '${name}' of the entity '${table.name}' is required and cannot be null.`,
    );
  }
  payload.cells[name] = value === null ? null : convertValue({ tables: context.tables, table, column }, value);
}

function decodeNavigation({ table, name, value }: Entry, payload: MutablePayload): void {
  const navigation = table.navigation.get(name);
  if (navigation === undefined) {
    throw payloadError(
      table.definition.setName,
      `The property '${name}' does not exist on type 'Microsoft.Dynamics.CRM.${table.name}'. Make sure to only use property names that are defined by the type or mark the type as open type.`,
    );
  }
  if (navigation.kind === 'lookup' && value === null) payload.cells[navigation.column.name] = null;
  else if (navigation.kind === 'lookup' && isObject(value)) payload.children.push({ navigation, bodies: [value] });
  else if (navigation.kind !== 'lookup' && Array.isArray(value) && value.every(isObject))
    payload.children.push({ navigation, bodies: value });
  else
    throw payloadError(
      table.definition.setName,
      `The value of the navigation property '${name}' is not of the expected form.`,
    );
}

function decodeBinding(context: RequestContext, { table, name, value }: Entry, payload: MutablePayload): void {
  const navigation = table.navigation.get(name);
  if (navigation === undefined) {
    throw payloadError(
      table.definition.setName,
      `An undeclared property '${name}' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values.`,
    );
  }
  if (navigation.kind !== 'lookup') {
    const texts = Array.isArray(value) ? value : [value];
    payload.associations.push({
      navigation,
      references: texts.map((text) => bound(context, { table, navigation, text })),
    });
    return;
  }
  if (navigation.column.readOnly === true) return;
  const { cells } = payload;
  if (value !== null) cells[navigation.column.name] = bound(context, { table, navigation, text: value });
  // Clearing one navigation property of a polymorphic lookup leaves what another one of the same body sets.
  else if (!isReference(cells[navigation.column.name])) cells[navigation.column.name] = null;
}

function bound(
  context: RequestContext,
  { table, navigation, text }: { table: Table; navigation: Navigation; text: unknown },
): Reference {
  if (typeof text !== 'string')
    throw payloadError(table.definition.setName, `The value of '${navigation.name}${BIND}' is not a URL.`);
  const reference = readReference(context, text);
  const targets = navigation.kind === 'lookup' ? navigation.targets : [navigation.table];
  if (targets.includes(reference.table)) return reference;
  throw payloadError(
    table.definition.setName,
    `The navigation property '${navigation.name}' expects a row of ${targets.join(' or ')}, but '${text}' is a row of ${reference.table}.`,
  );
}

/**
 * The row that a URL in a body names: `/contacts(id)`, `contacts(id)`, an absolute URL, an alternate key.
 *
 * @throws DynamicsError 400 where it is no such URL, 404 where the row does not exist.
 */
export function readReference(context: RequestContext, text: string): Reference {
  const relative = text
    .replace(/^https?:\/\/[^/]+/i, '')
    .replace(/^\/?api\/data\/v9\.\d\//, '')
    .replace(/^\//, '');
  const [segment, ...rest] = parseResourcePath(relative);
  const table = context.tables.bySetName.get(segment?.name ?? '');
  if (segment === undefined || rest.length > 0 || segment.key === null || table === undefined) {
    throw queryError(`Resource not found for the segment '${segment?.name ?? text}': '${text}' does not name a row.`);
  }
  const address = addressRow(context, table, segment.key);
  const row = requireRow(address);
  return { table: table.name, id: String(row[table.definition.primaryId]) };
}
