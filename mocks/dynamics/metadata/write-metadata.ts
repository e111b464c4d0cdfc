import type { MockRequest, MockResponse } from '../../control.js';
import { answerNothing, type RequestContext } from '../context.js';
import { CODES, DynamicsError, methodNotAllowed, queryError, unknownSegment } from '../errors.js';
import type { Key, Segment } from '../resource-path.js';
import type { ColumnDefinition, KeyDefinition, Labels, TableDefinition, TablesFile } from '../table-definitions.js';
import { isLookup, type Table, type Touched } from '../tables.js';
import { isObject, type JsonBody, parseBody } from '../writes/payload.js';
import { assertDefinition } from './check-definition.js';
import { metadataId } from './common.js';
import {
  readChanges,
  readColumns,
  readLabel,
  readOptionList,
  readTable,
  replaceLabel,
  requireName,
} from './read-definitions.js';

/**
 * Creates, changes and deletes tables, columns, keys, relationships and global option sets. What is written is published at once.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/use-web-api-metadata
 *
 * @throws DynamicsError naming what is wrong with the definition, or the thing that is not there.
 */
export function writeMetadata(
  context: RequestContext,
  segments: readonly Segment[],
  request: MockRequest,
): MockResponse {
  const [set, part, ...rest] = segments;
  if (set === undefined || rest.length > 0) throw unknownSegment(rest[0]?.name ?? '');
  const write: MetadataWrite = { context, request, key: (part ?? set).key };
  if (set.name === 'EntityDefinitions') {
    return part === undefined ? writeTable(write) : writePart(write, requireTable(context, set.key), part);
  }
  if (part !== undefined) throw unknownSegment(part.name);
  if (set.name === 'RelationshipDefinitions') return writeRelationship(write);
  if (set.name === 'GlobalOptionSetDefinitions') return writeGlobalOptionSet(write);
  throw methodNotAllowed(request.method);
}

interface MetadataWrite {
  readonly context: RequestContext;
  readonly request: MockRequest;
  /** The key of the last segment. */
  readonly key: Key | null;
}

/** The table that the key of `EntityDefinitions` names. */
export function requireTable({ tables }: RequestContext, key: Key | null): Table {
  const table = tables.all.find(({ name }) => matches(key, 'LogicalName', name, metadataId('entity', name)));
  if (table !== undefined) return table;
  throw new DynamicsError(
    404,
    '0x80041102',
    `The entity with a name = ${keyText(key)} with namemapping = 'Logical' was not found in the MetadataCache.`,
  );
}

function matches(key: Key | null, property: string, name: string, id: string): boolean {
  if (key?.kind === 'id') return key.id === id;
  return key?.kind === 'values' && (key.values.get(property) === name || key.values.get('MetadataId') === id);
}

function keyText(key: Key | null): string {
  if (key?.kind === 'id') return key.id;
  return key?.kind === 'values' ? [...key.values.values()].map((value) => `'${value}'`).join(',') : '';
}

function bodyOf({ request }: MetadataWrite): JsonBody {
  const body = parseBody(request.body, 'metadata');
  assertDefinition(body);
  return body;
}

function created(context: RequestContext, path: string): MockResponse {
  return answerNothing({ location: `${context.base}${path}`, 'odata-entityid': `${context.base}${path}` });
}

function touchTable(table: string, isDeleted = false): Touched {
  return { kind: 'Entity', id: metadataId('entity', table), table, isDeleted };
}

export function touchColumn(table: string, column: string, isDeleted = false): Touched {
  return { kind: 'Attribute', id: metadataId('attribute', `${table}.${column}`), table, isDeleted };
}

/** The definitions with one table changed. */
export function withTable(
  file: TablesFile,
  name: string,
  change: (table: TableDefinition) => TableDefinition,
): TablesFile {
  return { ...file, tables: file.tables.map((table) => (table.logicalName === name ? change(table) : table)) };
}

function writeTable(write: MetadataWrite): MockResponse {
  const { context, request, key } = write;
  if (request.method === 'POST' && key === null) return createTable(write);
  const table = requireTable(context, key);
  if (request.method === 'PUT') return changeTable(write, table);
  if (request.method === 'DELETE') return deleteTable(context, table);
  throw methodNotAllowed(request.method);
}

function createTable(write: MetadataWrite): MockResponse {
  const { tables } = write.context;
  const definition = readTable(tables, bodyOf(write));
  const { logicalName } = definition;
  if (tables.find(logicalName) !== undefined)
    throw new DynamicsError(400, '0x80048403', `An entity with the specified name '${logicalName}' already exists.`);
  for (const [at, { name }] of definition.columns.entries())
    if (definition.columns.findIndex((it) => it.name === name) < at) throw columnExists(logicalName, name);
  tables.redefine(
    (file) => ({ ...file, tables: [...file.tables, definition] }),
    [touchTable(logicalName), ...definition.columns.map(({ name }) => touchColumn(logicalName, name))],
  );
  return created(write.context, `EntityDefinitions(${metadataId('entity', logicalName)})`);
}

function changeTable(write: MetadataWrite, { name, definition }: Table): MockResponse {
  const body = bodyOf(write);
  const plural = replaceLabel(body.DisplayCollectionName, { kept: keptLabels(write, definition.pluralLabels) });
  const changes: Partial<TableDefinition> = {
    ...replaceLabel(body.DisplayName, { kept: keptLabels(write, definition.labels) }),
    ...(plural.label === undefined ? {} : { pluralLabel: plural.label, pluralLabels: plural.labels ?? {} }),
    // Once on, it cannot be switched off.
    ...(body.ChangeTrackingEnabled === true ? { changeTracking: true } : {}),
  };
  write.context.tables.redefine(
    (file) => withTable(file, name, (table) => ({ ...table, ...changes })),
    [touchTable(name)],
  );
  return answerNothing();
}

/** Texts in other languages go, unless the client asks to merge. */
function keptLabels({ request }: MetadataWrite, labels: Labels | undefined): Labels | undefined {
  return request.headers['mscrm.mergelabels'] === 'true' ? labels : undefined;
}

function deleteTable({ tables, store }: RequestContext, { name, definition }: Table): MockResponse {
  if (definition.isCustom !== true)
    throw new DynamicsError(
      400,
      CODES.invalidArgument,
      `The entity '${name}' is not a custom entity, so it cannot be deleted.`,
    );
  const user = tables.relationships.find((it) => it.referencedEntity === name && it.referencingEntity !== name);
  if (user !== undefined)
    throw new DynamicsError(
      400,
      '0x8004f01f',
      `The Entity(${metadataId('entity', name)}) component cannot be deleted because it is referenced by the relationship '${user.name}'.`,
    );
  for (const id of [...store.table(name).sortedIds()]) store.remove(name, id);
  tables.redefine(
    (file) => ({ ...file, tables: file.tables.filter((table) => table.logicalName !== name) }),
    [touchTable(name, true), ...definition.columns.map((column) => touchColumn(name, column.name, true))],
  );
  return answerNothing();
}

/** `EntityDefinitions(…)/Attributes(…)` and `…/Keys(…)`. A cast after a key only names the type anew. */
function writePart(write: MetadataWrite, table: Table, part: Segment): MockResponse {
  const { method } = write.request;
  if (part.name === 'Keys') {
    if (method === 'POST') return createKey(write, table);
    if (method === 'DELETE') return deleteKey(write, table);
  }
  if (part.name === 'Attributes') {
    if (method === 'POST' && part.key === null) return createColumn(write, table);
    const column = requireColumn(table, part.key);
    if (method === 'PUT') return changeColumn(write, table, column);
    if (method === 'DELETE') return deleteColumn(write.context, table, column);
  }
  throw methodNotAllowed(method);
}

function requireColumn({ name, definition }: Table, key: Key | null): ColumnDefinition {
  const column = definition.columns.find((it) =>
    matches(key, 'LogicalName', it.name, metadataId('attribute', `${name}.${it.name}`)),
  );
  if (column !== undefined) return column;
  throw new DynamicsError(
    404,
    CODES.notFound,
    `Could not find an attribute with specified name: ${keyText(key)} of the entity '${name}'.`,
  );
}

function createColumn(write: MetadataWrite, table: Table): MockResponse {
  const columns = readColumns(write.context.tables, bodyOf(write));
  const [first] = columns;
  for (const { name } of columns) {
    if (table.columns.has(name)) throw columnExists(table.name, name);
  }
  addColumns(write.context, table, columns);
  const ids = [metadataId('entity', table.name), metadataId('attribute', `${table.name}.${first?.name ?? ''}`)];
  return created(write.context, `EntityDefinitions(${ids[0]})/Attributes(${ids[1]})`);
}

function columnExists(table: string, name: string): DynamicsError {
  return new DynamicsError(
    400,
    '0x80047013',
    `An attribute with the specified name ${name} already exists for the entity ${table}.`,
  );
}

function addColumns({ tables }: RequestContext, { name }: Table, columns: readonly ColumnDefinition[]): void {
  tables.redefine(
    (file) => withTable(file, name, (table) => ({ ...table, columns: [...table.columns, ...columns] })),
    columns.map((column) => touchColumn(name, column.name)),
  );
}

function changeColumn(write: MetadataWrite, table: Table, column: ColumnDefinition): MockResponse {
  const body = bodyOf(write);
  const description = readLabel(body.Description).label;
  const changed: ColumnDefinition = {
    ...column,
    ...replaceLabel(body.DisplayName, { kept: keptLabels(write, column.labels) }),
    ...(description === undefined ? {} : { description }),
    ...readChanges(body),
  };
  write.context.tables.redefine(
    (file) =>
      withTable(file, table.name, (it) => ({
        ...it,
        columns: it.columns.map((old) => (old.name === column.name ? changed : old)),
      })),
    [touchColumn(table.name, column.name)],
  );
  return answerNothing();
}

/** The values go with the column. */
function deleteColumn(context: RequestContext, table: Table, column: ColumnDefinition): MockResponse {
  if (column.isCustom !== true)
    throw new DynamicsError(
      400,
      CODES.invalidArgument,
      `The attribute '${column.name}' of the entity '${table.name}' is not a custom attribute, so it cannot be deleted.`,
    );
  const names = new Set(column.type === 'Money' ? [column.name, `${column.name}_base`] : [column.name]);
  const rows = context.store.table(table.name);
  context.store.transaction(() => {
    for (const id of [...rows.sortedIds()]) {
      const row = rows.get(id);
      if (row === undefined || ![...names].some((name) => row[name] !== undefined)) continue;
      context.store.put(table.name, Object.fromEntries(Object.entries(row).filter(([name]) => !names.has(name))));
    }
  });
  const keep = (it: { readonly name: string }) => !names.has(it.name);
  context.tables.redefine(
    (file) => withTable(file, table.name, (it) => ({ ...it, columns: it.columns.filter(keep) })),
    [...names].map((name) => touchColumn(table.name, name, true)),
  );
  return answerNothing();
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity */
function createKey(write: MetadataWrite, table: Table): MockResponse {
  const body = bodyOf(write);
  const columns = Array.isArray(body.KeyAttributes) ? body.KeyAttributes.map(String) : [];
  const unknown = columns.find((name) => !table.columns.has(name));
  if (columns.length === 0 || unknown !== undefined)
    throw queryError(
      `Expected KeyAttributes to be columns of '${table.name}'${unknown === undefined ? '' : `, not '${unknown}'`}.`,
    );
  const { label } = readLabel(body.DisplayName);
  const key: KeyDefinition = {
    name: requireName(body, 'SchemaName'),
    columns,
    ...(label === undefined ? {} : { label }),
  };
  const id = metadataId('key', `${table.name}.${key.name}`);
  write.context.tables.redefine(
    (file) => withTable(file, table.name, (it) => ({ ...it, keys: [...(it.keys ?? []), key] })),
    [{ kind: 'Key', id, table: table.name, isDeleted: false }],
  );
  return created(write.context, `EntityDefinitions(${metadataId('entity', table.name)})/Keys(${id})`);
}

function deleteKey({ context, key }: MetadataWrite, table: Table): MockResponse {
  const idOf = (name: string) => metadataId('key', `${table.name}.${name}`);
  const found = (table.definition.keys ?? []).find(
    ({ name }) =>
      matches(key, 'SchemaName', name, idOf(name)) || matches(key, 'LogicalName', name.toLowerCase(), idOf(name)),
  );
  if (found === undefined)
    throw new DynamicsError(
      404,
      CODES.notFound,
      `Could not find an entity key with the specified key: ${keyText(key)}.`,
    );
  context.tables.redefine(
    (file) =>
      withTable(file, table.name, (it) => ({ ...it, keys: (it.keys ?? []).filter((old) => old.name !== found.name) })),
    [{ kind: 'Key', id: idOf(found.name), table: table.name, isDeleted: true }],
  );
  return answerNothing();
}

function writeRelationship(write: MetadataWrite): MockResponse {
  if (write.request.method === 'POST' && write.key === null) return createRelationship(write);
  if (write.request.method !== 'DELETE') throw methodNotAllowed(write.request.method);
  const { tables } = write.context;
  const found = tables.relationships.find((it) => matches(write.key, 'SchemaName', it.name, relationshipId(it)));
  if (found === undefined)
    throw new DynamicsError(
      404,
      CODES.notFound,
      `Could not find a relationship with the specified key: ${keyText(write.key)}.`,
    );
  const table = tables.get(found.referencingEntity);
  const column = table.columns.get(found.referencingAttribute);
  if (column === undefined || !isLookup(column)) throw unknownSegment(found.name);
  return deleteColumn(write.context, table, column);
}

function relationshipId(it: {
  readonly name: string;
  readonly referencingEntity: string;
  readonly referencingAttribute: string;
}): string {
  return metadataId('relationship', `${it.name}:${it.referencingEntity}.${it.referencingAttribute}`);
}

const ON_DELETE: ReadonlySet<unknown> = new Set(['Cascade', 'RemoveLink', 'Restrict', 'NoCascade']);

/** A lookup and the relationship that it makes are created together. */
function createRelationship(write: MetadataWrite): MockResponse {
  const body = bodyOf(write);
  if (!String(body['@odata.type']).endsWith('.OneToManyRelationshipMetadata'))
    throw queryError(
      'Only relationships of the type Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata can be created here.',
    );
  const { context } = write;
  const target = context.tables.find(String(body.ReferencedEntity));
  const table = context.tables.find(String(body.ReferencingEntity));
  if (target === undefined || table === undefined || !isObject(body.Lookup))
    throw queryError('Expected ReferencedEntity and ReferencingEntity to be tables and Lookup to be a column.');
  const name = requireName(body, 'SchemaName');
  const lookup = requireName(body.Lookup, 'SchemaName');
  const cascade = isObject(body.CascadeConfiguration) ? body.CascadeConfiguration.Delete : undefined;
  // Only these four can be asked for, which the set makes sure of.
  const onDelete = (ON_DELETE.has(cascade) ? cascade : 'RemoveLink') as 'RemoveLink';
  const column: ColumnDefinition = {
    name: lookup.toLowerCase(),
    schemaName: lookup,
    type: 'Lookup',
    isCustom: true,
    ...readLabel(body.Lookup.DisplayName),
    targets: [{ table: target.name, navigation: lookup, collection: name, onDelete }],
  };
  if (table.columns.has(column.name))
    throw new DynamicsError(
      400,
      '0x80047013',
      `An attribute with the specified name ${column.name} already exists for the entity ${table.name}.`,
    );
  addColumns(context, table, [column]);
  const id = relationshipId({ name, referencingEntity: table.name, referencingAttribute: column.name });
  return created(context, `RelationshipDefinitions(${id})`);
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-optionsets */
function writeGlobalOptionSet(write: MetadataWrite): MockResponse {
  const { context, request, key } = write;
  if (request.method === 'POST' && key === null) return createGlobalOptionSet(write);
  const name = [...context.tables.globalOptionSets.keys()].find((it) =>
    matches(key, 'Name', it, metadataId('optionset', it)),
  );
  if (name === undefined)
    throw new DynamicsError(404, CODES.notFound, `Could not find an optionset with the key ${keyText(key)}.`);
  if (request.method === 'DELETE') return deleteGlobalOptionSet(context, name);
  if (request.method !== 'PUT') throw methodNotAllowed(request.method);
  const labels = readLabel(bodyOf(write).DisplayName);
  context.tables.redefine(
    (file) => ({
      ...file,
      globalOptionSets: (file.globalOptionSets ?? []).map((set) => (set.name === name ? { ...set, ...labels } : set)),
    }),
    [touchOptionSet(name)],
  );
  return answerNothing();
}

function createGlobalOptionSet(write: MetadataWrite): MockResponse {
  const { context } = write;
  const body = bodyOf(write);
  const name = requireName(body, 'Name').toLowerCase();
  if (context.tables.globalOptionSets.has(name))
    throw new DynamicsError(400, '0x80048403', `An optionset with the name '${name}' already exists.`);
  const options = readOptionList(Array.isArray(body.Options) ? body.Options : []);
  const set = { name, label: name, ...readLabel(body.DisplayName), isCustom: true, options };
  context.tables.redefine(
    (file) => ({ ...file, globalOptionSets: [...(file.globalOptionSets ?? []), set] }),
    [touchOptionSet(name)],
  );
  return created(context, `GlobalOptionSetDefinitions(${metadataId('optionset', name)})`);
}

function deleteGlobalOptionSet({ tables }: RequestContext, name: string): MockResponse {
  const user = tables.all.find((table) => table.definition.columns.some((column) => column.optionSet === name));
  if (user !== undefined)
    throw new DynamicsError(
      400,
      '0x8004f01f',
      `The OptionSet(${metadataId('optionset', name)}) component cannot be deleted because it is referenced by the entity '${user.name}'.`,
    );
  tables.redefine(
    (file) => ({ ...file, globalOptionSets: (file.globalOptionSets ?? []).filter((set) => set.name !== name) }),
    [touchOptionSet(name, true)],
  );
  return answerNothing();
}

export function touchOptionSet(name: string, isDeleted = false): Touched {
  return { kind: 'OptionSet', id: metadataId('optionset', name), table: null, isDeleted };
}
