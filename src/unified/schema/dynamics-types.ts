import { GraphQLObjectType } from 'graphql';
import { type Column, findColumn, type OneToMany, type Table } from '../../model/table.js';
import { resolveProperty } from '../resolvers/fields.js';
import {
  columnFilters,
  columnOrders,
  columnType,
  describeColumn,
  isLookup,
  isSupported,
  type LookupMember,
  lookupField,
} from './columns.js';
import { isthmus, type TableTarget } from './field-source.js';
import { dynamicsTypeName, elementTypeName, nameScope } from './names.js';
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
  // Unions get their names here, while tables are gone through in order, and not later when GraphQL asks for the fields.
  const lookups = new Map(
    columns.filter(isLookup).map((column) => [column.name, build.names.claim(elementTypeName(name, column.name))]),
  );
  const object = build.add(
    new GraphQLObjectType({
      name,
      description: `${table.label}: a record of the Dynamics table ${table.logicalName}.`,
      fields: () => recordFields(build, table, columns, types, lookups),
    }),
  );
  return {
    object,
    target: { system: 'dynamics', typeName: name, table },
    connection: buildConnection(build, object),
    filter: buildFilter(build, `${name}Filter`, () => columnFilters(build.support, columns, table)),
    order: buildOrder(build, `${name}Order`, () => columnOrders(build.support, columns)),
  };
}

function recordFields(
  build: Build,
  table: Table,
  columns: readonly Column[],
  types: TablesTypes,
  unionNames: ReadonlyMap<string, string>,
): Record<string, FieldConfig> {
  const names = nameScope(columns.map((column) => column.name));
  const fields: Record<string, FieldConfig> = {};
  for (const column of columns) {
    const name = names.get(column.name) ?? column.name;
    fields[name] = isLookup(column)
      ? lookupField(build, column, {
          targetOf: (target) => types.get(target),
          unionName: unionNames.get(column.name) ?? name,
        })
      : columnField(build.support, table, column, name);
  }
  return { ...fields, ...relatedFields(table, types, Object.keys(fields), table.primaryId) };
}

function columnField(support: SupportTypes, table: Table, column: Column, name: string): FieldConfig {
  return {
    type: columnType(support, table, column),
    description: describeColumn(column),
    extensions: isthmus({ kind: 'column', column: column.name }),
    ...(name === column.name ? {} : { resolve: resolveProperty(column.name) }),
  };
}

/** The one-to-many relationships of a table whose other table is part of the graph, under their navigation property names. */
export function relatedFields(
  table: Table,
  types: ReadonlyMap<string, RecordTypes & LookupMember>,
  taken: readonly string[],
  id: string,
): Record<string, FieldConfig> {
  const related = table.relationships.filter(isOneToMany).filter(({ table: other, column }) => {
    const otherTable = types.get(other)?.target.table;
    const lookup = otherTable && findColumn(otherTable, column);
    return lookup !== undefined && isSupported(lookup);
  });
  const names = nameScope(
    related.map(({ navigation }) => navigation),
    taken,
  );
  const fields: Record<string, FieldConfig> = {};
  for (const { navigation, table: other, column } of related) {
    const target = types.get(other);
    if (!target) continue;
    fields[names.get(navigation) ?? navigation] = recordsField(
      target,
      `Records of ${other} whose ${column} is this one.`,
      {
        related: { kind: 'related', column, id, target: target.target },
      },
    );
  }
  return fields;
}

function isOneToMany(relationship: Table['relationships'][number]): relationship is OneToMany {
  return relationship.kind === 'one-to-many';
}
