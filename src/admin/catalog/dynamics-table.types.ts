import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { AlternateKey, Column, LookupTarget, Option, OptionSet, TableSummary } from '../../model/table.js';
import { PageInfoType, TotalCountType } from '../paging.js';

@ObjectType('DynamicsOption', { simpleResolvers: true, description: 'One option of a choice.' })
class OptionType implements Option {
  @Field(() => Int, { description: 'The number that records hold.' })
  value!: number;

  @Field(() => String, { description: 'What people read.' })
  label!: string;

  @Field(() => Int, { nullable: true, description: 'The state a status belongs to; null for every other option.' })
  state!: number | null;
}

@ObjectType('DynamicsOptionSet', {
  simpleResolvers: true,
  description: 'The options of a choice, state or status column.',
})
class OptionSetType implements OptionSet {
  @Field(() => String, { description: 'Its name in the organization.' })
  name!: string;

  @Field(() => Boolean, { description: 'Whether columns of several tables may share it.' })
  isGlobal!: boolean;

  @Field(() => [OptionType], { description: 'The options, in their order.' })
  options!: readonly Option[];
}

@ObjectType('DynamicsLookupTarget', { simpleResolvers: true, description: 'A table that a lookup may lead to.' })
class LookupTargetType implements LookupTarget {
  @Field(() => String, { description: 'Its logical name.' })
  table!: string;

  @Field(() => String, { nullable: true, description: 'Navigation property that reaches it.' })
  navigation!: string | null;
}

@ObjectType('DynamicsColumn', { simpleResolvers: true, description: 'A column of a table.' })
export class DynamicsColumnType implements Column {
  @Field(() => String, { description: 'Logical name.' })
  name!: string;

  @Field(() => String, { description: 'What people call it.' })
  label!: string;

  @Field(() => String, { nullable: true, description: 'What the organization says about it.' })
  description!: string | null;

  @Field(() => String, {
    description:
      'string, memo, integer, bigint, decimal, double, money, boolean, datetime, date, choice, choices, state, status, lookup, customer, owner, uniqueid, entityname, partylist, image, file …',
  })
  type!: Column['type'];

  @Field(() => String, { description: 'none, recommended, application or system.' })
  required!: Column['required'];

  @Field(() => Boolean, { description: 'Whether it can be read.' })
  readable!: boolean;

  @Field(() => Boolean, { description: 'Whether a new record may bring a value.' })
  creatable!: boolean;

  @Field(() => Boolean, { description: 'Whether the value can be changed.' })
  updatable!: boolean;

  @Field(() => Int, { nullable: true, description: 'Characters.' })
  maxLength!: number | null;

  @Field(() => Float, { nullable: true, description: 'The least value it takes.' })
  min!: number | null;

  @Field(() => Float, { nullable: true, description: 'The greatest value it takes.' })
  max!: number | null;

  @Field(() => Int, { nullable: true, description: 'Digits after the point.' })
  precision!: number | null;

  @Field(() => String, { nullable: true, description: 'How the value is to be read, as Email or DateOnly.' })
  format!: string | null;

  @Field(() => OptionSetType, { nullable: true, description: 'The options, where it is a choice, state or status.' })
  optionSet!: OptionSet | null;

  @Field(() => [LookupTargetType], { description: 'Where a lookup may point.' })
  targets!: readonly LookupTarget[];
}

@ObjectType('DynamicsKey', { simpleResolvers: true, description: 'An alternate key.' })
export class DynamicsKeyType implements AlternateKey {
  @Field(() => String, { description: 'Logical name of the key.' })
  name!: string;

  @Field(() => [String], { description: 'Logical names of the columns that together are the key.' })
  columns!: readonly string[];

  @Field(() => Boolean, { description: 'Only an active key can address a record.' })
  active!: boolean;
}

@ObjectType('DynamicsRelationship', {
  simpleResolvers: true,
  description: 'A one-to-many or many-to-many relationship, seen from this table.',
})
export class DynamicsRelationshipType {
  @Field(() => String, { description: 'Schema name of the relationship.' })
  name!: string;

  @Field(() => String, { description: 'one-to-many or many-to-many.' })
  kind!: string;

  @Field(() => String, { description: 'Navigation property under which the related records are reached.' })
  navigation!: string;

  @Field(() => String, { description: 'Logical name of the related table.' })
  table!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The lookup column of the related table; null for many-to-many.',
  })
  column!: string | null;
}

@ObjectType('DynamicsTable', { description: 'A table of the Dynamics organization, as its metadata describes it.' })
export class DynamicsTableType implements TableSummary {
  /** The external account the table was read through; the columns are read through it too. */
  account!: string;

  @Field(() => String, { description: 'The name it is mapped by, as in contact.' })
  logicalName!: string;

  @Field(() => String, { description: 'Plural name, as the Web API addresses it.' })
  setName!: string;

  @Field(() => String, { description: 'What people call one record.' })
  label!: string;

  @Field(() => String, { description: 'What people call its records.' })
  pluralLabel!: string;

  @Field(() => Boolean, { description: 'Whether Dynamics keeps track of changes and deletions.' })
  changeTracking!: boolean;

  @Field(() => Boolean, { description: 'Whether the organization made it.' })
  isCustom!: boolean;
}

@ObjectType('DynamicsTableEdge', {
  simpleResolvers: true,
  description: 'A table of a page, and where it stands in the list.',
})
class DynamicsTableEdgeType {
  @Field(() => String, { description: 'Pass it as `after` to continue behind this one.' })
  cursor!: string;

  @Field(() => DynamicsTableType, { description: 'The table.' })
  node!: DynamicsTableType;
}

@ObjectType('DynamicsTableConnection', { simpleResolvers: true, description: 'A page of tables.' })
export class DynamicsTableConnectionType {
  @Field(() => [DynamicsTableType], { description: 'The tables of the page.' })
  nodes!: readonly DynamicsTableType[];

  @Field(() => [DynamicsTableEdgeType], { description: 'The same tables, each with its cursor.' })
  edges!: readonly DynamicsTableEdgeType[];

  @Field(() => PageInfoType, { description: 'Whether and how the list goes on.' })
  pageInfo!: PageInfoType;

  @Field(() => TotalCountType, { description: 'How many tables were found in all.' })
  totalCount!: TotalCountType;
}
