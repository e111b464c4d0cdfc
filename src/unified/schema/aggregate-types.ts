import {
  GraphQLEnumType,
  type GraphQLEnumValueConfigMap,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';
import type { AggregateFunction } from '../../model/aggregate.js';
import {
  DEFAULT_GROUPS,
  resolveAggregate,
  resolveCount,
  resolveGroups,
  resolveMeasure,
  resolveMeasures,
} from '../resolvers/aggregates.js';
import { type AggregateColumn, aggregateColumns, aggregateUses } from './aggregate-columns.js';
import { fieldSource, isthmus } from './field-source.js';
import type { FieldConfig, RecordTypes } from './record-types.js';
import type { Build } from './support-types.js';

/** The type that shows the records of a kind summed up, by kind. */
export type AggregateTypes = ReadonlyMap<RecordTypes, GraphQLObjectType>;

/** Builds the types of sums and groups of every kind of record. To be called when all of these have their names, which come first. */
export function buildAggregateTypes(build: Build, kinds: readonly RecordTypes[]): AggregateTypes {
  return new Map(kinds.map((types) => [types, buildAggregate(build, types)]));
}

/**
 * `contactsAggregate(filter)`: all records that match summed up, or group by group. Nullable, so that a fault of one system leaves what was
 * asked of the other.
 */
export function aggregateField(aggregates: AggregateTypes, types: RecordTypes, plural: string): FieldConfig {
  const type = aggregates.get(types);
  if (!type) throw new Error(`No sums and groups of ${types.target.typeName} were built.`);
  return {
    type,
    description: `${plural} summed up.`,
    args: { filter: { type: types.filter, description: 'Only records that match.' }, ...types.listArguments },
    extensions: isthmus({ kind: 'aggregate', target: types.target }),
    resolve: resolveAggregate,
  };
}

/** What the types of one aggregate are made of. */
interface Parts {
  readonly build: Build;
  readonly types: RecordTypes;
  /** Made when the first field needs them. */
  readonly columns: () => readonly AggregateColumn[];
  readonly measures: readonly MeasureTypes[];
}

/** What a function gives of each column, and the input by which groups are ordered by it. */
interface MeasureTypes {
  readonly function: AggregateFunction;
  readonly description: string;
  readonly object: GraphQLObjectType;
  readonly order: GraphQLInputObjectType;
}

function buildAggregate(build: Build, types: RecordTypes): GraphQLObjectType {
  const uses = aggregateUses(types.target);
  let known: readonly AggregateColumn[] | null = null;
  const columns = () => {
    known ??= aggregateColumns(types.object, types.target);
    return known;
  };
  const measures = [
    ...(uses.sum ? buildNumbers(build, types, columns) : []),
    ...(uses.extreme ? buildExtremes(build, types, columns) : []),
    ...(uses.isCounted ? [buildDistinctCounts(build, types, columns)] : []),
  ];
  const parts = { build, types, columns, measures };
  const groupBy = uses.isKey ? buildGroupBy(parts) : null;
  return build.add(
    new GraphQLObjectType({
      name: build.names.claim(`${types.target.typeName}Aggregate`),
      description: 'Records summed up. Those without a value count for nothing but the count.',
      fields: () => ({ ...summaryFields(parts), ...groupBy?.() }),
    }),
  );
}

type Columns = Parts['columns'];

// GraphQL allows no type without fields, so that a function which no column takes is left out.

function buildNumbers(build: Build, types: RecordTypes, columns: Columns): readonly MeasureTypes[] {
  const { typeName } = types.target;
  const order = buildOrder(build, `${typeName}NumberOrder`, () => columns().filter(({ sum }) => sum));
  const [sum, avg] = ['Sums; null where no record has a value.', 'Averages of the values there are.'];
  const sums = buildMeasured(build, { name: `${typeName}Sums`, description: sum }, columns, (column) => column.sum);
  const averages = buildMeasured(
    build,
    { name: `${typeName}Averages`, description: avg },
    columns,
    (column) => column.avg,
  );
  return [
    { function: 'sum', description: sum, object: sums, order },
    { function: 'avg', description: avg, object: averages, order },
  ];
}

function buildExtremes(build: Build, types: RecordTypes, columns: Columns): readonly MeasureTypes[] {
  const { typeName } = types.target;
  const order = buildOrder(build, `${typeName}ExtremeOrder`, () => columns().filter(({ extreme }) => extreme));
  const description = 'The values at one end: the least and earliest, or the greatest and latest.';
  const object = buildMeasured(build, { name: `${typeName}Extremes`, description }, columns, ({ extreme }) => extreme);
  return [
    { function: 'min', description: 'The least or earliest values.', object, order },
    { function: 'max', description: 'The greatest or latest values.', object, order },
  ];
}

function buildDistinctCounts(build: Build, types: RecordTypes, columns: Columns): MeasureTypes {
  const typeOf = ({ isCounted }: AggregateColumn) => (isCounted ? GraphQLInt : null);
  const description = 'How many different values there are.';
  const object = buildMeasured(build, { name: `${types.target.typeName}DistinctCounts`, description }, columns, typeOf);
  return { function: 'countDistinct', description, object, order: types.order };
}

function buildMeasured(
  build: Build,
  { name, description }: { readonly name: string; readonly description: string },
  columns: Columns,
  typeOf: (column: AggregateColumn) => GraphQLOutputType | null,
): GraphQLObjectType {
  const fields = () =>
    columns().flatMap((column) => {
      const type = typeOf(column);
      return type ? [[column.name, measureField(column, type)] as const] : [];
    });
  return build.add(
    new GraphQLObjectType({ name: build.names.claim(name), description, fields: () => Object.fromEntries(fields()) }),
  );
}

/**
 * GraphQL reads a property that is named like the field by itself. What a column is, the record's type describes; to repeat more than its
 * label here would double the text of the GraphQL schema.
 */
function measureField({ name, path, label }: AggregateColumn, type: GraphQLOutputType): FieldConfig {
  const extensions = isthmus({ kind: 'measure', path });
  return { type, description: label, extensions, ...(name === path ? {} : { resolve: resolveMeasure(path) }) };
}

function buildOrder(build: Build, name: string, columns: Columns): GraphQLInputObjectType {
  const type = build.support.orderDirection;
  const fields = () =>
    columns().map(({ name: field, path, label }) => {
      return [
        field,
        { type, description: label, extensions: isthmus({ kind: 'value', path, value: 'text' }) },
      ] as const;
    });
  return build.add(
    new GraphQLInputObjectType({
      name: build.names.claim(name),
      description: 'Name exactly one field.',
      fields: () => Object.fromEntries(fields()),
    }),
  );
}

/** The count and the measures, of all records or of a group. */
function summaryFields({ measures }: Parts): Record<string, FieldConfig> {
  const count: FieldConfig = {
    type: new GraphQLNonNull(GraphQLInt),
    description: 'How many records there are.',
    extensions: isthmus({ kind: 'count' }),
    resolve: resolveCount,
  };
  return { count, ...Object.fromEntries(measures.map((measure) => [measure.function, measuresField(measure)])) };
}

function measuresField({ function: name, description, object }: MeasureTypes): FieldConfig {
  return {
    type: object,
    description,
    extensions: isthmus({ kind: 'measures', function: name }),
    resolve: resolveMeasures(name),
  };
}

/** Builds the types of groups, and makes the field that gives them. */
function buildGroupBy(parts: Parts): () => Record<string, FieldConfig> {
  const { types } = parts;
  const key = buildKey(parts);
  const group = buildGroup(parts, key);
  const columns = buildColumns(parts);
  const order = buildGroupOrder(parts);
  const field: FieldConfig = {
    type: listOf(group),
    description: 'The records group by group; one request, whatever is asked of the groups.',
    args: {
      columns: {
        type: new GraphQLNonNull(listOf(columns)),
        description: 'What the records of a group agree in; at least one column.',
      },
      orderBy: { type: listOf(order), description: 'Without it the groups come in the order of their keys.' },
      first: {
        type: GraphQLInt,
        defaultValue: DEFAULT_GROUPS,
        description: 'The groups that come first in the order, 1 to 5000.',
      },
    },
    extensions: isthmus({ kind: 'groups', target: types.target, keyType: key.name }),
    resolve: resolveGroups,
  };
  return () => ({ groupBy: field });
}

function listOf<Type extends GraphQLObjectType | GraphQLInputObjectType | GraphQLEnumType>(type: Type) {
  return new GraphQLList(new GraphQLNonNull(type));
}

function buildGroup(parts: Parts, key: GraphQLObjectType): GraphQLObjectType {
  const { build, types } = parts;
  const keyField: FieldConfig = {
    type: new GraphQLNonNull(key),
    description: 'What they agree in: the columns that the groups are made by, and no others.',
    extensions: isthmus({ kind: 'groupKey' }),
  };
  return build.add(
    new GraphQLObjectType({
      name: build.names.claim(`${types.target.typeName}Group`),
      description: 'Records that agree in what they are grouped by.',
      fields: () => ({ key: keyField, ...summaryFields(parts) }),
    }),
  );
}

/** The fields of the record that groups can be made by, as the record itself has them. */
function buildKey(parts: Parts): GraphQLObjectType {
  const { build, types } = parts;
  const name = build.names.claim(`${types.target.typeName}GroupKey`);
  const description = 'What the records of a group agree in.';
  return build.add(new GraphQLObjectType({ name, description, fields: () => keyFields(parts) }));
}

function keyFields({ types, columns }: Parts): Record<string, FieldConfig> {
  const labels = new Map(columns().flatMap(({ isKey, path, label }) => (isKey ? [[path, label] as const] : [])));
  /** Undefined where it is not of the key. */
  const labelOf = (name: string, field: FieldConfig): string | null | undefined => {
    const source = fieldSource(types.object.getFields()[name]);
    if (source?.kind === 'column' || source?.kind === 'lookup') return labels.get(source.column);
    if (source?.kind === 'attribute') return labels.get(source.name);
    if (source?.kind !== 'element') return undefined;
    return [...labels.keys()].some((path) => path.startsWith(`${source.name}/`)) ? field.description : undefined;
  };
  const fields = Object.entries(types.object.toConfig().fields).map(([name, field]) => {
    return [name, { ...field, description: labelOf(name, field) }] as const;
  });
  return Object.fromEntries(fields.filter(([, { description }]) => description !== undefined));
}

/** GraphQL has three names that no value of an enumeration may have. */
const NO_VALUES = new Set(['true', 'false', 'null']);

function buildColumns({ build, types, columns }: Parts): GraphQLEnumType {
  const values = () => {
    const map: GraphQLEnumValueConfigMap = {};
    for (const { name, path, label, isKey } of columns()) {
      if (isKey) map[NO_VALUES.has(name) ? `${name}_` : name] = { value: path, description: label };
    }
    return map;
  };
  const name = build.names.claim(`${types.target.typeName}GroupColumn`);
  return build.add(new GraphQLEnumType({ name, description: 'What records can be grouped by.', values }));
}

function buildGroupOrder({ build, types, measures }: Parts): GraphQLInputObjectType {
  const nested = (name: string, type: GraphQLInputObjectType, description: string) =>
    [name, { type, description, extensions: isthmus({ kind: 'nested', name }) }] as const;
  const count = {
    type: build.support.orderDirection,
    description: 'By how many records they have.',
    extensions: isthmus({ kind: 'value', path: 'count', value: 'number' }),
  };
  return build.add(
    new GraphQLInputObjectType({
      name: build.names.claim(`${types.target.typeName}GroupOrder`),
      description: 'Name exactly one field in an item; the first item of a list weighs most.',
      fields: () => ({
        count,
        ...Object.fromEntries([
          nested('key', types.order, 'By what they agree in.'),
          ...measures.map(({ function: name, order, description }) => nested(name, order, description)),
        ]),
      }),
    }),
  );
}
