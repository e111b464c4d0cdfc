import type { MockResponse } from '../../control.js';
import { answerJson, contextUrl, type RequestContext } from '../context.js';
import { CODES, DynamicsError, queryError } from '../errors.js';
import { languageOf } from '../query/language.js';
import type { MetadataChange, Table, Tables } from '../tables.js';
import { type Attribute, buildAttributes } from './attributes.js';
import { type JsonObject, localized } from './common.js';
import { entityJson } from './entities.js';
import { type MetadataQuery, type PartQuery, parseMetadataQuery } from './metadata-query.js';
import { keyJson, manyToManyOf, manyToOneOf, oneToManyOf } from './relationships.js';

/** What a client that holds the metadata of a version needs to know. */
interface Since {
  /** Ids of what changed after it; null where the client holds nothing yet. */
  readonly changed: ReadonlySet<string> | null;
  /** Tables that changed themselves or in their parts. */
  readonly tables: ReadonlySet<string>;
  readonly deleted: readonly MetadataChange[];
}

/**
 * `GET RetrieveMetadataChanges(Query=@p1,ClientVersionStamp=@p2,DeletedMetadataFilters=@p3)`.
 * https://learn.microsoft.com/power-apps/developer/data-platform/cache-schema-data
 *
 * @throws DynamicsError 400 for a query that is wrong, and for a stamp that has expired.
 */
export function retrieveMetadataChanges(
  context: RequestContext,
  parameters: ReadonlyMap<string, string>,
): MockResponse {
  const query = parseMetadataQuery(parameters.get('Query') ?? '{}');
  const stamp = parameters.get('ClientVersionStamp') ?? 'null';
  const since = changesSince(context, stamp);
  const { tables } = context;
  const entities = tables.all
    .filter((table) => since.changed === null || since.tables.has(table.name))
    .map((table) => ({ table, json: entityJson(table) }))
    .filter(({ json }) => query.entities.matches(json))
    .map(({ table, json }) => describe(tables, { query, since, table, json }));
  const language = languageOf(context);
  return answerJson(context, {
    '@odata.context': contextUrl(context, 'Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse'),
    ServerVersionStamp: encodeStamp(tables.version, context.now()),
    EntityMetadata: entities.map((json) => localized(filterLabels(json, query.languages), language)),
    DeletedMetadata: deletedMetadata(since.deleted, parameters.get('DeletedMetadataFilters') ?? ''),
  });
}

/** The stamp expires with the setting for subscriptions, 90 days. */
const EXPIRY_MILLISECONDS = 90 * 86_400_000;

function encodeStamp(version: number, at: Date): string {
  const [date = '', time = ''] = at.toISOString().slice(0, 19).split('T');
  const [year, month, day] = date.split('-');
  return `${version}!${month}/${day}/${year} ${time}`;
}

function changesSince({ tables, now }: RequestContext, stamp: string): Since {
  const text = stamp.replace(/^'|'$/g, '');
  if (text === '' || text === 'null') return { changed: null, tables: new Set(), deleted: [] };
  const [, version, month, day, year, time] = /^(\d+)!(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)$/.exec(text) ?? [];
  if (version === undefined) throw queryError(`The ClientVersionStamp '${text}' is not valid.`);
  const age = now().getTime() - Date.parse(`${year}-${month}-${day}T${time}Z`);
  if (age > EXPIRY_MILLISECONDS || Number(version) < tables.firstVersion) {
    throw new DynamicsError(
      400,
      CODES.expiredVersionStamp,
      'Version stamp associated with the client has expired. Please perform a full sync.',
    );
  }
  const later = tables.changes.filter((change) => change.version > Number(version));
  const present = later.filter(({ isDeleted }) => !isDeleted);
  return {
    changed: new Set(present.map(({ id }) => id)),
    tables: new Set(present.flatMap(({ table }) => table ?? [])),
    deleted: later.filter(({ isDeleted }) => isDeleted),
  };
}

interface Described {
  readonly query: MetadataQuery;
  readonly since: Since;
  readonly table: Table;
  readonly json: JsonObject;
}

/** A table with those of its parts that the query names, or that changed. */
function describe(tables: Tables, { query, since, table, json }: Described): JsonObject {
  const parts: Readonly<Record<string, () => JsonObject[]>> = {
    Attributes: () => buildAttributes(tables, table).map(complexAttribute),
    OneToManyRelationships: () => oneToManyOf(tables, table),
    ManyToOneRelationships: () => manyToOneOf(tables, table),
    ManyToManyRelationships: () => manyToManyOf(tables, table),
    Keys: () => (table.definition.keys ?? []).map((key) => keyJson(table, key)),
  };
  const { properties } = query.entities;
  const described = selected(json, query.entities, since);
  for (const [name, make] of Object.entries(parts)) {
    if (properties !== null && !properties.includes(name)) continue;
    const part = partQueryOf(query, name) ?? ALL;
    described[name] = make()
      .filter((it) => part.matches(it) && (since.changed === null || since.changed.has(String(it.MetadataId))))
      .map((it) => selected(it, part, since));
  }
  return described;
}

const ALL: PartQuery = { matches: () => true, properties: null };

function partQueryOf(query: MetadataQuery, name: string): PartQuery | null {
  if (name === 'Attributes') return query.attributes;
  return name === 'Keys' ? query.keys : query.relationships;
}

const ALWAYS: readonly string[] = ['@odata.type', 'LogicalName', 'SchemaName', 'MetadataId'];

function selected(json: JsonObject, { properties }: PartQuery, { changed }: Since): JsonObject {
  const HasChanged = changed === null ? null : changed.has(String(json.MetadataId));
  if (properties === null) return { ...json, HasChanged };
  const names = Object.keys(json).filter((name) => ALWAYS.includes(name) || properties.includes(name));
  return { ...Object.fromEntries(names.map((name) => [name, json[name]])), HasChanged };
}

/** Here option sets stand in the column, which no other request of several tables gives. */
function complexAttribute({ metadataType, json, optionSet, globalOptionSet }: Attribute): JsonObject {
  const type = { '@odata.type': `#Microsoft.Dynamics.CRM.Complex${metadataType ?? ''}AttributeMetadata` };
  if (optionSet === null) return { ...type, ...json };
  return { ...type, ...json, OptionSet: optionSet, GlobalOptionSet: globalOptionSet };
}

function filterLabels(json: JsonObject, languages: readonly number[]): JsonObject {
  return languages.length === 0 ? json : (withLanguages(json, new Set(languages)) as JsonObject);
}

function withLanguages(value: unknown, languages: ReadonlySet<number>): unknown {
  if (Array.isArray(value)) return value.map((item) => withLanguages(item, languages));
  if (typeof value !== 'object' || value === null) return value;
  if ('LocalizedLabels' in value && Array.isArray(value.LocalizedLabels))
    return { ...value, LocalizedLabels: value.LocalizedLabels.filter((it) => languages.has(it.LanguageCode)) };
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withLanguages(part, languages)]));
}

/** `Microsoft.Dynamics.CRM.DeletedMetadataFilters'Entity,Attribute'`; `Default` means tables. */
function deletedMetadata(deleted: readonly MetadataChange[], filters: string): JsonObject {
  const names = /'([^']*)'/.exec(filters)?.[1] ?? filters;
  const kinds = new Set(
    names.split(',').map((name) => (name.trim() === 'Default' || name.trim() === '' ? 'Entity' : name.trim())),
  );
  const wanted = deleted.filter(({ kind }) => kinds.has('All') || kinds.has(kind));
  const byKind = [...Map.groupBy(wanted, ({ kind }) => kind)];
  return {
    Count: byKind.length,
    Keys: byKind.map(([kind]) => kind),
    Values: byKind.map(([, changes]) => changes.map(({ id }) => id)),
  };
}
