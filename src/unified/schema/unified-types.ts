import {
  type GraphQLArgumentConfig,
  GraphQLID,
  type GraphQLInputFieldConfig,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  getNullableType,
} from 'graphql';
import { type CampaignSchema, findAttribute, neutralPath } from '../../model/campaign-schema.js';
import type { TableMapping } from '../../model/mapping.js';
import { type Column, findColumn, type Table } from '../../model/table.js';
import {
  resolveCampaignSide,
  resolveDrift,
  resolveDynamicsSide,
  resolveSyncState,
  resolveUnifiedColumn,
  resolveUnifiedLookup,
} from '../resolvers/fields.js';
import { MAX_CAMPAIGN_MATCHES } from '../resolvers/unified-records.js';
import { mergeSelections } from '../selections.js';
import type { SchemasTypes, SchemaTypes } from './campaign-types.js';
import {
  buildLookupUnions,
  columnFilters,
  columnOrders,
  columnType,
  describeColumn,
  isLookup,
  isSupported,
  type LookupMember,
  type LookupUnions,
  lookupField,
} from './columns.js';
import { relatedFields, type TablesTypes, type TableTypes } from './dynamics-types.js';
import { type Compared, isthmus, type UnifiedTarget } from './field-source.js';
import { FILTER_WORDS, nameScope, UNIFIED_WORDS, unifiedTypeName } from './names.js';
import { nodeParts } from './nodes.js';
import {
  buildConnection,
  buildFilter,
  buildOrder,
  type FieldConfig,
  RECORD_TYPE_SUFFIXES,
  type RecordTypes,
} from './record-types.js';
import type { Build } from './support-types.js';

/** The types of a table mapping. */
export interface UnifiedTypes extends RecordTypes {
  readonly target: UnifiedTarget;
}

/** Types by logical name of the mapped table. */
export type MappingsTypes = ReadonlyMap<string, UnifiedTypes>;

/** The types of both systems, which those of the unified records refer to. */
export interface SystemTypes {
  readonly tables: TablesTypes;
  readonly schemas: SchemasTypes;
}

/** Builds the types of every mapping whose table and schema the catalog describes. */
export function buildUnifiedTypes(
  build: Build,
  mappings: readonly TableMapping[],
  systems: SystemTypes,
): MappingsTypes {
  const types = new Map<string, UnifiedTypes>();
  for (const mapping of mappings) {
    const table = systems.tables.get(mapping.table);
    const schema = systems.schemas.get(mapping.schema);
    if (table && schema) types.set(mapping.table, buildMapping({ build, systems, types, mapping, table, schema }));
  }
  return types;
}

interface MappingBuild {
  readonly build: Build;
  readonly systems: SystemTypes;
  readonly types: MappingsTypes;
  readonly mapping: TableMapping;
  readonly table: TableTypes;
  readonly schema: SchemaTypes;
}

function buildMapping(mappingBuild: MappingBuild): UnifiedTypes {
  const { build, mapping, systems } = mappingBuild;
  const { table } = mappingBuild.table.target;
  const { schema } = mappingBuild.schema.target;
  const name = build.names.claim(unifiedTypeName(table.logicalName), RECORD_TYPE_SUFFIXES);
  const columns = mappedColumns(table, mapping);
  const lookups = table.columns.filter((column) => isSupported(column) && isLookup(column));
  const target: UnifiedTarget = {
    system: 'unified',
    typeName: name,
    table,
    schema,
    related: mappingBuild.table.target.related,
    mapping,
    compared: compared(table, schema, mapping),
  };
  const unions = buildLookupUnions(build, name, {
    named: lookups,
    lookups: () => shownColumns(mappingBuild, target).filter(isLookup),
    targetOf: (other) => memberOf(mappingBuild, other),
  });
  const { interfaces, nodeId } = nodeParts(build, name, 'id');
  const object = build.add(
    new GraphQLObjectType({
      name,
      description: `${table.label}: a record of the Dynamics table ${table.logicalName} together with its ${schema.name} in Campaign.`,
      interfaces,
      fields: () => ({ nodeId, ...recordFields(mappingBuild, target, unions) }),
    }),
  );
  return {
    object,
    target,
    listArguments: { campaignFilter: campaignFilterArgument(mappingBuild.schema) },
    connection: buildConnection(build, object),
    filter: buildFilter(build, `${name}Filter`, () => ({
      id: idInput(build.support.filters.id, table),
      ...columnFilters(
        build.support,
        shownColumns(mappingBuild, target),
        table,
        (other) => systems.tables.get(other)?.filter,
        [...FILTER_WORDS, ...UNIFIED_WORDS],
      ),
    })),
    order: buildOrder(build, `${name}Order`, () => ({
      id: idInput(build.support.orderDirection, table),
      ...columnOrders(build.support, columns, UNIFIED_WORDS),
    })),
  };
}

function campaignFilterArgument({ filter, target: { schema } }: SchemaTypes): GraphQLArgumentConfig {
  return {
    type: filter,
    description: `Only records whose ${schema.name} in Campaign matches. Where the list follows Dynamics, at most ${MAX_CAMPAIGN_MATCHES} may match.`,
  };
}

function idInput(type: GraphQLInputType, table: Table): GraphQLInputFieldConfig {
  const extensions = isthmus({ kind: 'value', path: table.primaryId, value: 'guid' });
  return { type, description: 'The Dynamics id.', extensions };
}

/** What can be compared: fields whose column and attribute both systems still describe. */
function compared(table: Table, schema: CampaignSchema, mapping: TableMapping): Compared {
  const fields = mapping.fields.filter(
    (field) => findColumn(table, field.column)?.readable && findAttribute(schema, field.path),
  );
  return {
    mapping: { ...mapping, fields },
    dynamics: mergeSelections({ fields: fields.map((field) => field.column) }),
    campaign: mergeSelections({ fields: fields.map((field) => neutralPath(field.path)) }),
  };
}

function mappedColumns(table: Table, mapping: TableMapping): readonly Column[] {
  const names = new Set(mapping.fields.map((field) => field.column));
  return table.columns.filter((column) => names.has(column.name) && isSupported(column));
}

function recordFields(
  mappingBuild: MappingBuild,
  target: UnifiedTarget,
  unions: LookupUnions,
): Record<string, FieldConfig> {
  const columns = shownColumns(mappingBuild, target);
  const names = nameScope(
    columns.map((column) => column.name),
    UNIFIED_WORDS,
  );
  const fields: Record<string, FieldConfig> = sideFields(mappingBuild, target);
  for (const column of columns) {
    const name = names.get(column.name) ?? column.name;
    fields[name] = isLookup(column)
      ? lookupField(mappingBuild.build, column, {
          targetOf: (table) => memberOf(mappingBuild, table),
          unions,
          resolve: resolveUnifiedLookup(target, column.name),
        })
      : {
          type: getNullableType(columnType(mappingBuild.build.support, target.table, column)),
          description: describeColumn(column),
          extensions: isthmus({ kind: 'column', column: column.name }),
          resolve: resolveUnifiedColumn(target, column.name),
        };
  }
  return { ...fields, ...relatedFields(target.table, mappingBuild.types, ['nodeId', ...Object.keys(fields)], 'id') };
}

/** The mapped columns, and every lookup that may lead to a mapped table. */
function shownColumns({ types }: MappingBuild, { table, mapping }: UnifiedTarget): readonly Column[] {
  const mapped = mappedColumns(table, mapping);
  const isRelationship = (column: Column) =>
    isLookup(column) && column.targets.some((target) => types.has(target.table));
  return table.columns.filter((column) => mapped.includes(column) || (isSupported(column) && isRelationship(column)));
}

/** A mapped table is shown as unified records, another table of the graph as Dynamics records. */
function memberOf({ types, systems }: MappingBuild, table: string): LookupMember | undefined {
  return types.get(table) ?? systems.tables.get(table);
}

/** What a unified record has beyond its columns. Only the id is never null: a fault of one system leaves what the other has. */
function sideFields({ build, table, schema }: MappingBuild, target: UnifiedTarget): Record<string, FieldConfig> {
  const { support } = build;
  return {
    id: { type: new GraphQLNonNull(GraphQLID), description: 'The Dynamics id.', extensions: isthmus({ kind: 'id' }) },
    dynamics: {
      type: table.object,
      description: 'The Dynamics side; null where Dynamics has no such record.',
      extensions: isthmus({ kind: 'dynamics', unified: target }),
      resolve: resolveDynamicsSide,
    },
    campaign: {
      type: schema.object,
      description: 'The Campaign side; null where no Campaign record holds the id.',
      extensions: isthmus({ kind: 'campaign', unified: target }),
      resolve: resolveCampaignSide,
    },
    syncState: {
      type: support.syncState,
      description: 'Needs both systems; null, with an error, where one of them fails.',
      extensions: isthmus({ kind: 'syncState', unified: target }),
      resolve: resolveSyncState,
    },
    drift: {
      type: new GraphQLList(new GraphQLNonNull(support.fieldDrift)),
      description: 'The mapped fields that differ. Needs both systems; null, with an error, where one of them fails.',
      extensions: isthmus({ kind: 'drift', unified: target }),
      resolve: resolveDrift,
    },
  };
}
