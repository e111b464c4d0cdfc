import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { AlternateKey, Column, LookupTarget, Option, OptionSet, TableSummary } from '../../model/table.js';
import { PageInfoType, TotalCountType } from '../paging.js';

@ObjectType('DynamicsOption', { simpleResolvers: true })
class OptionType implements Option {
  @Field(() => Int)
  value!: number;

  @Field(() => String)
  label!: string;

  @Field(() => Int, { nullable: true, description: 'The state a status belongs to; null for every other option.' })
  state!: number | null;
}

@ObjectType('DynamicsOptionSet', { simpleResolvers: true })
class OptionSetType implements OptionSet {
  @Field(() => String)
  name!: string;

  @Field(() => Boolean)
  isGlobal!: boolean;

  @Field(() => [OptionType])
  options!: readonly Option[];
}

@ObjectType('DynamicsLookupTarget', { simpleResolvers: true })
class LookupTargetType implements LookupTarget {
  @Field(() => String)
  table!: string;

  @Field(() => String, { nullable: true, description: 'Navigation property that reaches it.' })
  navigation!: string | null;
}

@ObjectType('DynamicsColumn', { simpleResolvers: true })
export class DynamicsColumnType implements Column {
  @Field(() => String, { description: 'Logical name.' })
  name!: string;

  @Field(() => String)
  label!: string;

  @Field(() => String, { nullable: true })
  description!: string | null;

  @Field(() => String, {
    description:
      'string, memo, integer, bigint, decimal, double, money, boolean, datetime, date, choice, choices, state, status, lookup, customer, owner, uniqueid, entityname, partylist, image, file …',
  })
  type!: Column['type'];

  @Field(() => String, { description: 'none, recommended, application or system.' })
  required!: Column['required'];

  @Field(() => Boolean)
  readable!: boolean;

  @Field(() => Boolean)
  creatable!: boolean;

  @Field(() => Boolean)
  updatable!: boolean;

  @Field(() => Int, { nullable: true, description: 'Characters.' })
  maxLength!: number | null;

  @Field(() => Float, { nullable: true })
  min!: number | null;

  @Field(() => Float, { nullable: true })
  max!: number | null;

  @Field(() => Int, { nullable: true, description: 'Digits after the point.' })
  precision!: number | null;

  @Field(() => String, { nullable: true })
  format!: string | null;

  @Field(() => OptionSetType, { nullable: true })
  optionSet!: OptionSet | null;

  @Field(() => [LookupTargetType], { description: 'Where a lookup may point.' })
  targets!: readonly LookupTarget[];
}

@ObjectType('DynamicsKey', { simpleResolvers: true, description: 'An alternate key.' })
export class DynamicsKeyType implements AlternateKey {
  @Field(() => String)
  name!: string;

  @Field(() => [String])
  columns!: readonly string[];

  @Field(() => Boolean, { description: 'Only an active key can address a record.' })
  active!: boolean;
}

@ObjectType('DynamicsRelationship', {
  simpleResolvers: true,
  description: 'A one-to-many or many-to-many relationship, seen from this table.',
})
export class DynamicsRelationshipType {
  @Field(() => String)
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

  @Field(() => String)
  logicalName!: string;

  @Field(() => String, { description: 'Plural name, as the Web API addresses it.' })
  setName!: string;

  @Field(() => String)
  label!: string;

  @Field(() => String)
  pluralLabel!: string;

  @Field(() => Boolean, { description: 'Whether Dynamics keeps track of changes and deletions.' })
  changeTracking!: boolean;

  @Field(() => Boolean)
  isCustom!: boolean;
}

@ObjectType('DynamicsTableEdge', { simpleResolvers: true })
class DynamicsTableEdgeType {
  @Field(() => String)
  cursor!: string;

  @Field(() => DynamicsTableType)
  node!: DynamicsTableType;
}

@ObjectType('DynamicsTableConnection', { simpleResolvers: true })
export class DynamicsTableConnectionType {
  @Field(() => [DynamicsTableType])
  nodes!: readonly DynamicsTableType[];

  @Field(() => [DynamicsTableEdgeType])
  edges!: readonly DynamicsTableEdgeType[];

  @Field(() => PageInfoType)
  pageInfo!: PageInfoType;

  @Field(() => TotalCountType)
  totalCount!: TotalCountType;
}
