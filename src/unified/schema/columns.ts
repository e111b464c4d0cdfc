import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  type GraphQLInputFieldConfigMap,
  type GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql';
import type { Column, Table } from '../../model/table.js';
import { resolveLookup } from '../resolvers/fields.js';
import { isthmus, type LookupSource, type TableTarget, type UnifiedTarget, type ValueKind } from './field-source.js';
import { elementTypeName, FILTER_WORDS, nameScope } from './names.js';
import type { FieldConfig } from './record-types.js';
import { GraphQLBigInt, GraphQLDate, GraphQLDateTime } from './scalars.js';
import type { Build, SupportTypes } from './support-types.js';

/** The label of a column, its description where it says more, and what is read of it where that is not its value. */
export function describeColumn({ label, description, type }: Column): string {
  const said = description && description !== label ? `${label}. ${description}` : label;
  if (type === 'image') return `${said}. The small picture, in base64.`;
  return type === 'file' ? `${said}. The id of the file.` : said;
}

/** How a column that is not a lookup is shown. Only the id of a record is never null. */
export function columnType(support: SupportTypes, table: Table, column: Column): GraphQLOutputType {
  if (column.name === table.primaryId) return new GraphQLNonNull(GraphQLID);
  switch (column.type) {
    case 'choice':
    case 'state':
    case 'status':
      return support.choice;
    case 'choices':
      return new GraphQLList(new GraphQLNonNull(support.choice));
    default:
      return columnScalar(column);
  }
}

/** The values of a column that holds neither choices nor records, as they are read and written. */
export function columnScalar({ type }: Column): GraphQLScalarType {
  switch (type) {
    case 'integer':
      return GraphQLInt;
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
    case 'file':
      return GraphQLID;
    default:
      return GraphQLString;
  }
}

const WITHOUT_FORM = new Set(['partylist', 'managedproperty', 'virtual']);

/** Tells whether a column is shown: it can be read, and its type has a form in GraphQL. */
export function isShown(column: Column): boolean {
  return column.readable && !WITHOUT_FORM.has(column.type);
}

/** Tells whether a column can also be compared and written: all but pictures and files, which Dynamics keeps apart from records. */
export function isSupported(column: Column): boolean {
  return isShown(column) && column.type !== 'image' && column.type !== 'file';
}

export function isLookup(column: Column): boolean {
  return column.type === 'lookup' || column.type === 'customer' || column.type === 'owner';
}

/** A kind of record that a lookup may lead to. */
export interface LookupMember {
  readonly object: GraphQLObjectType;
  readonly target: TableTarget | UnifiedTarget;
}

type TargetOf = (table: string) => LookupMember | undefined;

/** The unions of the lookups that may lead to several kinds of record, by column. */
export type LookupUnions = ReadonlyMap<string, GraphQLUnionType>;

/**
 * The unions of a record's lookups. Their names are given now, while records are gone through in order; the unions themselves are there
 * when the build has ended, as they are made of types that may come after these. `lookups` tells then which columns are shown.
 */
export function buildLookupUnions(
  build: Build,
  typeName: string,
  options: {
    readonly named: readonly Column[];
    readonly lookups: () => readonly Column[];
    readonly targetOf: TargetOf;
  },
): LookupUnions {
  const names = new Map(
    options.named.map((column) => [column.name, build.names.claim(elementTypeName(typeName, column.name))]),
  );
  const unions = new Map<string, GraphQLUnionType>();
  build.later(() => {
    for (const column of options.lookups()) {
      const { types } = membersOf(build, column, options.targetOf);
      if (types.length > 1) unions.set(column.name, build.add(buildUnion(names.get(column.name), column, types)));
    }
  });
  return unions;
}

function buildUnion(name: string | undefined, { name: lookup }: Column, types: GraphQLObjectType[]): GraphQLUnionType {
  if (name === undefined) throw new Error(`The union of the lookup ${lookup} has no name.`);
  return new GraphQLUnionType({
    name,
    description: `Where the lookup ${lookup} may lead.`,
    types,
    resolveType: (record: { readonly __typename: string }) => record.__typename,
  });
}

/** The kinds of record a lookup may lead to: the plain reference among them where some target is not part of the graph. */
function membersOf({ support: { reference } }: Build, { targets }: Column, targetOf: TargetOf) {
  const tables = [...new Set(targets.map((target) => target.table))];
  const members = new Map<string, LookupMember>();
  for (const table of tables) {
    const member = targetOf(table);
    if (member) members.set(table, member);
  }
  const needsReference = members.size === 0 || members.size < tables.length;
  const objects = [...members.values()].map((member) => member.object);
  return { members, needsReference, types: needsReference ? [...objects, reference] : objects };
}

/** The record a lookup points at; a union where there are several kinds. */
export function lookupField(
  build: Build,
  column: Column,
  options: { readonly targetOf: TargetOf; readonly unions: LookupUnions; readonly resolve?: FieldConfig['resolve'] },
): FieldConfig {
  const { members, needsReference, types } = membersOf(build, column, options.targetOf);
  const { reference } = build.support;
  const source: LookupSource = {
    kind: 'lookup',
    column: column.name,
    targets: new Map([...members].map(([table, member]) => [table, member.target])),
    referenceType: needsReference ? reference.name : null,
  };
  return {
    type: options.unions.get(column.name) ?? types[0] ?? reference,
    description: describeColumn(column),
    extensions: isthmus(source),
    resolve: options.resolve ?? resolveLookup,
  };
}

/**
 * The filter fields of columns. Choices are compared by their number or label, lookups by the id they hold or, under the navigation
 * property, by the record they lead to; a column of several choices equals each of them. `filterOf` finds the filter of a table of the graph.
 */
export function columnFilters(
  support: SupportTypes,
  columns: readonly Column[],
  table: Table,
  filterOf: (table: string) => GraphQLInputObjectType | undefined,
  taken: readonly string[] = FILTER_WORDS,
): GraphQLInputFieldConfigMap {
  const names = nameScope(
    columns.map((column) => column.name),
    taken,
  );
  const fields = columns.map((column) => {
    const { type, value } = columnOperators(support, table, column);
    const optionSet = column.optionSet && { optionSet: column.optionSet };
    const extensions = isthmus({ kind: 'value', path: column.name, value, ...optionSet });
    return [names.get(column.name), { type, description: column.label, extensions }];
  });
  return { ...Object.fromEntries(fields), ...lookupFilters(columns, filterOf, [...names.values(), ...taken]) };
}

/**
 * The filters of the records that lookups lead to. A navigation property that is named like its column, whose filter has the name,
 * gets the target behind it, as Dynamics itself does where a lookup has several: `primarycontactid_contact`.
 */
function lookupFilters(
  columns: readonly Column[],
  filterOf: (table: string) => GraphQLInputObjectType | undefined,
  taken: readonly string[],
): GraphQLInputFieldConfigMap {
  const lookups = columns.filter(isLookup).flatMap(({ name, targets }) =>
    targets.flatMap(({ navigation, table }) => {
      const type = filterOf(table);
      // `ownerid` leads to users and teams alike; Dynamics compares nothing beyond it.
      const isOne = targets.filter((target) => target.navigation === navigation).length === 1;
      if (!type || navigation === null || !isOne) return [];
      return [{ name: navigation === name ? `${name}_${table}` : navigation, navigation, table, type }];
    }),
  );
  const names = nameScope(
    lookups.map(({ name }) => name),
    taken,
  );
  return Object.fromEntries(
    lookups.map(({ name, navigation, table, type }) => [
      names.get(name) ?? name,
      {
        type,
        description: `The record of ${table} that it leads to matches. Conditions there cannot lead on to a third record.`,
        extensions: isthmus({ kind: 'across', navigation }),
      },
    ]),
  );
}

/** The filter of a column, and the form in which its values are compared. */
export function columnOperators(
  { filters }: SupportTypes,
  table: Table,
  column: Column,
): { readonly type: GraphQLInputObjectType; readonly value: ValueKind } {
  if (column.name === table.primaryId || isLookup(column)) return { type: filters.id, value: 'guid' };
  switch (column.type) {
    case 'integer':
      return { type: filters.int, value: 'number' };
    case 'bigint':
      return { type: filters.bigint, value: 'bigint' };
    case 'decimal':
    case 'double':
    case 'money':
      return { type: filters.float, value: 'number' };
    case 'boolean':
      return { type: filters.boolean, value: 'boolean' };
    case 'datetime':
      return { type: filters.datetime, value: 'datetime' };
    case 'date':
      return { type: filters.date, value: 'date' };
    case 'choice':
    case 'choices':
    case 'state':
    case 'status':
      return { type: filters.choice, value: 'number' };
    case 'uniqueid':
      return { type: filters.id, value: 'guid' };
    default:
      return { type: filters.text, value: 'text' };
  }
}

/** The order fields of columns. Dynamics has no order for columns that hold several choices. */
export function columnOrders(
  support: SupportTypes,
  columns: readonly Column[],
  taken: readonly string[] = [],
): GraphQLInputFieldConfigMap {
  const sortable = columns.filter((column) => column.type !== 'choices');
  const names = nameScope(
    sortable.map((column) => column.name),
    taken,
  );
  return Object.fromEntries(
    sortable.map((column) => {
      const extensions = isthmus({ kind: 'value', path: column.name, value: 'text' });
      return [names.get(column.name), { type: support.orderDirection, description: column.label, extensions }];
    }),
  );
}
