import {
  GraphQLEnumType,
  GraphQLID,
  type GraphQLInputObjectType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from 'graphql';
import type { Column } from '../../model/table.js';
import { createUnified, deleteUnified, resolveSideError, updateUnified } from '../resolvers/unified-writes.js';
import { describeColumn } from './columns.js';
import type { UnifiedTarget } from './field-source.js';
import { type MutationVerb, mutationName, UNIFIED_WORDS } from './names.js';
import type { FieldConfig } from './record-types.js';
import type { Build } from './support-types.js';
import type { UnifiedTypes } from './unified-types.js';
import { buildTableInput, idArgument, ifMatchArgument, inputArgument } from './write-types.js';

/** The mutations that write both sides of a mapped record: `createContact`, `updateContact`, `deleteContact`. */
export function buildUnifiedWrites(build: Build, mapped: readonly UnifiedTypes[]): Record<string, FieldConfig> {
  if (mapped.length === 0) return {};
  const side = buildSide(build);
  const deleted = buildDeleted(build, side);
  return Object.assign({}, ...mapped.map((types) => buildWrites(build, types, { side, deleted })));
}

/** The types that the answers of all these mutations share. */
interface Shared {
  readonly side: GraphQLObjectType;
  readonly deleted: GraphQLObjectType;
}

function buildWrites(build: Build, types: UnifiedTypes, { side, deleted }: Shared): Record<string, FieldConfig> {
  const { target } = types;
  const { table, typeName } = target;
  const id = idArgument(table);
  const ifMatch = ifMatchArgument(table);
  const name = (verb: MutationVerb) => build.mutations.claim(mutationName(verb, typeName));
  const fields: Record<string, FieldConfig> = {
    [name('delete')]: {
      type: new GraphQLNonNull(deleted),
      description: `Deletes a record of ${table.label} in Dynamics, then the record of ${target.schema.name} that holds its id. Repeat it where the second failed.`,
      args: { id, ...ifMatch },
      resolve: deleteUnified(target),
    },
  };
  const forCreate = buildInput(build, target, 'Create', (column) => column.creatable);
  const forUpdate = buildInput(build, target, 'Update', (column) => column.updatable);
  if (!forCreate && !forUpdate) return fields;
  const payload = new GraphQLNonNull(buildPayload(build, types, side));
  if (forCreate) {
    const chosen = {
      type: GraphQLID,
      description: `The id that the record shall have. With it a repetition finds what was made, and does what is still to be done.`,
    };
    fields[name('create')] = {
      type: payload,
      description: `Makes a record of ${table.label} in Dynamics, then its ${target.schema.name} in Campaign.`,
      args: { id: chosen, input: inputArgument(forCreate) },
      resolve: createUnified(target),
    };
  }
  if (forUpdate) {
    fields[name('update')] = {
      type: payload,
      description: `Changes the columns given of a record of ${table.label} in Dynamics, then brings its ${target.schema.name} in Campaign in line; null empties.`,
      args: { id, ...ifMatch, input: inputArgument(forUpdate) },
      resolve: updateUnified(target),
    };
  }
  return fields;
}

function buildInput(
  build: Build,
  { table, typeName, mapping }: UnifiedTarget,
  verb: 'Create' | 'Update',
  isAllowed: (column: Column) => boolean,
): GraphQLInputObjectType | null {
  const fieldsOf = ({ name }: Column) => mapping.fields.filter((field) => field.column === name);
  const staysInDynamics = (column: Column) => fieldsOf(column).every((field) => field.direction === 'TO_DYNAMICS');
  return buildTableInput(build, table, {
    name: `${verb}${typeName}Input`,
    isAllowed: (column) => fieldsOf(column).length > 0 && isAllowed(column),
    taken: UNIFIED_WORDS,
    describe: (column) =>
      `${describeColumn(column)}${staysInDynamics(column) ? '. Written in Dynamics alone: the mapping brings it from Campaign only.' : ''}`,
  });
}

function buildPayload(build: Build, { object, target }: UnifiedTypes, side: GraphQLObjectType): GraphQLObjectType {
  const record = {
    type: object,
    description: 'The record as both systems then hold it; null where Dynamics was not written.',
  };
  return build.add(
    new GraphQLObjectType({
      name: build.names.claim(`Write${target.typeName}Payload`),
      description: 'What a mutation did on either side, and the record.',
      fields: () => ({ ...outcomeFields(side), record }),
    }),
  );
}

function buildDeleted(build: Build, side: GraphQLObjectType): GraphQLObjectType {
  return build.add(
    new GraphQLObjectType({
      name: build.names.claim('DeleteUnifiedPayload'),
      description: 'What a deletion did on either side.',
      fields: () => outcomeFields(side),
    }),
  );
}

function outcomeFields(side: GraphQLObjectType) {
  const type = new GraphQLNonNull(side);
  return {
    id: { type: new GraphQLNonNull(GraphQLID), description: 'The Dynamics id.' },
    dynamics: { type, description: 'What happened in Dynamics, which is written first.' },
    campaign: { type, description: 'What happened in Campaign.' },
  };
}

function buildSide(build: Build): GraphQLObjectType {
  const status = { type: new GraphQLNonNull(buildStatus(build)), description: 'What became of it.' };
  const error = { type: buildError(build), description: 'Why it is so; null where it went well.' };
  return build.add(
    new GraphQLObjectType({
      name: build.names.claim('WrittenSide'),
      description: 'What a mutation did to one side of a record.',
      fields: () => ({ status, error: { ...error, resolve: resolveSideError } }),
    }),
  );
}

function buildStatus(build: Build): GraphQLEnumType {
  return build.add(
    new GraphQLEnumType({
      name: build.names.claim('WrittenSideStatus'),
      description: 'What became of one side of a record.',
      values: {
        CREATED: { description: 'It was made.' },
        UPDATED: { description: 'It was changed.' },
        DELETED: { description: 'It was deleted.' },
        UNCHANGED: { description: 'It was so already, and nothing was written.' },
        SKIPPED: { description: 'Not tried, because of the other side.' },
        FAILED: { description: 'Refused or not reached; nothing was written.' },
        UNKNOWN: { description: 'No answer came: it may have been written or not. Repeat the mutation.' },
      },
    }),
  );
}

function buildError(build: Build): GraphQLObjectType {
  const upstream = build.add(
    new GraphQLObjectType({
      name: build.names.claim('UpstreamFault'),
      description: 'What a remote told of its fault.',
      fields: {
        system: { type: new GraphQLNonNull(GraphQLString), description: 'dynamics, campaign or entra.' },
        status: { type: GraphQLInt, description: 'HTTP status; null where no answer came.' },
        code: { type: GraphQLString, description: "The remote's own code." },
        message: { type: new GraphQLNonNull(GraphQLString), description: 'What it said.' },
        requestId: { type: GraphQLString, description: 'By which its operators find the request.' },
      },
    }),
  );
  return build.add(
    new GraphQLObjectType({
      name: build.names.claim('WrittenSideError'),
      description: 'Why one side of a record was not written.',
      fields: {
        code: { type: new GraphQLNonNull(GraphQLString), description: 'One of the codes that errors carry.' },
        message: { type: new GraphQLNonNull(GraphQLString), description: 'What happened.' },
        remedy: { type: GraphQLString, description: 'What to do to have both sides in line.' },
        field: { type: GraphQLString, description: 'The place of the input, or the column, that it concerns.' },
        retryAfter: { type: GraphQLInt, description: 'Seconds to wait, where the remote told.' },
        upstream: { type: upstream, description: 'Null where no remote refused it.' },
      },
    }),
  );
}
