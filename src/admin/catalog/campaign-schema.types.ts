import { Field, Int, ObjectType } from 'type-graphql';
import type {
  CampaignSchemaSummary,
  EnumerationValue,
  ItemizedList,
  ItemizedValue,
  SchemaAttribute,
  SchemaEnumeration,
  SchemaKey,
  SchemaLink,
} from '../../model/campaign-schema.js';
import { PageInfoType, TotalCountType } from '../paging.js';

@ObjectType('CampaignAttribute', { simpleResolvers: true })
export class CampaignAttributeType
  implements Pick<SchemaAttribute, 'label' | 'type' | 'length' | 'enumeration' | 'itemizedList' | 'computed'>
{
  @Field(() => String, { description: 'Path from the root element, as in @email or location/@city' })
  path!: string;

  @Field(() => String)
  label!: string;

  @Field(() => String, { description: 'string, memo, byte, short, long, int64, double, boolean, datetime, date …' })
  type!: SchemaAttribute['type'];

  @Field(() => Int, { nullable: true, description: 'Characters.' })
  length!: number | null;

  @Field(() => String, { nullable: true, description: 'Enumeration that lists the values.' })
  enumeration!: string | null;

  @Field(() => String, { nullable: true, description: 'Itemized list that offers values.' })
  itemizedList!: string | null;

  @Field(() => Boolean, { description: 'Computed by Campaign and so not writable.' })
  computed!: boolean;
}

@ObjectType('CampaignEnumerationEntry', { simpleResolvers: true })
class CampaignEnumerationEntryType implements EnumerationValue {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  value!: string;

  @Field(() => String)
  label!: string;
}

@ObjectType('CampaignSchemaEnumeration', { simpleResolvers: true, description: 'An enumeration declared in a schema.' })
export class CampaignSchemaEnumerationType implements SchemaEnumeration {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  label!: string;

  @Field(() => [CampaignEnumerationEntryType])
  values!: readonly EnumerationValue[];
}

@ObjectType('CampaignKey', { simpleResolvers: true })
export class CampaignKeyType implements SchemaKey {
  @Field(() => String)
  name!: string;

  @Field(() => [String])
  fields!: readonly string[];

  @Field(() => Boolean)
  internal!: boolean;
}

@ObjectType('CampaignLink', { simpleResolvers: true })
export class CampaignLinkType implements Pick<SchemaLink, 'label' | 'target' | 'cardinality'> {
  @Field(() => String, { description: 'Path from the root element.' })
  path!: string;

  @Field(() => String)
  label!: string;

  @Field(() => String, { description: 'Schema the link leads to.' })
  target!: string;

  @Field(() => String, { description: 'one or many.' })
  cardinality!: SchemaLink['cardinality'];
}

@ObjectType('CampaignSchema', {
  description: 'A data schema of Campaign, compiled from its source and its extensions.',
})
export class CampaignSchemaType implements CampaignSchemaSummary {
  @Field(() => String, { description: 'Namespace and name, as in nms:recipient' })
  name!: string;

  @Field(() => String)
  label!: string;
}

@ObjectType('CampaignSchemaEdge', { simpleResolvers: true })
class CampaignSchemaEdgeType {
  @Field(() => String)
  cursor!: string;

  @Field(() => CampaignSchemaType)
  node!: CampaignSchemaType;
}

@ObjectType('CampaignSchemaConnection', { simpleResolvers: true })
export class CampaignSchemaConnectionType {
  @Field(() => [CampaignSchemaType])
  nodes!: readonly CampaignSchemaType[];

  @Field(() => [CampaignSchemaEdgeType])
  edges!: readonly CampaignSchemaEdgeType[];

  @Field(() => PageInfoType)
  pageInfo!: PageInfoType;

  @Field(() => TotalCountType)
  totalCount!: TotalCountType;
}

@ObjectType('CampaignItemizedValue', { simpleResolvers: true })
class CampaignItemizedValueType implements ItemizedValue {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  label!: string;
}

@ObjectType('CampaignEnumeration', {
  simpleResolvers: true,
  description: 'An itemized list: values that users of Campaign may choose from and extend.',
})
export class CampaignEnumerationType implements ItemizedList {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  label!: string;

  @Field(() => [CampaignItemizedValueType])
  values!: readonly ItemizedValue[];
}
