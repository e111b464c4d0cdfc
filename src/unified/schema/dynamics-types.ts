import { GraphQLObjectType } from 'graphql';
import { type Column, findColumn, type Relationship, type Table } from '../../model/table.js';
import { resolveProperty } from '../resolvers/fields.js';
import {
  buildLookupUnions,
  columnFilters,
  columnOrders,
  columnType,
  describeColumn,
  isLookup,
  isShown,
  isSupported,
  type LookupMember,
  type LookupUnions,
  lookupField,
} from './columns.js';
import { isthmus, type TableTarget, type UnifiedTarget } from './field-source.js';
import { dynamicsTypeName, nameScope } from './names.js';
import { nodeParts } from './nodes.js';
import {
  buildConnection,
  buildFilter,
  buildOrder,
  type FieldConfig,
  RECORD_TYPE_SUFFIXES,
  type RecordTypes,
  recordsField,
} from './record-types.js';
import type { Build, SupportTypes } from './support-types.js';

/** The types of a table, with what other types need to lead to them. */
export interface TableTypes extends RecordTypes {
  readonly target: TableTarget;
}

/** Types by logical name of the table. */
export type TablesTypes = ReadonlyMap<string, TableTypes>;

/** Builds the types of every table: the record, its page, its filter and its order. */
export function buildTableTypes(build: Build, tables: readonly Table[]): TablesTypes {
  const types = new Map<string, TableTypes>();
  for (const table of tables) types.set(table.logicalName, buildTable(build, table, types));
  return types;
}

function buildTable(build: Build, table: Table, types: TablesTypes): TableTypes {
  const name = build.names.claim(dynamicsTypeName(table.logicalName), RECORD_TYPE_SUFFIXES);
  const columns = table.columns.filter(isSupported);
  const lookups = columns.filter(isLookup);
  const unions = buildLookupUnions(build, name, {
    named: lookups,
    lookups: () => lookups,
    targetOf: (target) => types.get(target),
  });
  const { interfaces, nodeId } = nodeParts(build, name, table.primaryId);
  const object = build.add(
    new GraphQLObjectType({
      name,
      description: `${table.label}: a record of the Dynamics table ${table.logicalName}.`,
      interfaces,
      fields: () => ({ nodeId, ...recordFields(build, table, types, unions) }),
    }),
  );
  return {
    object,
    target: { system: 'dynamics', typeName: name, table, related: (other) => types.get(other)?.target.table },
    connection: buildConnection(build, object),
    filter: buildFilter(build, `${name}Filter`, () =>
      columnFilters(build.support, columns, table, (other) => types.get(other)?.filter),
    ),
    order: buildOrder(build, `${name}Order`, () => columnOrders(build.support, columns)),
  };
}

function recordFields(
  build: Build,
  table: Table,
  types: TablesTypes,
  unions: LookupUnions,
): Record<string, FieldConfig> {
  const columns = table.columns.filter(isShown);
  const names = nameScope(
    columns.map((column) => column.name),
    ['nodeId'],
  );
  const fields: Record<string, FieldConfig> = {};
  for (const column of columns) {
    const name = names.get(column.name) ?? column.name;
    fields[name] = isLookup(column)
      ? lookupField(build, column, { targetOf: (target) => types.get(target), unions })
      : columnField(build.support, table, column, name);
  }
  return { ...fields, ...relatedFields(table, types, ['nodeId', ...Object.keys(fields)], table.primaryId) };
}

function columnField(support: SupportTypes, table: Table, column: Column, name: string): FieldConfig {
  return {
    type: columnType(support, table, column),
    description: describeColumn(column),
    extensions: isthmus({ kind: 'column', column: column.name }),
    ...(name === column.name ? {} : { resolve: resolveProperty(column.name) }),
  };
}

/** The relationships of a table to many records of another of the graph, under their navigation property names. */
export function relatedFields(
  table: Table,
  types: ReadonlyMap<string, RecordTypes & LookupMember & { readonly target: TableTarget | UnifiedTarget }>,
  taken: readonly string[],
  id: string,
): Record<string, FieldConfig> {
  const related = table.relationships.flatMap((relationship) => {
    const target = types.get(relationship.table);
    const path = target && pathBack(table, relationship, target.target.table);
    return target && path ? [{ ...relationship, target, path }] : [];
  });
  const names = nameScope(
    related.map(({ navigation }) => navigation),
    taken,
  );
  const fields: Record<string, FieldConfig> = {};
  for (const { navigation, table: other, path, target, kind } of related) {
    const tie = kind === 'one-to-many' ? `whose ${path} is this one` : 'that are tied to this one';
    fields[names.get(navigation) ?? navigation] = recordsField(target, `Records of ${other} ${tie}.`, {
      related: { kind: 'related', table, navigation, column: path, id, target: target.target },
    });
  }
  return fields;
}

/** Where records of the other table hold the id of this one; null where there is no way back that a filter could take. */
function pathBack(table: Table, relationship: Relationship, other: Table): string | null {
  if (relationship.kind === 'one-to-many') {
    const lookup = findColumn(other, relationship.column);
    return lookup && isSupported(lookup) ? lookup.name : null;
  }
  const isSelf = other.logicalName === table.logicalName;
  const back = other.relationships.find(
    ({ kind, name, table: end, navigation }) =>
      kind === 'many-to-many' &&
      name === relationship.name &&
      end === table.logicalName &&
      // Within one table the two directions are told apart by their navigation properties.
      !(isSelf && navigation === relationship.navigation),
  );
  return back ? `${back.navigation}/${table.primaryId}` : null;
}
