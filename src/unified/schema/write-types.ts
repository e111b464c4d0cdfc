import {
  GraphQLBoolean,
  type GraphQLFieldConfigArgumentMap,
  GraphQLFloat,
  GraphQLID,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
} from 'graphql';
import { type Column, findColumn, type Table } from '../../model/table.js';
import { createRecord, deleteRecord, updateRecord } from '../resolvers/writes.js';
import { describeColumn, isLookup, isSupported } from './columns.js';
import type { TableTypes } from './dynamics-types.js';
import { inputColumn } from './field-source.js';
import { nameScope } from './names.js';
import type { FieldConfig } from './record-types.js';
import { GraphQLBigInt, GraphQLDate, GraphQLDateTime } from './scalars.js';
import type { Build } from './support-types.js';

/** The mutations of a mapped table: `createDynamicsContact`, `updateDynamicsContact`, `deleteDynamicsContact`. */
export function buildTableWrites(build: Build, types: TableTypes): Record<string, FieldConfig> {
  const { typeName, table } = types.target;
  const id = { type: new GraphQLNonNull(GraphQLID), description: `Id of the record: its ${table.primaryId}.` };
  const ifMatch = ifMatchArgument(table);
  const record = new GraphQLNonNull(types.object);
  const fields: Record<string, FieldConfig> = {
    [`delete${typeName}`]: {
      type: new GraphQLNonNull(GraphQLBoolean),
      description: `Deletes a record of ${table.label} in Dynamics; false where there is none.`,
      args: { id, ...ifMatch },
      resolve: deleteRecord(types.target),
    },
  };
  const forCreate = buildInput(build, types, 'Create', (column) => column.creatable);
  if (forCreate) {
    fields[`create${typeName}`] = {
      type: record,
      description: `Makes a record of ${table.label} in Dynamics.`,
      args: { input: { type: new GraphQLNonNull(forCreate) } },
      resolve: createRecord(types.target),
    };
  }
  const forUpdate = buildInput(build, types, 'Update', (column) => column.updatable);
  if (forUpdate) {
    fields[`update${typeName}`] = {
      type: record,
      description: `Changes the columns given of a record of ${table.label} in Dynamics; null empties a column.`,
      args: { id, ...ifMatch, input: { type: new GraphQLNonNull(forUpdate) } },
      resolve: updateRecord(types.target),
    };
  }
  return fields;
}

/** A table without a version number keeps no versions to compare with. */
function ifMatchArgument(table: Table): GraphQLFieldConfigArgumentMap {
  const description = `Only where the record still has this versionnumber; CONFLICT where it was changed since.`;
  return findColumn(table, 'versionnumber')?.readable ? { ifMatch: { type: GraphQLBigInt, description } } : {};
}

/** Null where no column may be written so. */
function buildInput(
  build: Build,
  { target: { typeName, table } }: TableTypes,
  verb: 'Create' | 'Update',
  isAllowed: (column: Column) => boolean,
): GraphQLInputObjectType | null {
  const columns = table.columns.filter(
    (column) => isSupported(column) && isAllowed(column) && isWritable(column, table),
  );
  if (columns.length === 0) return null;
  const names = nameScope(columns.map((column) => column.name));
  const fields = () =>
    columns.map((column) => [names.get(column.name) ?? column.name, inputField(build, column)] as const);
  return build.add(
    new GraphQLInputObjectType({
      name: build.names.claim(`${verb}${typeName}Input`),
      fields: () => Object.fromEntries(fields()),
    }),
  );
}

/** The id is an argument of its own, and a lookup without a known way to its target cannot be set. */
function isWritable(column: Column, table: Table): boolean {
  if (column.name === table.primaryId) return false;
  return !isLookup(column) || column.targets.some((target) => target.navigation !== null);
}

function inputField(build: Build, column: Column): GraphQLInputFieldConfig {
  return {
    type: inputType(build, column),
    description: describeColumn(column),
    extensions: inputColumn(column),
  };
}

function inputType(build: Build, column: Column): GraphQLInputType {
  switch (column.type) {
    case 'integer':
    case 'choice':
    case 'state':
    case 'status':
      return GraphQLInt;
    case 'choices':
      return new GraphQLList(new GraphQLNonNull(GraphQLInt));
    case 'bigint':
      return GraphQLBigInt;
    case 'decimal':
    case 'double':
    case 'money':
      return GraphQLFloat;
    case 'boolean':
      return GraphQLBoolean;
    case 'datetime':
      return GraphQLDateTime;
    case 'date':
      return GraphQLDate;
    case 'uniqueid':
      return GraphQLID;
    case 'lookup':
    case 'customer':
    case 'owner':
      return column.targets.length === 1 ? GraphQLID : build.support.referenceInput;
    default:
      return GraphQLString;
  }
}
