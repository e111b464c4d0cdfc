import { isDeepStrictEqual } from 'node:util';
import {
  BreakingChangeType,
  DangerousChangeType,
  findBreakingChanges,
  findDangerousChanges,
  type GraphQLNamedType,
  GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
  isUnionType,
} from 'graphql';
import type { Catalog } from '../model/catalog.js';
import type { GraphChange } from '../model/graph-change.js';
import { composeSchema } from './compose-schema.js';
import { buildGeneratedSchema } from './schema/build-generated-schema.js';
import { fieldSource, type RecordTarget } from './schema/field-source.js';

/** To compare is to build types with all their fields, while nothing else is done. */
const MOST_COMPARED = 100;

/**
 * Compares the graphs of two catalogs. Only types of tables and schemas that changed are built for it, and of more than a hundred those of
 * the first: what changed comes before what is gone, and that before what is new. What is told is of the records and the inputs that write
 * them: the other types that go with a record (its filter, its page, its groups) change as it does.
 */
export function findGraphChanges(before: Catalog, after: Catalog): readonly GraphChange[] {
  const names = changedNames(before, after);
  if (names.size === 0) return [];
  const [old, current] = [graphOf(before, names), graphOf(after, names)];
  const owners = new Map([...ownersOf(current), ...ownersOf(old)]);
  const changes = [
    ...findBreakingChanges(old, current).map((change) => ({ kind: 'BREAKING' as const, ...change })),
    ...findDangerousChanges(old, current).map((change) => ({ kind: 'DANGEROUS' as const, ...change })),
    ...additions(old, current).map((description) => ({ kind: 'ADDITION' as const, type: 'ADDED', description })),
  ];
  const removed = new Set(changes.flatMap((change) => removedField(old, change) ?? []));
  return changes
    .filter((change) => !isSaidTwice(old, removed, change))
    .flatMap(({ kind, description: detail }) => {
      const subject = subjectOf(detail);
      const owner = owners.get(subject.split('.')[0] ?? '');
      return owner ? [{ kind, ...owner, subject, detail }] : [];
    });
}

/** The table or schema that a type is made of. */
type Owner = Pick<GraphChange, 'system' | 'name'>;

/** The tables and schemas that are not as they were, and tables with lookups to those that came or went. */
function changedNames(before: Catalog, after: Catalog): ReadonlySet<string> {
  const tables = differing(before.tables, after.tables, ({ logicalName }) => logicalName);
  const schemas = differing(before.schemas, after.schemas, ({ name }) => name);
  const [old, current] = [before, after].map((catalog) => new Set(catalog.tables.map((table) => table.logicalName)));
  const moved = new Set(tables.filter((name) => !old?.has(name) || !current?.has(name)));
  const leading = before.tables.filter(({ columns }) =>
    columns.some(({ targets }) => targets.some(({ table }) => moved.has(table))),
  );
  const changed = [...tables.filter((name) => !moved.has(name)), ...leading.map(({ logicalName }) => logicalName)];
  const gone = [...moved].filter((name) => old?.has(name));
  return new Set([...new Set([...changed, ...schemas, ...gone, ...moved])].slice(0, MOST_COMPARED));
}

function differing<Description>(
  before: readonly Description[],
  after: readonly Description[],
  nameOf: (description: Description) => string,
): readonly string[] {
  const old = new Map(before.map((description) => [nameOf(description), description]));
  const current = new Map(after.map((description) => [nameOf(description), description]));
  const names = new Set([...old.keys(), ...current.keys()]);
  return [...names].filter((name) => !isDeepStrictEqual(old.get(name), current.get(name)));
}

/** The graph of these tables and schemas alone, with the mappings that tie them and what these lead to. */
function graphOf({ tables, schemas, mappings }: Catalog, names: ReadonlySet<string>): GraphQLSchema {
  const tied = mappings.filter(({ table, schema }) => names.has(table) || names.has(schema));
  const wanted = new Set([...names, ...tied.flatMap(({ table, schema }) => [table, schema])]);
  const part: Catalog = {
    tables: tables.filter(({ logicalName }) => wanted.has(logicalName)),
    schemas: schemas.filter(({ name }) => wanted.has(name)),
    mappings: tied,
  };
  const frame = new GraphQLSchema({});
  return composeSchema(frame, buildGeneratedSchema(part, { beside: frame }));
}

/** The types that are told of, by name: records with their elements and lookups, and the inputs that write them. */
function ownersOf(schema: GraphQLSchema): ReadonlyMap<string, Owner> {
  const owners = new Map<string, Owner>();
  const addParts = (type: GraphQLNamedType, owner: Owner): void => {
    if (owners.has(type.name)) return;
    owners.set(type.name, owner);
    if (!isObjectType(type)) return;
    for (const verb of ['Create', 'Update']) owners.set(`${verb}${type.name}Input`, owner);
    for (const field of Object.values(type.getFields())) {
      const part = getNamedType(field.type);
      if (isUnionType(part) || fieldSource(field)?.kind === 'element') addParts(part, owner);
    }
  };
  for (const namespace of NAMESPACES) {
    const type = schema.getType(namespace);
    for (const field of isObjectType(type) ? Object.values(type.getFields()) : []) {
      const source = fieldSource(field);
      const record = source?.kind === 'records' ? schema.getType(source.target.typeName) : undefined;
      if (source?.kind === 'records' && record) addParts(record, ownerOf(source.target));
    }
  }
  return owners;
}

const NAMESPACES = ['Dynamics', 'Campaign', 'Unified'];

function ownerOf(target: RecordTarget): Owner {
  if (target.system === 'campaign') return { system: 'campaign', name: target.schema.name };
  return { system: 'dynamics', name: target.table.logicalName };
}

interface Change {
  readonly type: string;
  readonly description: string;
}

/** The name of the field that a record lost. */
function removedField(old: GraphQLSchema, { type, description }: Change): string | null {
  const [typeName = '', field = ''] = subjectOf(description).split('.');
  return type === BreakingChangeType.FIELD_REMOVED && isObjectType(old.getType(typeName)) ? field : null;
}

/** A column that goes takes its place in inputs with it, and one that comes may be given there: its record tells so. */
function isSaidTwice(old: GraphQLSchema, removed: ReadonlySet<string>, { type, description }: Change): boolean {
  if (type === DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED) return true;
  const [typeName = '', field = ''] = subjectOf(description).split('.');
  if (!isInputObjectType(old.getType(typeName))) return false;
  return type === BreakingChangeType.TYPE_REMOVED || removed.has(field);
}

function additions(old: GraphQLSchema, current: GraphQLSchema): readonly string[] {
  return Object.values(current.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type)) return [];
    const before = old.getType(type.name);
    if (!isObjectType(before)) return [`${type.name} was added.`];
    const known = before.getFields();
    const added = Object.keys(type.getFields()).filter((name) => !(name in known));
    return added.map((name) => `${type.name}.${name} was added.`);
  });
}

/** Of "DynamicsContact.jobtitle was removed." it is `DynamicsContact.jobtitle`; of "A was added to union type B." it is `B`. */
function subjectOf(detail: string): string {
  const [, field, input] = /^An? \w+ field (\w+) on input type (\w+)/.exec(detail) ?? [];
  if (field && input) return `${input}.${field}`;
  const [, argument] = /^An? \w+ arg \w+ on ([\w.]+\w)/.exec(detail) ?? [];
  const [, member] = /(?:union|enum) type (\w+)/.exec(detail) ?? [];
  return argument ?? member ?? /^[\w.]*\w/.exec(detail)?.[0] ?? detail;
}
