import {
  GraphQLBoolean,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { Catalog } from '../../model/catalog.js';
import type { TableMapping } from '../../model/mapping.js';
import { type AggregateTypes, aggregateField, buildAggregateTypes } from './aggregate-types.js';
import { buildAlternateKeys } from './alternate-keys.js';
import { buildSchemaTypes, type SchemasTypes, singleKey } from './campaign-types.js';
import { buildTableTypes, type TablesTypes } from './dynamics-types.js';
import { federationFields } from './federation.js';
import { compareCodePoints, createNames, legalName, type RootNames, schemaRootNames, tableRootNames } from './names.js';
import { nodeField } from './nodes.js';
import { type FieldConfig, type RecordTypes, recordField, recordsField } from './record-types.js';
import { buildSchemaWrites } from './schema-write-types.js';
import { type Build, createBuild } from './support-types.js';
import { buildUnifiedTypes, type MappingsTypes } from './unified-types.js';
import { buildUnifiedWrites } from './unified-write-types.js';
import { buildTableWrites } from './write-types.js';

/** What the catalog adds to a GraphQL schema: fields of the root types, and every type they lead to. */
export interface GeneratedFields {
  readonly queryFields: Record<string, FieldConfig>;
  readonly mutationFields: Record<string, FieldConfig>;
  readonly types: readonly GraphQLNamedType[];
}

/** Adds nothing. */
export const NO_FIELDS: GeneratedFields = { queryFields: {}, mutationFields: {}, types: [] };

/**
 * Builds the namespaces `dynamics`, `campaign` and `unified` of a catalog. The same catalog, in whatever order, gives the same names.
 * `beside` is the GraphQL schema that the result will be merged with: names it has are not given again, and its `PageInfo` and
 * `TotalCount` are shared.
 */
export function buildGeneratedSchema(
  catalog: Catalog,
  options: { readonly beside?: GraphQLSchema } = {},
): GeneratedFields {
  const { build, finish } = createBuild(options.beside ?? null);
  const tables = buildTableTypes(
    build,
    sortedBy(catalog.tables, (table) => table.logicalName),
  );
  const schemas = buildSchemaTypes(
    build,
    sortedBy(catalog.schemas, (schema) => schema.name),
  );
  const mappings = sortedBy(catalog.mappings, (mapping) => mapping.table);
  const unified = buildUnifiedTypes(build, mappings, { tables, schemas });
  const nodes = [...tables.values(), ...readableByKey(schemas), ...unified.values()];
  const aggregates = buildAggregateTypes(build, [...tables.values(), ...schemas.values(), ...unified.values()]);
  const from = {
    type: build.support.unifiedSource,
    defaultValue: 'DYNAMICS',
    description: 'The system that the list follows.',
  };
  const namespaces = [
    buildNamespace('Dynamics', 'What the Dynamics organization holds, table by table.', () =>
      dynamicsFields(build, tables, aggregates),
    ),
    buildNamespace('Campaign', 'What the Campaign instance holds, schema by schema.', () =>
      campaignFields(schemas, aggregates),
    ),
    buildNamespace('Unified', 'The records of the mapped tables, with both their sides.', () =>
      unifiedFields(unified, aggregates, { from }),
    ),
  ];
  return {
    queryFields: {
      ...Object.fromEntries(namespaces.map((type) => [type.name.toLowerCase(), namespaceField(type)])),
      node: nodeField(build, nodes),
      ...federationFields(build, nodes),
    },
    mutationFields: {
      ...tableWrites(build, mappings, tables),
      ...buildSchemaWrites(build, mappings, schemas),
      ...buildUnifiedWrites(build, [...unified.values()]),
    },
    types: [...namespaces, ...finish()],
  };
}

function dynamicsFields(
  { support }: Build,
  tables: TablesTypes,
  aggregates: AggregateTypes,
): Record<string, FieldConfig> {
  return rootFields([...tables.values()], (types) => {
    const { logicalName, setName, label, pluralLabel } = types.target.table;
    return {
      names: tableRootNames(logicalName, setName),
      one: recordField(
        types,
        `One record of ${label} by its id; null where there is none.`,
        buildAlternateKeys(support, types.target.table),
      ),
      many: recordsField(types, `Records of ${pluralLabel}.`),
      aggregate: aggregateField(aggregates, types, pluralLabel),
    };
  });
}

function campaignFields(schemas: SchemasTypes, aggregates: AggregateTypes): Record<string, FieldConfig> {
  return rootFields([...schemas.values()], (types) => {
    const { schema } = types.target;
    return {
      names: schemaRootNames(schema.name),
      // A key of several attributes is no id.
      one:
        singleKey(schema) && recordField(types, `One record of ${schema.label} by its key; null where there is none.`),
      many: recordsField(types, `Records of ${schema.label}.`),
      aggregate: aggregateField(aggregates, types, schema.label),
    };
  });
}

function unifiedFields(
  mappings: MappingsTypes,
  aggregates: AggregateTypes,
  args: GraphQLFieldConfigArgumentMap,
): Record<string, FieldConfig> {
  return rootFields([...mappings.values()], (types) => {
    const { logicalName, setName, label, pluralLabel } = types.target.table;
    return {
      names: tableRootNames(logicalName, setName),
      one: recordField(types, `One record of ${label} by its Dynamics id; null where neither system has it.`),
      many: recordsField(types, `Records of ${pluralLabel}.`, { args }),
      aggregate: aggregateField(aggregates, types, `${pluralLabel} of Dynamics`),
    };
  });
}

/** A key of several attributes, or one within an element, is no id, so that such records are no nodes. */
function readableByKey(schemas: SchemasTypes): readonly RecordTypes[] {
  return [...schemas.values()].filter(({ target: { schema } }) => {
    const key = singleKey(schema);
    return key !== null && schema.root.attributes.includes(key) && legalName(key.name) === key.name;
  });
}

/** Only what is mapped can be written: the tables beside it are there to be read. */
function tableWrites(
  build: Build,
  mappings: readonly TableMapping[],
  tables: TablesTypes,
): Record<string, FieldConfig> {
  const mapped = mappings.map((mapping) => tables.get(mapping.table)).filter((types) => types !== undefined);
  return Object.assign({}, ...mapped.map((types) => buildTableWrites(build, types)));
}

interface RootFields {
  readonly names: RootNames;
  readonly one: FieldConfig | null;
  readonly many: FieldConfig;
  readonly aggregate: FieldConfig;
}

function rootFields<Types extends RecordTypes>(
  kinds: readonly Types[],
  fieldsOf: (types: Types) => RootFields,
): Record<string, FieldConfig> {
  const names = createNames();
  const fields: Record<string, FieldConfig> = {};
  const all = kinds.map(fieldsOf);
  for (const { names: wanted, one, many } of all) {
    if (one) fields[names.claim(wanted.one)] = one;
    fields[names.claim(wanted.many)] = many;
  }
  // Last, so that what records are called by depends on no name of ours.
  for (const { names: wanted, aggregate } of all) fields[names.claim(`${wanted.many}Aggregate`)] = aggregate;
  return fields;
}

/** GraphQL allows no type without fields, and clients rely on the namespaces from the start. */
function buildNamespace(
  name: string,
  description: string,
  makeFields: () => Record<string, FieldConfig>,
): GraphQLObjectType {
  const placeholder = { type: GraphQLBoolean, description: 'Stands here until tables are mapped; always null.' };
  return new GraphQLObjectType({
    name,
    description,
    fields: () => {
      const fields = makeFields();
      return Object.keys(fields).length === 0 ? { _empty: placeholder } : fields;
    },
  });
}

function namespaceField(type: GraphQLObjectType): FieldConfig {
  return { type: new GraphQLNonNull(type), description: type.description, resolve: () => NAMESPACE };
}

/** The source of a namespace's fields, which need none. */
const NAMESPACE = {};

function sortedBy<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  return [...items].sort((left, right) => compareCodePoints(nameOf(left), nameOf(right)));
}
