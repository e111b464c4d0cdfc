import {
  type GraphQLArgumentConfig,
  GraphQLBoolean,
  type GraphQLFieldConfigArgumentMap,
  GraphQLID,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
} from 'graphql';
import { type Column, findColumn, type Table } from '../../model/table.js';
import { createRecord, deleteRecord, updateRecord, upsertRecord } from '../resolvers/writes.js';
import { buildAlternateKeys } from './alternate-keys.js';
import { columnScalar, describeColumn, isLookup, isSupported } from './columns.js';
import type { TableTypes } from './dynamics-types.js';
import { inputColumn } from './field-source.js';
import { type MutationVerb, mutationName, nameScope } from './names.js';
import type { FieldConfig } from './record-types.js';
import { GraphQLBigInt } from './scalars.js';
import type { Build } from './support-types.js';

/** The mutations of a mapped table: `createDynamicsContact`, `updateDynamicsContact`, `upsertDynamicsContact`, `deleteDynamicsContact`. */
export function buildTableWrites(build: Build, types: TableTypes): Record<string, FieldConfig> {
  const { typeName, table } = types.target;
  const id = idArgument(table);
  const ifMatch = ifMatchArgument(table);
  const record = new GraphQLNonNull(types.object);
  const name = (verb: MutationVerb) => build.mutations.claim(mutationName(verb, typeName));
  const fields: Record<string, FieldConfig> = {
    [name('delete')]: {
      type: new GraphQLNonNull(GraphQLBoolean),
      description: `Deletes a record of ${table.label} in Dynamics; false where there is none.`,
      args: { id, ...ifMatch },
      resolve: deleteRecord(types.target),
    },
  };
  const forCreate = buildTableInput(build, table, {
    name: `Create${typeName}Input`,
    isAllowed: (column) => column.creatable,
  });
  if (forCreate) {
    fields[name('create')] = {
      type: record,
      description: `Makes a record of ${table.label} in Dynamics.`,
      args: { input: inputArgument(forCreate) },
      resolve: createRecord(types.target),
    };
  }
  const forUpdate = buildTableInput(build, table, {
    name: `Update${typeName}Input`,
    isAllowed: (column) => column.updatable,
  });
  if (forUpdate) {
    fields[name('update')] = {
      type: record,
      description: `Changes the columns given of a record of ${table.label} in Dynamics; null empties a column.`,
      args: { id, ...ifMatch, input: inputArgument(forUpdate) },
      resolve: updateRecord(types.target),
    };
  }
  // An upsert must be able to do either.
  const isEither = (column: Column) => column.creatable && column.updatable;
  const forUpsert = buildTableInput(build, table, { name: `Upsert${typeName}Input`, isAllowed: isEither });
  if (forUpsert) fields[name('upsert')] = upsertField(build, types, forUpsert);
  return fields;
}

function upsertField(build: Build, types: TableTypes, input: GraphQLInputObjectType): FieldConfig {
  const { typeName, table } = types.target;
  const alternate = buildAlternateKeys(build.support, table, ['id', 'input', 'mode']);
  const description = `Id of the record: its ${table.primaryId}.`;
  const payload = new GraphQLObjectType({
    name: build.names.claim(`Upsert${typeName}Payload`),
    description: 'What an upsert did.',
    fields: {
      created: {
        type: GraphQLBoolean,
        description:
          'Whether the record was made; null where an answer was lost on the way, so that nobody can tell whether this call made it.',
      },
      record: { type: types.object, description: 'The record as Dynamics then holds it.' },
    },
  });
  return {
    type: new GraphQLNonNull(build.add(payload)),
    description: `Changes the record of ${table.label} in Dynamics that has the id${alternate ? ' or the alternate key' : ''} given, or makes it with that.`,
    args: {
      id: { type: alternate ? GraphQLID : new GraphQLNonNull(GraphQLID), description },
      ...alternate?.args,
      mode: {
        type: new GraphQLNonNull(build.support.upsertMode),
        defaultValue: 'CREATE_OR_UPDATE',
        description: build.support.upsertMode.description,
      },
      input: inputArgument(input),
    },
    resolve: upsertRecord(types.target, alternate?.keys ?? []),
  };
}

/** The argument for what is written. */
export function inputArgument(type: GraphQLInputObjectType): GraphQLArgumentConfig {
  return { type: new GraphQLNonNull(type), description: 'What the record shall hold.' };
}

/** The argument that names a record. */
export function idArgument(table: Table): GraphQLArgumentConfig {
  return { type: new GraphQLNonNull(GraphQLID), description: `Id of the record: its ${table.primaryId}.` };
}

/** The argument for a version; none where a table keeps no version numbers to compare with. */
export function ifMatchArgument(table: Table): GraphQLFieldConfigArgumentMap {
  const description = `Only where the record still has this versionnumber; CONFLICT where it was changed since.`;
  return findColumn(table, 'versionnumber')?.readable ? { ifMatch: { type: GraphQLBigInt, description } } : {};
}

/** What a generated input for a table is like. */
export interface TableInputOptions {
  readonly name: string;
  readonly isAllowed: (column: Column) => boolean;
  /** Names that no field may have. */
  readonly taken?: readonly string[];
  readonly describe?: (column: Column) => string;
}

/** The input for the columns of a table that may be written so; null where there are none. */
export function buildTableInput(
  build: Build,
  table: Table,
  { name, isAllowed, taken = [], describe = describeColumn }: TableInputOptions,
): GraphQLInputObjectType | null {
  const columns = table.columns.filter(
    (column) => isSupported(column) && isAllowed(column) && isWritable(column, table),
  );
  if (columns.length === 0) return null;
  const names = nameScope(
    columns.map((column) => column.name),
    taken,
  );
  const fieldOf = (column: Column): GraphQLInputFieldConfig => ({
    type: inputType(build, column),
    description: describe(column),
    extensions: inputColumn(column),
  });
  return build.add(
    new GraphQLInputObjectType({
      name: build.names.claim(name),
      description: `Columns of a record of ${table.label}; what is left out is not written.`,
      fields: () => Object.fromEntries(columns.map((column) => [names.get(column.name), fieldOf(column)])),
    }),
  );
}

/** The id is an argument of its own, and a lookup without a known way to its target cannot be set. */
function isWritable(column: Column, table: Table): boolean {
  if (column.name === table.primaryId) return false;
  return !isLookup(column) || column.targets.some((target) => target.navigation !== null);
}

function inputType(build: Build, column: Column): GraphQLInputType {
  switch (column.type) {
    case 'choice':
    case 'state':
    case 'status':
      return GraphQLInt;
    case 'choices':
      return new GraphQLList(new GraphQLNonNull(GraphQLInt));
    case 'lookup':
    case 'customer':
    case 'owner':
      return column.targets.length === 1 ? GraphQLID : build.support.referenceInput;
    default:
      return columnScalar(column);
  }
}
