import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLSchema,
  GraphQLString,
  isObjectType,
  specifiedScalarTypes,
} from 'graphql';
import { DAY_FIELDS, PERIOD_FIELDS } from './date-periods.js';
import { createNames, type Names } from './names.js';
import { GraphQLBigInt, GraphQLDate, GraphQLDateTime, GraphQLJSON } from './scalars.js';

/** What the builders of generated types share. */
export interface Build {
  readonly names: Names;
  /** Names of the mutations, beside those of the static API. */
  readonly mutations: Names;
  readonly support: SupportTypes;
  /**
   * Keeps a generated type, to be handed out with the rest. Fields are made when they are first asked for, types are not: what is added
   * after the build has ended is not part of the GraphQL schema.
   */
  add<Type extends GraphQLNamedType>(type: Type): Type;
  /** Does this at the end of the build, when every kind of record has its types, to add types that refer to them. */
  later(work: () => void): void;
}

/** The types that generated ones refer to, whatever the catalog. */
export type SupportTypes = ReturnType<typeof buildSupportTypes>;

/**
 * Begins a build. `beside` is the GraphQL schema that the generated types will stand beside: its names are taken, and its types for
 * paging are used instead of new ones.
 */
export function createBuild(beside: GraphQLSchema | null): {
  readonly build: Build;
  /** Ends the build and gives every type of it. */
  finish(): readonly GraphQLNamedType[];
} {
  const types: GraphQLNamedType[] = SCALARS.filter(({ name }) => !beside?.getType(name));
  const later: (() => void)[] = [];
  const names = createNames([...OWN_NAMES, ...Object.keys(beside?.getTypeMap() ?? {})]);
  const add = <Type extends GraphQLNamedType>(type: Type): Type => {
    types.push(type);
    return type;
  };
  const build = {
    names,
    mutations: createNames(Object.keys(beside?.getMutationType()?.getFields() ?? {})),
    add,
    later: (work: () => void) => void later.push(work),
    support: buildSupportTypes(names, add, beside),
  };
  return {
    build,
    finish() {
      for (const work of later) work();
      return types;
    },
  };
}

const SCALARS = [...specifiedScalarTypes, ...[GraphQLBigInt, GraphQLDate, GraphQLDateTime, GraphQLJSON]];

/** Names of the root types and of the scalars, which no generated type may have. */
const OWN_NAMES = [
  ...['Query', 'Mutation', 'Subscription', 'Dynamics', 'Campaign', 'Unified'],
  ...SCALARS.map(({ name }) => name),
];

type Add = Build['add'];

function buildSupportTypes(names: Names, add: Add, beside: GraphQLSchema | null) {
  const shared = (name: string, build: (name: string) => GraphQLObjectType): GraphQLObjectType => {
    const known = beside?.getType(name);
    return isObjectType(known) ? known : add(build(names.claim(name)));
  };
  return {
    node: add(buildNode(names.claim('Node'))),
    pageInfo: shared('PageInfo', buildPageInfo),
    totalCount: shared('TotalCount', buildTotalCount),
    choice: add(buildChoice(names.claim('Choice'))),
    reference: add(buildReference(names.claim('DynamicsReference'))),
    referenceInput: add(buildReferenceInput(names.claim('DynamicsReferenceInput'))),
    enumerationValue: add(buildEnumerationValue(names.claim('CampaignEnumerationValue'))),
    syncState: add(buildSyncState(names.claim('SyncState'))),
    fieldDrift: add(buildFieldDrift(names.claim('FieldDrift'))),
    upsertMode: add(buildUpsertMode(names.claim('UpsertMode'))),
    unifiedSource: add(buildUnifiedSource(names.claim('UnifiedSource'))),
    orderDirection: add(buildOrderDirection(names.claim('OrderDirection'))),
    filters: buildOperatorInputs(names, add),
  };
}

function buildOrderDirection(name: string): GraphQLEnumType {
  return new GraphQLEnumType({
    name,
    description: 'Which end of an order comes first.',
    values: {
      ASC: { description: 'The least or earliest first.' },
      DESC: { description: 'The greatest or latest first.' },
    },
  });
}

function buildNode(name: string): GraphQLInterfaceType {
  return new GraphQLInterfaceType({
    name,
    description: 'A record that can be read again by an id that no other record of any kind has.',
    fields: { nodeId: { type: new GraphQLNonNull(GraphQLID), description: 'For the field `node` of the query.' } },
    resolveType: (record: { readonly __typename: string }) => record.__typename,
  });
}

function buildReferenceInput(name: string): GraphQLInputObjectType {
  return new GraphQLInputObjectType({
    name,
    description: 'The record that a lookup with several target tables shall point at.',
    fields: {
      table: { type: new GraphQLNonNull(GraphQLString), description: 'Logical name of its table.' },
      id: { type: new GraphQLNonNull(GraphQLID), description: 'Its id.' },
    },
  });
}

function buildPageInfo(name: string): GraphQLObjectType {
  return new GraphQLObjectType({
    name,
    description: 'Whether and how a list goes on.',
    fields: {
      hasNextPage: { type: new GraphQLNonNull(GraphQLBoolean), description: 'Whether records come after this page.' },
      endCursor: { type: GraphQLString, description: 'Pass it as `after` to continue behind this page.' },
    },
  });
}

function buildTotalCount(name: string): GraphQLObjectType {
  return new GraphQLObjectType({
    name,
    description: 'How many records there are.',
    fields: {
      value: { type: new GraphQLNonNull(GraphQLInt), description: 'How many were counted.' },
      exact: {
        type: new GraphQLNonNull(GraphQLBoolean),
        description: 'False where the remote stopped counting: there are at least `value`.',
      },
    },
  });
}

function buildChoice(name: string): GraphQLObjectType {
  return new GraphQLObjectType({
    name,
    description: 'The value of a Dynamics choice, state or status.',
    fields: {
      value: { type: new GraphQLNonNull(GraphQLInt), description: 'Its number, by which it is written and filtered.' },
      label: {
        type: GraphQLString,
        description:
          'In the language that the header Accept-Language asks for, where Dynamics has it; else in that of the user that Isthmus signs in as.',
      },
    },
  });
}

function buildReference(name: string): GraphQLObjectType {
  return new GraphQLObjectType({
    name,
    description:
      'Where a lookup points, for tables that are not part of this graph. Map the table to see the record itself.',
    fields: {
      id: { type: new GraphQLNonNull(GraphQLID), description: 'The id of the record.' },
      table: { type: new GraphQLNonNull(GraphQLString), description: 'Logical name of the table.' },
      name: { type: GraphQLString, description: 'The primary name of the record.' },
    },
  });
}

function buildEnumerationValue(name: string): GraphQLObjectType {
  return new GraphQLObjectType({
    name,
    description: 'The value of a Campaign attribute that has an enumeration.',
    fields: {
      name: { type: GraphQLString, description: 'Null where the enumeration does not list the value.' },
      value: { type: new GraphQLNonNull(GraphQLString), description: 'As Campaign stores it.' },
      label: { type: GraphQLString, description: 'Null where the enumeration does not list the value.' },
    },
  });
}

function buildSyncState(name: string): GraphQLEnumType {
  return new GraphQLEnumType({
    name,
    description: 'How the two sides of a unified record stand to each other.',
    values: {
      IN_SYNC: { description: 'Every mapped field agrees.' },
      DRIFTED: { description: 'At least one mapped field differs.' },
      ONLY_IN_DYNAMICS: { description: 'No Campaign record holds the id.' },
      ONLY_IN_CAMPAIGN: { description: 'Dynamics has no record with the id, or shows none.' },
    },
  });
}

function buildFieldDrift(name: string): GraphQLObjectType {
  return new GraphQLObjectType({
    name,
    description:
      'A mapped field that the two systems hold differently. Both values are shown in the form Campaign gives them.',
    fields: {
      column: { type: new GraphQLNonNull(GraphQLString), description: 'Logical name of the Dynamics column.' },
      path: { type: new GraphQLNonNull(GraphQLString), description: 'The Campaign attribute, as in `@email`.' },
      dynamics: { type: GraphQLJSON, description: 'What Dynamics holds.' },
      campaign: { type: GraphQLJSON, description: 'What Campaign holds.' },
    },
  });
}

function buildUpsertMode(name: string): GraphQLEnumType {
  return new GraphQLEnumType({
    name,
    description: 'What an upsert may do.',
    values: {
      CREATE_OR_UPDATE: { description: 'Makes the record where there is none, and changes it where there is one.' },
      CREATE_ONLY: { value: 'create', description: 'Makes the record; CONFLICT where there is one.' },
      UPDATE_ONLY: { value: 'update', description: 'Changes the record; NOT_FOUND where there is none.' },
    },
  });
}

function buildUnifiedSource(name: string): GraphQLEnumType {
  return new GraphQLEnumType({
    name,
    description: 'Which system a unified list follows.',
    values: {
      DYNAMICS: { description: 'Every record of the Dynamics table.' },
      CAMPAIGN: { description: 'Every Campaign record that holds a Dynamics id.' },
    },
  });
}

/** The operators that columns and attributes of one type can be filtered by. */
function buildOperatorInputs(names: Names, add: Add) {
  const input = (
    name: string,
    type: GraphQLInputType,
    operators: readonly Operator[],
    further: GraphQLInputFieldConfigMap = {},
  ): GraphQLInputObjectType =>
    add(
      new GraphQLInputObjectType({
        name: names.claim(name),
        description: 'Conditions on a value; those named together must all hold.',
        fields: { ...operatorFields(type, operators), ...further },
      }),
    );
  const words = input('ChoiceLabelFilter', GraphQLString, [...EQUALITY, ...TEXT]);
  const byWords: GraphQLInputFieldConfigMap = {
    name: {
      type: words,
      description:
        'Compares the name of the value, whatever its case. One that the enumeration does not list is refused.',
    },
    label: {
      type: words,
      description:
        'Compares the label of the value, whatever its case. One that the enumeration does not list is refused.',
    },
  };
  return {
    text: input('StringFilter', GraphQLString, [...EQUALITY, ...TEXT, ...RANGE, 'isNull']),
    enumeration: input('EnumerationFilter', GraphQLInt, [...EQUALITY, ...RANGE, 'isNull'], byWords),
    textEnumeration: input('TextEnumerationFilter', GraphQLString, [...EQUALITY, ...TEXT, ...RANGE, 'isNull'], byWords),
    id: input('IDFilter', GraphQLID, [...EQUALITY, 'isNull']),
    int: input('IntFilter', GraphQLInt, [...EQUALITY, ...RANGE, 'isNull']),
    float: input('FloatFilter', GraphQLFloat, [...EQUALITY, ...RANGE, 'isNull']),
    bigint: input('BigIntFilter', GraphQLBigInt, [...EQUALITY, ...RANGE, 'isNull']),
    boolean: input('BooleanFilter', GraphQLBoolean, ['eq', 'ne', 'isNull']),
    date: input('DateFilter', GraphQLDate, [...EQUALITY, ...RANGE, 'isNull'], DAY_FIELDS),
    datetime: input('DateTimeFilter', GraphQLDateTime, [...EQUALITY, ...RANGE, 'isNull'], PERIOD_FIELDS),
    campaignDate: input('CampaignDateFilter', GraphQLDate, [...EQUALITY, ...RANGE, 'isNull']),
    campaignDatetime: input('CampaignDateTimeFilter', GraphQLDateTime, [...EQUALITY, ...RANGE, 'isNull']),
    choice: input('ChoiceFilter', GraphQLInt, [...EQUALITY, 'isNull'], {
      label: {
        type: words,
        description:
          'Compares the label instead of the number, whatever its case. A label that no option has is refused.',
      },
    }),
  };
}

type Operator = keyof typeof OPERATORS;

const EQUALITY = ['eq', 'ne', 'in'] as const;
const TEXT = ['contains', 'startsWith', 'endsWith'] as const;
const RANGE = ['gt', 'gte', 'lt', 'lte'] as const;

const OPERATORS = {
  eq: 'Equal. `null` finds records without a value.',
  ne: 'Not equal, or without a value. `null` finds records that have one.',
  in: 'Equal to one of these; an empty list finds nothing.',
  contains: 'Has this text in it.',
  startsWith: 'Begins with this text.',
  endsWith: 'Ends with this text.',
  gt: 'Greater or later.',
  gte: 'Greater, later or equal.',
  lt: 'Less or earlier.',
  lte: 'Less, earlier or equal.',
  isNull: 'Without a value (`true`) or with one (`false`).',
} as const;

function operatorFields(type: GraphQLInputType, operators: readonly Operator[]) {
  const typeOf = (operator: Operator): GraphQLInputType => {
    if (operator === 'isNull') return GraphQLBoolean;
    return operator === 'in' ? new GraphQLList(new GraphQLNonNull(type)) : type;
  };
  return Object.fromEntries(
    operators.map((operator) => [operator, { type: typeOf(operator), description: OPERATORS[operator] }]),
  );
}
