import type { DirectoryObject, Json, JsonObject } from '../directory-objects.js';
import { textOf } from '../directory-objects.js';
import type { GraphAnswer, GraphCall } from './call.js';
import { compileGraphFilter } from './filter.js';
import { badRequest, GraphError, unsupportedQuery } from './graph-error.js';
import type { ObjectType } from './object-types.js';
import { compileSearch } from './search.js';
import { isoSeconds } from './time.js';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 999;
const OPTIONS = ['$select', '$filter', '$top', '$count', '$search', '$orderby', '$expand', '$skiptoken', '$format'];

/** Fills in what an object tells beside its properties, such as `$expand`ed owners. */
export type Expand = (object: DirectoryObject) => JsonObject;

/**
 * Answers `GET` of one object; `keys` of credentials are told where `$select` names the list they stand in.
 * https://learn.microsoft.com/graph/query-parameters
 */
export function answerOne(call: GraphCall, type: ObjectType, object: DirectoryObject, expand?: Expand): GraphAnswer {
  checkOptions(call.query, ['$select', '$expand', '$format']);
  assertExpandable(call, expand);
  const selected = selectedProperties(call.query, type);
  const shown = shownProperties(type, object, { selected, withKeys: selected?.includes('keyCredentials') ?? false });
  const context = `${call.root}/$metadata#${type.set}${selected ? `(${selected.join(',')})` : ''}/$entity`;
  return { status: 200, body: { '@odata.context': context, ...shown, ...expand?.(object) } };
}

/** Answers the creation of an object: 201 with its properties and where it is. */
export function answerCreated(call: GraphCall, type: ObjectType, object: DirectoryObject): GraphAnswer {
  const name = `${type.name[0]?.toUpperCase()}${type.name.slice(1)}`;
  const { tenant } = call.caller;
  return {
    status: 201,
    headers: {
      location: `https://graph.microsoft.com/v2/${tenant.id}/directoryObjects/${object.id}/Microsoft.DirectoryServices.${name}`,
    },
    body: {
      '@odata.context': `${call.root}/$metadata#${type.set}/$entity`,
      ...shownProperties(type, object, { selected: undefined, withKeys: false }),
    },
  };
}

/** Answers a list: filtered, searched, sorted, and a page at a time with a link to the next. */
export function answerList(
  call: GraphCall,
  type: ObjectType,
  objects: readonly DirectoryObject[],
  expand?: Expand,
): GraphAnswer {
  const { query } = call;
  checkOptions(query, OPTIONS);
  assertExpandable(call, expand);
  const selected = selectedProperties(query, type);
  const found = sorted(call, type, searched(call, matching(call, type, objects)));
  const [from, size] = page(query);
  const value = found.slice(from, from + size).map((object) => ({
    ...shownProperties(type, object, { selected, withKeys: false }),
    ...expand?.(object),
  }));
  const isLast = from + size >= found.length;
  return {
    status: 200,
    headers: { 'x-ms-resource-unit': '2' },
    body: {
      '@odata.context': `${call.root}/$metadata#${type.set}${selected ? `(${selected.join(',')})` : ''}`,
      ...(query.get('$count') === 'true' && isEventual(call) ? { '@odata.count': found.length } : {}),
      ...(isLast ? {} : { '@odata.nextLink': nextLink(call, from + size) }),
      value,
    },
  };
}

/** Answers `/$count` of a list: the number as text. */
export function countMatching(call: GraphCall, type: ObjectType, objects: readonly DirectoryObject[]): number {
  if (!isEventual(call)) throw badRequest('$count is not currently supported.');
  checkOptions(call.query, ['$filter', '$search']);
  const withCount = { ...call, query: new URLSearchParams([...call.query, ['$count', 'true']]) };
  return searched(call, matching(withCount, type, objects)).length;
}

/** Refuses query options that an operation does not take. */
export function checkOptions(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!name.startsWith('$')) continue;
    if (!OPTIONS.includes(name)) throw badRequest(`Query option '${name}' is not supported.`);
    if (!known.includes(name)) throw unsupportedQuery(`This resource does not support the query option '${name}'.`);
  }
}

/** A client must not take a list for empty that was not filled in. */
function assertExpandable({ query }: GraphCall, expand: Expand | undefined): void {
  if (expand === undefined && query.has('$expand'))
    throw unsupportedQuery(`Expanding '${query.get('$expand')}' is not supported.`);
}

/** An object's properties as Graph tells them: secrets never, keys rarely, and only some where none is selected. */
export function shownProperties(
  type: ObjectType,
  object: DirectoryObject,
  { selected, withKeys }: { readonly selected: readonly string[] | undefined; readonly withKeys: boolean },
): JsonObject {
  const shown: Record<string, Json> = {};
  for (const [name, property] of Object.entries(type.properties)) {
    if (property.writeOnly || (selected ? !selected.includes(name) : property.onlySelected)) continue;
    shown[name] = shownValue(name, object, withKeys);
  }
  return shown;
}

function shownValue(name: string, object: DirectoryObject, withKeys: boolean): Json {
  const value = object.properties[name] ?? null;
  if (name === 'id') return object.id;
  if (name === 'createdDateTime') return isoSeconds(object.createdAt);
  if (name === 'deletedDateTime') return object.deletedAt ? isoSeconds(object.deletedAt) : null;
  if (name === 'keyCredentials' && !withKeys) return without(value, 'key');
  return name === 'passwordCredentials' ? without(value, 'secretText') : value;
}

function without(list: Json, property: string): Json {
  return Array.isArray(list) ? list.map((item) => ({ ...Object(item), [property]: null })) : list;
}

function selectedProperties(query: URLSearchParams, type: ObjectType): readonly string[] | undefined {
  const select = query.get('$select');
  if (select === null || select.trim() === '*') return undefined;
  const names = select.split(',').map((name) => name.trim());
  for (const name of names) assertProperty(name, type);
  return names;
}

function assertProperty(name: string, { name: typeName, properties }: ObjectType): void {
  if (Object.hasOwn(properties, name) && !properties[name]?.writeOnly) return;
  throw new GraphError(
    400,
    'BadRequest',
    `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.${typeName}'.`,
  );
}

function matching(call: GraphCall, type: ObjectType, objects: readonly DirectoryObject[]): readonly DirectoryObject[] {
  const text = call.query.get('$filter');
  if (text === null) return objects;
  const filter = compileGraphFilter(text);
  for (const name of filter.properties) assertProperty(name, type);
  if (type.onlyEquality && !filter.isEquality) throw unsupportedQuery(`Unsupported or invalid query filter clause.`);
  const isAdvanced = filter.isAdvanced || call.query.has('$orderby');
  if (isAdvanced && !(isEventual(call) && call.query.get('$count') === 'true')) {
    throw unsupportedQuery(
      'Unsupported Query. This query needs the header ConsistencyLevel: eventual and $count=true; see https://aka.ms/graph-docs/advanced-queries.',
    );
  }
  return objects.filter((object) => filter.matches(filterable(type, object)));
}

function filterable(type: ObjectType, object: DirectoryObject): JsonObject {
  return shownProperties(type, object, { selected: Object.keys(type.properties), withKeys: false });
}

function searched(call: GraphCall, objects: readonly DirectoryObject[]): readonly DirectoryObject[] {
  const text = call.query.get('$search');
  if (text === null) return objects;
  if (!isEventual(call))
    throw badRequest(
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    );
  const matches = compileSearch(text);
  return objects.filter(matches);
}

const SORTABLE = ['displayName', 'userPrincipalName', 'createdDateTime', 'appId', 'mail'];

function sorted(
  { query }: GraphCall,
  type: ObjectType,
  objects: readonly DirectoryObject[],
): readonly DirectoryObject[] {
  const orderBy = query.get('$orderby');
  if (orderBy === null) return objects;
  const [, name = '', direction = 'asc'] = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/i.exec(orderBy) ?? [];
  if (!SORTABLE.includes(name) || !Object.hasOwn(type.properties, name))
    throw unsupportedQuery(`Sorting by '${orderBy}' is not supported for the current query.`);
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  const key = (object: DirectoryObject) =>
    name === 'createdDateTime' ? object.createdAt.toISOString() : textOf(object, name);
  return [...objects].sort((a, b) => sign * key(a).localeCompare(key(b), 'en', { sensitivity: 'base' }));
}

function page(query: URLSearchParams): readonly [from: number, size: number] {
  const top = query.get('$top');
  const size = top === null ? DEFAULT_PAGE : Number(top);
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE)
    throw badRequest(`Invalid page size specified: '${top}'. Must be between 1 and ${MAX_PAGE} inclusive.`);
  return [startOf(query.get('$skiptoken')), size];
}

const SKIP_TOKEN = 'RFNwdAIAAQ';

function startOf(token: string | null): number {
  if (token === null) return 0;
  const from = Number(Buffer.from(token.slice(SKIP_TOKEN.length), 'base64url').toString());
  if (token.startsWith(SKIP_TOKEN) && Number.isInteger(from) && from > 0) return from;
  throw new GraphError(
    400,
    'Directory_ExpiredPageToken',
    'The specified page token value has expired and can no longer be included in your request.',
  );
}

/** The page token is opaque to clients; the rest of the query stays as it was. */
function nextLink({ root, path, query }: GraphCall, from: number): string {
  const next = new URLSearchParams(query);
  next.set('$skiptoken', SKIP_TOKEN + Buffer.from(String(from)).toString('base64url'));
  const options = [...next].map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${root}${path}?${options.join('&')}`;
}

function isEventual({ headers }: GraphCall): boolean {
  return String(headers.consistencylevel).toLowerCase() === 'eventual';
}
