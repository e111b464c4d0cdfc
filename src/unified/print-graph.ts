import { setImmediate } from 'node:timers/promises';
import {
  GraphQLEnumType,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  type GraphQLNamedType,
  GraphQLObjectType,
  GraphQLUnionType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  printType,
} from 'graphql';
import { glimpse } from './lazy-schema.js';

/** Types printed before other requests have their turn: some milliseconds of work. */
const TYPES_AT_ONCE = 20;

/**
 * Prints types as SDL in one fixed order, that of `lexicographicSortSchema`, and gives the text in pieces: that of a large graph takes
 * seconds and tens of megabytes, and other requests have their turn in between.
 */
export async function* printTypes(types: readonly GraphQLNamedType[]): AsyncGenerator<string> {
  const printed = types.filter((type) => !isSpecifiedScalarType(type) && !isIntrospectionType(type)).sort(byName);
  for (let at = 0; at < printed.length; at += TYPES_AT_ONCE) {
    const some = printed.slice(at, at + TYPES_AT_ONCE).map((type) => printType(sortParts(glimpse(type))));
    yield `${at === 0 ? '' : '\n\n'}${some.join('\n\n')}`;
    await setImmediate();
  }
}

/** The same type with its parts in order. Types are printed by their names, so that those it refers to need no order here. */
function sortParts(type: GraphQLNamedType): GraphQLNamedType {
  if (isObjectType(type)) return new GraphQLObjectType(sortRecord(type.toConfig()));
  if (isInterfaceType(type)) return new GraphQLInterfaceType(sortRecord(type.toConfig()));
  if (isUnionType(type)) {
    const config = type.toConfig();
    return new GraphQLUnionType({ ...config, types: [...config.types].sort(byName) });
  }
  if (isEnumType(type)) {
    const config = type.toConfig();
    return new GraphQLEnumType({ ...config, values: sortKeys(config.values) });
  }
  if (isInputObjectType(type)) {
    const config = type.toConfig();
    return new GraphQLInputObjectType({ ...config, fields: sortKeys(config.fields) });
  }
  return type;
}

type RecordConfig = ReturnType<GraphQLObjectType['toConfig']> | ReturnType<GraphQLInterfaceType['toConfig']>;

function sortRecord<Config extends RecordConfig>(config: Config) {
  return { ...config, interfaces: [...config.interfaces].sort(byName), fields: sortFields(config.fields) };
}

function sortFields<Source, Context>(
  fields: GraphQLFieldConfigMap<Source, Context>,
): GraphQLFieldConfigMap<Source, Context> {
  const sorted = Object.entries(sortKeys(fields));
  return Object.fromEntries(sorted.map(([name, field]) => [name, { ...field, args: sortArguments(field.args) }]));
}

function sortArguments(args: GraphQLFieldConfigArgumentMap = {}): GraphQLFieldConfigArgumentMap {
  return sortKeys(args);
}

function sortKeys<Value>(map: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(map).sort(([one], [other]) => compareNames(one, other)));
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return compareNames(one.name, other.name);
}

/** Letter by letter, and numbers by their values: `address2_city` comes before `address10_city`. */
function compareNames(one: string, other: string): number {
  const against = partsOf(other);
  for (const [at, part] of partsOf(one).entries()) {
    const difference = compareParts(part, against[at] ?? '');
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

function compareParts(one: string, other: string): number {
  if (isNumber(one) && isNumber(other)) return Number(one) - Number(other);
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** As GraphQL counts, a zero in front is a number of its own. */
function partsOf(name: string): readonly string[] {
  return name.match(/0|[1-9]\d*|\D/g) ?? [];
}

function isNumber(part: string): boolean {
  return part >= '0' && part < ':';
}
