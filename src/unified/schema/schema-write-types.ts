import {
  GraphQLBoolean,
  GraphQLID,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLNonNull,
  GraphQLObjectType,
} from 'graphql';
import {
  type CampaignSchema,
  enumeratedValues,
  neutralPath,
  type SchemaAttribute,
  type SchemaElement,
  type SchemaKey,
  type SchemaLink,
} from '../../model/campaign-schema.js';
import type { TableMapping } from '../../model/mapping.js';
import { listOf } from '../read-attributes.js';
import {
  createCampaignRecord,
  deleteCampaignRecord,
  updateCampaignRecord,
  upsertCampaignRecord,
  type WriteTarget,
} from '../resolvers/campaign-writes.js';
import {
  attributeOperators,
  attributeScalar,
  isComparable,
  isShown,
  isSupportedAttribute,
  mapParts,
  type SchemaBuild,
  type SchemasTypes,
  type SchemaTypes,
  singleKey,
} from './campaign-types.js';
import { inputOf, type KeyArguments } from './field-source.js';
import { elementTypeName, type MutationVerb, mutationName, nameScope } from './names.js';
import type { FieldConfig } from './record-types.js';
import type { Build } from './support-types.js';
import { inputArgument } from './write-types.js';

/**
 * The mutations of the mapped schemas: `createCampaignNmsRecipient`, `updateCampaignNmsRecipient`, `deleteCampaignNmsRecipient`, and
 * `upsertCampaignNmsRecipient` where the schema has a key that users know. None for a schema whose records have no single key.
 */
export function buildSchemaWrites(
  build: Build,
  mappings: readonly TableMapping[],
  schemas: SchemasTypes,
): Record<string, FieldConfig> {
  const links = createLinkInputs(build, schemas);
  const writes = [...schemas.values()].flatMap((types) => {
    const mapped = mappings.filter((mapping) => mapping.schema === types.target.schema.name);
    const mappingKeys = mapped.map((mapping) => neutralPath(mapping.key));
    return mapped.length === 0 ? [] : [buildWrites(build, links, { types, mappingKeys })];
  });
  return Object.assign({}, ...writes);
}

/** A schema whose records are to be written, and the paths of the attributes that hold Dynamics ids, which belong to the mappings. */
interface WritableSchema {
  readonly types: SchemaTypes;
  readonly mappingKeys: readonly string[];
}

function buildWrites(build: Build, links: LinkInputs, writable: WritableSchema): Record<string, FieldConfig> {
  const { object, target } = writable.types;
  const { typeName, schema } = target;
  const key = singleKey(schema);
  if (!key || !schema.root.attributes.includes(key)) return {};
  const input = buildInput(build, links, writable, key);
  const id = { type: new GraphQLNonNull(GraphQLID), description: `Key of the record: its ${key.name}.` };
  const written: WriteTarget = { target, key, hasOwnIds: isNumberedByCampaign(schema, key) };
  const name = (verb: MutationVerb) => build.mutations.claim(mutationName(verb, typeName));
  const fields: Record<string, FieldConfig> = {
    [name('delete')]: {
      type: new GraphQLNonNull(GraphQLBoolean),
      description: `Deletes a record of ${schema.label} in Campaign; false where there is none.`,
      args: { id },
      resolve: deleteCampaignRecord(written),
    },
  };
  if (!input) return fields;
  const args = { input: inputArgument(input) };
  fields[name('create')] = {
    type: new GraphQLNonNull(object),
    description: `Makes a record of ${schema.label} in Campaign.`,
    args: written.hasOwnIds ? args : { id, ...args },
    resolve: createCampaignRecord(written),
  };
  fields[name('update')] = {
    type: new GraphQLNonNull(object),
    description: `Changes what is given of a record of ${schema.label} in Campaign; null empties. Campaign keeps no versions: the last write counts.`,
    args: { id, ...args },
    resolve: updateCampaignRecord(written),
  };
  const keys = keyFields(build, writable.types, ['input'], (one) => isForUpserts(one, writable, key));
  if (keys.keys.length > 0) {
    fields[name('upsert')] = {
      type: new GraphQLNonNull(buildUpsertPayload(build, writable.types)),
      description: `Changes the record of ${schema.label} in Campaign that has the key given, or makes it with that.`,
      args: { ...keys.fields, ...args },
      resolve: upsertCampaignRecord(written, keys.keys),
    };
  }
  return fields;
}

function isNumberedByCampaign({ sequence }: CampaignSchema, key: SchemaAttribute): boolean {
  return sequence === undefined ? key.name === 'id' : sequence !== null;
}

/** Ids that Campaign gives are not for users to choose, those of Dynamics belong to the mapping. */
function isForUpserts({ fields }: SchemaKey, { types, mappingKeys }: WritableSchema, key: SchemaAttribute): boolean {
  const isId = fields.length === 1 && fields[0] === key.name;
  return (
    !(isId && isNumberedByCampaign(types.target.schema, key)) && !fields.some((path) => mappingKeys.includes(path))
  );
}

function buildUpsertPayload(build: Build, { object, target }: SchemaTypes): GraphQLObjectType {
  const created = {
    type: new GraphQLNonNull(GraphQLBoolean),
    description: 'Whether there was no such record, as asked just before the write.',
  };
  const record = { type: object, description: 'The record as Campaign then holds it.' };
  return build.add(
    new GraphQLObjectType({
      name: build.names.claim(`Upsert${target.typeName}Payload`),
      description: 'What an upsert did.',
      fields: () => ({ created, record }),
    }),
  );
}

/** The keys of a schema as arguments or fields of an input, one whole key of which is to be given. */
interface KeyFields {
  readonly fields: Record<string, { readonly type: GraphQLInputType; readonly description: string }>;
  readonly keys: readonly KeyArguments[];
}

/** Only keys over attributes of the root element that records can be found by. */
function keyFields(
  build: Build,
  { target: { schema } }: SchemaTypes,
  taken: readonly string[],
  isWanted: (key: SchemaKey) => boolean,
): KeyFields {
  const schemaBuild = { build, schema, types: new Map(), key: singleKey(schema) };
  const found = schema.keys.filter(isWanted).map(({ fields }) => keyAttributes(schema, fields));
  const keys = found.filter((attributes) => attributes !== null);
  const attributes = [...new Set(keys.flat())];
  const names = nameScope(
    attributes.map(({ name }) => name),
    taken,
  );
  const nameOf = ({ name }: SchemaAttribute) => names.get(name) ?? name;
  const fieldOf = (attribute: SchemaAttribute) => ({
    type: scalarOf(attribute, schemaBuild),
    description: `A key, or part of one: ${attribute.label}`,
  });
  return {
    fields: Object.fromEntries(attributes.map((attribute) => [nameOf(attribute), fieldOf(attribute)])),
    keys: keys.map((key) =>
      key.map((attribute) => {
        const { value } = attributeOperators(schemaBuild, attribute);
        return { argument: nameOf(attribute), path: attribute.name, value };
      }),
    ),
  };
}

function keyAttributes({ root }: CampaignSchema, fields: readonly string[]): readonly SchemaAttribute[] | null {
  const attributes = fields.flatMap((name) => root.attributes.find((attribute) => attribute.name === name) ?? []);
  const isWhole = attributes.length === fields.length && fields.length > 0;
  return isWhole && attributes.every((attribute) => isComparable(attribute) && !attribute.computed) ? attributes : null;
}

/** Null where nothing can be written. */
function buildInput(
  build: Build,
  links: LinkInputs,
  { types, mappingKeys }: WritableSchema,
  key: SchemaAttribute,
): GraphQLInputObjectType | null {
  const { schema, typeName } = types.target;
  const tied = new Map<SchemaLink, LinkInput>();
  for (const link of schema.root.links) {
    const input = links.of(schema.root, link);
    if (input) tied.set(link, input);
  }
  const foreignKeys = [...tied.keys()].flatMap(({ join }) => join.map((pair) => pair.source));
  const taken = new Set([...mappingKeys, key.name, ...OF_THE_SERVER, ...foreignKeys]);
  const schemaBuild: SchemaBuild = { build, schema, types: links.schemas, key };
  return buildElementInput({ schemaBuild, taken, linkInputs: tied }, schema.root, typeName, '');
}

/** What Campaign itself keeps of each record: when it was made and changed and by whom, and the memo in which it keeps what has no column. */
const OF_THE_SERVER = ['created', 'lastModified', 'createdBy-id', 'modifiedBy-id', 'data'];

/** Links that Campaign ties itself likewise. */
const AUDIT_LINKS: ReadonlySet<string> = new Set(['createdBy', 'modifiedBy']);

interface InputBuild {
  readonly schemaBuild: SchemaBuild;
  /** Paths that are not written, or not as attributes. */
  readonly taken: ReadonlySet<string>;
  readonly linkInputs: ReadonlyMap<SchemaLink, LinkInput>;
}

function buildElementInput(
  inputBuild: InputBuild,
  element: SchemaElement,
  typeName: string,
  prefix: string,
): GraphQLInputObjectType | null {
  const { build } = inputBuild.schemaBuild;
  const attributes = element.attributes.filter((attribute) => isWritable(inputBuild, attribute, prefix));
  const nested = new Map(
    element.elements
      .filter(isShown)
      .map((child) => [
        child.name,
        buildElementInput(inputBuild, child, elementTypeName(typeName, child.name), `${prefix}${child.name}/`),
      ]),
  );
  if (attributes.length === 0 && [...nested.values()].every((type) => type === null)) return null;
  return build.add(
    new GraphQLInputObjectType({
      name: build.names.claim(`${typeName}Input`),
      description: `${element.label}: what is left out is not written.`,
      fields: () => inputFields(inputBuild, element, { attributes, nested }),
    }),
  );
}

function isWritable({ taken }: InputBuild, attribute: SchemaAttribute, prefix: string): boolean {
  return !attribute.computed && isSupportedAttribute(attribute) && !taken.has(`${prefix}${attribute.name}`);
}

function inputFields(
  { schemaBuild, linkInputs }: InputBuild,
  element: SchemaElement,
  parts: {
    readonly attributes: readonly SchemaAttribute[];
    readonly nested: ReadonlyMap<string, GraphQLInputObjectType | null>;
  },
): Record<string, GraphQLInputFieldConfig> {
  return mapParts<GraphQLInputFieldConfig>(schemaBuild, { element }, ['nodeId'], {
    attribute: (attribute) =>
      parts.attributes.includes(attribute) ? attributeField(schemaBuild.schema, attribute) : null,
    element: (child) => {
      const type = parts.nested.get(child.name);
      return type
        ? { type, description: child.label, extensions: inputOf({ kind: 'element', name: child.name }) }
        : null;
    },
    link: (link) => linkField(link, linkInputs.get(link) ?? null),
  });
}

function attributeField(schema: CampaignSchema, attribute: SchemaAttribute): GraphQLInputFieldConfig {
  const values = enumeratedValues(schema, attribute);
  const description = values.length === 0 ? attribute.label : `${attribute.label}: ${listOf(values)}`;
  return { type: scalarOf(attribute), description, extensions: inputOf({ kind: 'attribute', attribute, values }) };
}

/** The input that names the record at the end of a link. */
interface LinkInput {
  readonly type: GraphQLInputObjectType;
  readonly key: string;
  readonly keys: readonly KeyArguments[];
}

/** The inputs that name linked records, one for each schema that links lead to. */
interface LinkInputs {
  readonly schemas: SchemasTypes;
  /** Null for a link that is not set as such. */
  of(root: SchemaElement, link: SchemaLink): LinkInput | null;
}

function createLinkInputs(build: Build, schemas: SchemasTypes): LinkInputs {
  const inputs = new Map<string, LinkInput | null>();
  return {
    schemas,
    of(root, link) {
      const types = schemas.get(link.target);
      const key = types && singleKey(types.target.schema);
      if (!types || !key || !isTiedBy(root, link, key)) return null;
      const known = inputs.get(link.target);
      const input = known === undefined ? buildLinkInput(build, types, key) : known;
      inputs.set(link.target, input);
      return input;
    },
  };
}

/**
 * Whether a link is tied by a foreign key of its own, as `folder` by `@folder-id`: it is set by a key of the record it leads to. Any other
 * link follows from attributes that are written as such.
 */
function isTiedBy(root: SchemaElement, { name, cardinality, join }: SchemaLink, key: SchemaAttribute): boolean {
  const [pair, ...others] = join;
  if (!pair || others.length > 0 || cardinality === 'many' || AUDIT_LINKS.has(name)) return false;
  const isHere = root.attributes.some((attribute) => attribute.name === pair.source);
  return isHere && pair.source.endsWith('-id') && pair.destination === key.name;
}

/** Null where no key can name a record. */
function buildLinkInput(build: Build, types: SchemaTypes, key: SchemaAttribute): LinkInput | null {
  const { fields, keys } = keyFields(build, types, [], () => true);
  if (keys.length === 0) return null;
  const type = build.add(
    new GraphQLInputObjectType({
      name: build.names.claim(`${types.target.typeName}Key`),
      description: `Which record of ${types.target.schema.label}: one whole key of it.`,
      fields,
    }),
  );
  return { type, key: key.name, keys };
}

function linkField(link: SchemaLink, input: LinkInput | null): GraphQLInputFieldConfig | null {
  if (!input) return null;
  const { type, key, keys } = input;
  return {
    type,
    description: `${link.label}. The record there is not changed; null unties the link.`,
    extensions: inputOf({ kind: 'link', name: link.name, key, keys }),
  };
}

/** A key that alone is the primary one is an id. */
function scalarOf(attribute: SchemaAttribute, schemaBuild?: Pick<SchemaBuild, 'key'>): GraphQLInputType {
  return attribute === schemaBuild?.key ? GraphQLID : attributeScalar(attribute);
}
