import { formatEntity, formatValues } from '../entity.js';
import { MethodError, notFound } from '../errors.js';
import { smartCase } from '../expression/functions.js';
import { assertRight } from '../operators.js';
import type { CompiledSchema } from '../schema-model.js';
import type { SoapOutput } from '../soap.js';
import type { RowValues } from '../store.js';
import { deleteMatching, newInstance } from '../write/writes.js';
import { formatXml, isTrue, replayXml, type XmlElement } from '../xml.js';
import { DocumentWriter } from './document-writer.js';
import { findEntity } from './entities.js';
import {
  elementArgument,
  type Method,
  type MethodCall,
  type Methods,
  requiredElement,
  textArgument,
} from './method.js';
import { findByKey, type RowSchema, requireByKey, rowSchema, writeContext } from './records.js';
import { passwordMethods } from './session-methods.js';
import { assertMayDelete } from './write-rights.js';

/**
 * Methods of the interface `xtk:persist`, which every schema with rows implements.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 */
export const PERSIST_METHODS: Methods = {
  ...passwordMethods(),

  /** Empty where there is no such entity, or where the client has it as it is. */
  GetEntityIfMoreRecent: (call) => {
    const pk = textArgument(call, 0);
    const entity = findEntity(pk, call);
    if (!entity && isTrue(textArgument(call, 2))) throw notFound(pk, pk.split('|')[0] ?? '');
    const isKnown = entity !== undefined && entity.md5 === textArgument(call, 1).toUpperCase();
    return [{ name: 'pdomDoc', type: 'element', element: isKnown ? undefined : entity?.document }];
  },

  Write: ({ writer, ...call }) => {
    const document = requiredElement(call, 0, 'The document to write');
    if (writer) writer.finish();
    else write(document, call);
    return [];
  },

  WriteCollection: (call) => writeAll(call, 'The collection to write'),

  /** `WriteCollection` for those who have the right to import. */
  ImportCollection: (call) => {
    assertRight(call.session.operator, 'import', 'import documents');
    return writeAll(call, 'The collection to import');
  },

  NewInstance: (call) => instanceOutput(call),
  SetDefaults: (call) => instanceOutput(call),
  SetDefaultValues: (call) => instanceOutput(call),

  GetDefaultEntity: (call) => {
    const schema = rowSchema(textArgument(call, 0), call);
    const row = newInstance(undefined, schema, writeContext(call));
    return [{ name: 'pdomEntity', type: 'element', element: formatEntity(schema, row, call.view) }];
  },

  /** Writes the object and gives it back with what the server added. */
  Store: (call) => {
    const schema = entitySchema(call);
    const document = requiredElement(call, 0, 'The document to write');
    write({ ...document, attributes: { ...document.attributes, xtkschema: schema.id } }, call);
    const row = findByKey(keyOf(document, schema), schema, call);
    return [{ name: 'entity', type: 'element', element: row ? formatEntity(schema, row, call.view) : document }];
  },

  Load: (call) => {
    const schema = entitySchema(call);
    const row = requireByKey(textArgument(call, 1), schema, call);
    return [{ name: 'entity', type: 'element', element: formatEntity(schema, row, call.view) }];
  },

  /** The object without attributes where there is no such row. */
  LoadIfExists: (call) => {
    const schema = entitySchema(call);
    const row = findByKey(textArgument(call, 1), schema, call);
    const element = row
      ? formatEntity(schema, row, call.view)
      : { name: schema.name, attributes: {}, children: [], text: '' };
    return [{ name: 'entity', type: 'element', element }];
  },

  LoadAsText: (call) => {
    const pk = textArgument(call, 0);
    const schema = rowSchema(pk.split('|')[0] ?? '', call);
    const document = formatEntity(schema, requireByKey(pk, schema, call), call.view);
    return [{ name: 'pstrContent', type: 'string', text: formatXml(document) }];
  },

  /** A copy of a document, named `xtk:operator|1610` by its id, that is not kept: without ids, dates and what makes it unique. */
  Duplicate: (call) => [{ name: 'entity', type: 'element', element: duplicate(call) }],

  /** As `Duplicate`, for a folder of its own. */
  DuplicateTo: (call) => {
    const copy = duplicate(call);
    const folder = textArgument(call, 2).replace(/^.*\|/, '');
    return [
      {
        name: 'entity',
        type: 'element',
        element: { ...copy, attributes: { ...copy.attributes, 'folder-id': folder } },
      },
    ];
  },

  /** The object itself without what a copy must not have. */
  ApplyDuplicateRules: (call) => {
    const schema = entitySchema(call);
    const document = requiredElement(call, 0, 'The document');
    const attributes = withoutIdentity(document.attributes, schema);
    return [{ name: 'entity', type: 'element', element: { ...document, attributes } }];
  },

  Remove: (call) => {
    const schema = entitySchema(call);
    const document = elementArgument(call, 0);
    const key = document ? keyOf(document, schema) : textArgument(call, 0);
    const id = requireByKey(key, schema, call).values.id;
    const attributes = { xtkschema: schema.id, _operation: 'delete', _key: '@id', id: String(id) };
    write({ name: schema.name, attributes, children: [], text: '' }, call);
    return [];
  },

  /** The primary keys of the documents that a document stands for: `nms:recipient|1610`. */
  GetPkList: (call) => {
    const schema = entitySchema(call);
    const document = elementArgument(call, 0);
    const row = findByKey(document ? keyOf(document, schema) : textArgument(call, 0), schema, call);
    return [{ name: 'pstrPkList', type: 'string', text: row ? `${schema.id}|${row.values.id ?? ''}` : '' }];
  },

  /** Deletes the documents that a `where` finds. */
  DeleteCollection: (call) => {
    assertMayDelete(textArgument(call, 0), call.session.operator);
    deleteMatching(textArgument(call, 0), elementArgument(call, 1), writeContext(call));
    return [];
  },

  GetNewIds: (call) => [{ name: 'pstrIdList', type: 'string', text: newIds(call) }],
  GetNewIdsEx: (call) => [{ name: 'pstrIdList', type: 'string', text: newIds(call) }],

  /** A value as a data policy would have it stored. */
  FormatDataPolicy: (call) => {
    const [policy, value] = [textArgument(call, 0), textArgument(call, 1)];
    const format = DATA_POLICIES[policy];
    if (!format) throw new MethodError([`XTK-170006 Unknown data policy '${policy}'.`]);
    return [{ name: 'pstrResult', type: 'string', text: format(value) }];
  },
};

/** Methods that write the document of their first argument while it is read. */
export const DOCUMENT_METHODS: ReadonlyMap<Method | undefined, 'document' | 'collection'> = new Map([
  [PERSIST_METHODS.Write, 'document'],
  [PERSIST_METHODS.WriteCollection, 'collection'],
  [PERSIST_METHODS.ImportCollection, 'collection'],
]);

const DATA_POLICIES: Readonly<Record<string, (value: string) => string>> = {
  none: (value) => value,
  smartCase,
  lowerCase: (value) => value.toLowerCase(),
  upperCase: (value) => value.toUpperCase(),
  email: (value) => value.trim().toLowerCase(),
  phone: (value) => value.trim(),
  identifier: (value) => value.normalize('NFD').replace(/[^A-Za-z0-9_]/g, ''),
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

function writeAll({ writer, ...call }: MethodCall, what: string): readonly SoapOutput[] {
  const collection = requiredElement(call, 0, what);
  if (writer) writer.finish();
  else replayInto(collection, new DocumentWriter(call, 'collection'), call);
  return [];
}

function write(document: XmlElement, call: MethodCall): void {
  replayInto(document, new DocumentWriter(call, 'document'), call);
}

function replayInto(document: XmlElement, writer: DocumentWriter, { engine }: MethodCall): void {
  engine.store.transaction(() => {
    replayXml(document, writer);
    writer.finish();
  });
}

function instanceOutput(call: MethodCall): ReturnType<(typeof PERSIST_METHODS)[string]> {
  const schema = entitySchema(call);
  const row = newInstance(elementArgument(call, 0), schema, writeContext(call));
  return [{ name: 'entity', type: 'element', element: formatEntity(schema, row, call.view) }];
}

function duplicate(call: MethodCall): XmlElement {
  const schema = entitySchema(call);
  const { values } = requireByKey(textArgument(call, 1), schema, call);
  return formatValues(schema.root, schema.name, withoutIdentity(values, schema));
}

/** The schema of `xtk:persist|nms:recipient`. */
function entitySchema(call: MethodCall): RowSchema {
  return rowSchema(call.schemaId ?? '', call);
}

/** What a document is known by: its id, or its part of the first key that is made of one attribute. */
function keyOf({ attributes }: XmlElement, schema: RowSchema): string {
  const named = schema.keys.find(({ fields }) => fields.length === 1 && attributes[fields[0] ?? ''] !== undefined);
  return attributes.id || (named && attributes[named.fields[0] ?? '']) || '';
}

const IDENTITY: ReadonlySet<string> = new Set(['id', 'created', 'lastModified', 'createdBy-id', 'modifiedBy-id']);

function withoutIdentity<Kept extends RowValues>(values: Kept, schema: CompiledSchema): Kept {
  const unique = new Set(schema.keys.flatMap((key) => key.fields));
  const kept = Object.entries(values).filter(([path]) => !IDENTITY.has(path) && !unique.has(path));
  // Fewer entries of the same record.
  return Object.fromEntries(kept) as Kept;
}
