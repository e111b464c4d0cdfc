import { createHash } from 'node:crypto';
import { formatEntity, formatValues } from '../entity.js';
import { MethodError, noDataSource, notFound, unknownNode, unknownSchema } from '../errors.js';
import type { CompiledSchema } from '../schema-model.js';
import type { Row, RowValues } from '../store.js';
import { writeSources } from '../write/source-writes.js';
import type { WriteContext } from '../write/write-context.js';
import { deleteMatching, newInstance, writeCollection, writeDocument } from '../write/writes.js';
import { formatXml, isTrue, type XmlElement } from '../xml.js';
import { elementArgument, type Method, type MethodCall, textArgument } from './method.js';

/**
 * Methods of the interface `xtk:persist`, which every schema with rows implements.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 */
export const PERSIST_METHODS: Readonly<Record<string, Method>> = {
  GetEntityIfMoreRecent: (call) => {
    const entity = findEntity(textArgument(call, 0), call);
    const mustExist = isTrue(textArgument(call, 2));
    if (!entity && mustExist) throw notFound(textArgument(call, 0), textArgument(call, 0).split('|')[0] ?? '');
    const isKnown = entity !== undefined && entity.md5 === textArgument(call, 1).toUpperCase();
    return [{ name: 'pdomDoc', type: 'element', element: isKnown ? undefined : entity?.document }];
  },

  Write: (call) => {
    const document = elementArgument(call, 0);
    if (!document) throw new MethodError(['XSV-350063 The document to write is empty.']);
    if (document.attributes.xtkschema === 'xtk:srcSchema') writeSources([document], call.engine, call.session);
    else writeDocument(document, writeContext(call));
    return [];
  },

  WriteCollection: (call) => {
    const collection = elementArgument(call, 0);
    if (!collection) throw new MethodError(['XSV-350063 The collection to write is empty.']);
    if (collection.attributes.xtkschema === 'xtk:srcSchema') {
      writeSources(collection.children, call.engine, call.session);
    } else {
      writeCollection(collection, writeContext(call));
    }
    return [];
  },

  NewInstance: (call) => {
    const document = elementArgument(call, 0);
    const schema = entitySchema(call);
    const entity = newInstance(document, schema, writeContext(call));
    return [{ name: 'entity', type: 'element', element: formatEntity(schema, entity, call.view) }];
  },

  /** A copy of a document, named `xtk:operator|1610` by its id, that is not kept: without ids, dates and what makes it unique. */
  Duplicate: (call) => {
    const schema = entitySchema(call);
    const row = rowOf(textArgument(call, 1), schema, call);
    const copy = { serial: -1, values: withoutIdentity(row.values, schema) };
    return [{ name: 'entity', type: 'element', element: formatValues(schema.root, schema.name, copy.values) }];
  },

  /** Deletes the documents that a `where` finds. */
  DeleteCollection: (call) => {
    const where = elementArgument(call, 1);
    deleteMatching(textArgument(call, 0), where, writeContext(call));
    return [];
  },

  GetNewIds: (call) => [{ name: 'pstrIdList', type: 'string', text: newIds(call) }],
  GetNewIdsEx: (call) => [{ name: 'pstrIdList', type: 'string', text: newIds(call) }],
};

const MAX_NEW_IDS = 10_000;

function newIds(call: MethodCall): string {
  const count = Number(textArgument(call, 0));
  if (!Number.isInteger(count) || count < 1 || count > MAX_NEW_IDS) {
    throw new MethodError([
      `XTK-170006 Expected 1 to ${MAX_NEW_IDS} ids to be asked for, not '${textArgument(call, 0)}'.`,
    ]);
  }
  return Array.from({ length: count }, () => call.engine.store.newId()).join(',');
}

function writeContext({ engine, view, ignoreUnknown }: MethodCall): WriteContext {
  return { view, store: engine.store, ignoreUnknown };
}

/** The schema of `xtk:persist|nms:recipient`. */
function entitySchema(call: MethodCall) {
  const id = call.schemaId ?? '';
  const schema = call.view.lookup(id);
  if (!schema) throw unknownSchema(id);
  if (!schema.root) throw noDataSource(id);
  return { ...schema, root: schema.root };
}

function rowOf(pk: string, schema: CompiledSchema, { view }: MethodCall): Row {
  const id = pk.slice(pk.indexOf('|') + 1);
  const [row] = /^-?\d+$/.test(id) ? view.tableOf(schema).find(['id'], [Number(id)]) : [];
  if (!row) throw notFound(pk, schema.id);
  return row;
}

const IDENTITY: ReadonlySet<string> = new Set(['id', 'created', 'lastModified', 'createdBy-id', 'modifiedBy-id']);

function withoutIdentity(values: RowValues, schema: CompiledSchema): RowValues {
  const unique = new Set(schema.keys.flatMap((key) => key.fields));
  return Object.fromEntries(Object.entries(values).filter(([path]) => !IDENTITY.has(path) && !unique.has(path)));
}

/** An entity by `<schema>|<namespace>:<name>`, or `<schema>|<name>` for those known by name alone. */
function findEntity(pk: string, call: MethodCall): { document: XmlElement; md5: string } | undefined {
  const at = pk.indexOf('|');
  const type = pk.slice(0, at);
  const name = pk.slice(at + 1);
  if (at < 0) throw new MethodError([`XSV-350000 The identifier '${pk}' is not of the form '<schema>|<name>'.`]);
  if (type === 'xtk:schema') {
    const schema = call.view.lookup(name);
    return schema && { document: schema.document, md5: schema.md5 };
  }
  if (type === 'xtk:srcSchema') {
    const document = call.engine.registry.source(name);
    return document && { document, md5: document.attributes.md5 ?? '' };
  }
  const document = findByName(type, name, call);
  return document && { document, md5: createHash('md5').update(formatXml(document)).digest('hex').toUpperCase() };
}

function findByName(type: string, name: string, call: MethodCall): XmlElement | undefined {
  const schema = call.view.lookup(type);
  if (!schema) throw unknownSchema(type);
  if (!schema.root?.attributes.has('name')) {
    throw new MethodError([
      unknownNode('Attribute', 'name', schema),
      `XSV-350000 Unable to load the document '${type}|${name}'.`,
    ]);
  }
  const [row] = call.view.tableOf(schema).find(['name'], [name]);
  return row && formatEntity(schema, row, call.view);
}
