import {
  GraphQLFloat,
  GraphQLInt,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isObjectType,
} from 'graphql';
import {
  type AttributeType,
  findAttribute,
  type SchemaAttribute,
  type SchemaElement,
} from '../../model/campaign-schema.js';
import { type Column, type ColumnType, findColumn } from '../../model/table.js';
import { isSupportedAttribute } from './campaign-types.js';
import { isSupported } from './columns.js';
import { fieldSource, type RecordTarget, type SchemaTarget } from './field-source.js';
import { createNames, legalName } from './names.js';
import { GraphQLBigInt, GraphQLDate, GraphQLDateTime } from './scalars.js';

/** What may be made of the values of a column or attribute. */
export interface AggregateUses {
  /** Whether records can be grouped by it, and its different values be counted. */
  readonly isKey: boolean;
  readonly isCounted: boolean;
  /** The types of its sum, of its average and of its least and greatest value; null where it has none. */
  readonly sum: GraphQLOutputType | null;
  readonly avg: GraphQLOutputType | null;
  readonly extreme: GraphQLOutputType | null;
}

/** A column or attribute of a kind of record, by the name that stands for it in sums and groups. */
export interface AggregateColumn extends AggregateUses {
  /** As the record's type calls it; attributes of elements with the elements' names before it: `location_city`. */
  readonly name: string;
  readonly path: string;
  readonly label: string;
}

/** Whether any column of a kind of record has a use; told by the description alone, and no more of it than it takes: no fields are made for it. */
export function aggregateUses(target: RecordTarget): Readonly<Record<keyof AggregateUses, boolean>> {
  const found = { isKey: false, isCounted: false, sum: false, avg: false, extreme: false };
  const uses = target.system === 'campaign' ? usesOfElement(target, target.schema.root, '') : usesOfTable(target);
  for (const { isKey, isCounted, sum, avg, extreme } of uses) {
    found.isKey ||= isKey;
    found.isCounted ||= isCounted;
    found.sum ||= sum !== null;
    found.avg ||= avg !== null;
    found.extreme ||= extreme !== null;
    if (found.isKey && found.sum && found.extreme) break;
  }
  return found;
}

function* usesOfTable(target: Exclude<RecordTarget, SchemaTarget>): Generator<AggregateUses> {
  const mapped = target.system === 'unified' ? new Set(target.mapping.fields.map(({ column }) => column)) : null;
  for (const column of target.table.columns) {
    if (isSummedUp(column, target) && (mapped === null || mapped.has(column.name))) yield usesOfColumn(column);
  }
}

function isSummedUp(column: Column, { table }: Exclude<RecordTarget, SchemaTarget>): boolean {
  return isSupported(column) && column.name !== table.primaryId;
}

function* usesOfElement(target: SchemaTarget, element: SchemaElement, prefix: string): Generator<AggregateUses> {
  for (const attribute of element.attributes) {
    if (isSupportedAttribute(attribute) && !isKey(target, `${prefix}${attribute.name}`))
      yield usesOfAttribute(attribute);
  }
  for (const child of element.elements) yield* usesOfElement(target, child, `${prefix}${child.name}/`);
}

/** What records of a kind can be summed up by: the fields of their type but the key, in the order that these have. */
export function aggregateColumns(object: GraphQLObjectType, target: RecordTarget): readonly AggregateColumn[] {
  const found = target.system === 'campaign' ? attributesOf(object, target, '') : columnsOf(object, target);
  // An attribute may be called as the attribute of an element is here.
  const names = createNames();
  return found.map((column) => ({ ...column, name: names.claim(legalName(column.name)) }));
}

function columnsOf(object: GraphQLObjectType, target: Exclude<RecordTarget, SchemaTarget>): readonly AggregateColumn[] {
  return Object.values(object.getFields()).flatMap((field) => {
    const source = fieldSource(field);
    if (source?.kind !== 'column' && source?.kind !== 'lookup') return [];
    const column = findColumn(target.table, source.column);
    if (!column || !isSummedUp(column, target)) return [];
    return [{ name: field.name, path: column.name, label: column.label, ...usesOfColumn(column) }];
  });
}

function attributesOf(object: GraphQLObjectType, target: SchemaTarget, prefix: string): readonly AggregateColumn[] {
  return Object.values(object.getFields()).flatMap((field): readonly AggregateColumn[] => {
    const source = fieldSource(field);
    if (source?.kind === 'element') {
      const inner = getNamedType(field.type);
      if (!isObjectType(inner)) return [];
      const within = attributesOf(inner, target, `${prefix}${source.name}/`);
      return within.map((column) => ({ ...column, name: `${field.name}_${column.name}` }));
    }
    if (source?.kind !== 'attribute') return [];
    const path = `${prefix}${source.name}`;
    const attribute = findAttribute(target.schema, path);
    if (!attribute || isKey(target, path)) return [];
    return [{ name: field.name, path, label: attribute.label, ...usesOfAttribute(attribute) }];
  });
}

function isKey({ schema }: SchemaTarget, path: string): boolean {
  return schema.keys[0]?.fields.includes(path) ?? false;
}

/** Dynamics groups by no dates, and compares no long texts: https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/aggregate-data */
function usesOfColumn({ type }: Column): AggregateUses {
  const isCounted = type !== 'memo' && type !== 'choices';
  return { isKey: isCounted && type !== 'date' && type !== 'datetime', isCounted, ...(MEASURES[type] ?? NO_MEASURES) };
}

/** Long texts are kept where Campaign's database compares nothing; what an enumeration lists is no number, though it be stored as one. */
function usesOfAttribute({ type, enumeration }: SchemaAttribute): AggregateUses {
  const isCounted = type !== 'memo' && type !== 'html';
  const measures = enumeration === null ? MEASURES[type] : undefined;
  return { isKey: isCounted, isCounted, ...(measures ?? NO_MEASURES) };
}

type Measures = Pick<AggregateUses, 'sum' | 'avg' | 'extreme'>;

const NO_MEASURES: Measures = { sum: null, avg: null, extreme: null };
const INTEGER: Measures = { sum: GraphQLBigInt, avg: GraphQLFloat, extreme: GraphQLInt };
const LONG_INTEGER: Measures = { ...INTEGER, extreme: GraphQLBigInt };
const NUMBER: Measures = { sum: GraphQLFloat, avg: GraphQLFloat, extreme: GraphQLFloat };

const MEASURES: Readonly<Partial<Record<ColumnType | AttributeType, Measures>>> = {
  integer: INTEGER,
  bigint: LONG_INTEGER,
  decimal: NUMBER,
  double: NUMBER,
  money: NUMBER,
  byte: INTEGER,
  short: INTEGER,
  long: INTEGER,
  int64: LONG_INTEGER,
  float: NUMBER,
  timespan: NUMBER,
  date: { ...NO_MEASURES, extreme: GraphQLDate },
  datetime: { ...NO_MEASURES, extreme: GraphQLDateTime },
};
