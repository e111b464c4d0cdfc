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

@ObjectType('CampaignAttribute', {
  simpleResolvers: true,
  description: 'An attribute of a schema, or an element that holds a value.',
})
export class CampaignAttributeType
  implements Pick<SchemaAttribute, 'label' | 'type' | 'length' | 'enumeration' | 'itemizedList' | 'computed'>
{
  @Field(() => String, { description: 'Path from the root element, as in @email or location/@city' })
  path!: string;

  @Field(() => String, { description: 'What people call it.' })
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

@ObjectType('CampaignEnumerationEntry', { simpleResolvers: true, description: 'A value of an enumeration.' })
class CampaignEnumerationEntryType implements EnumerationValue {
  @Field(() => String, { description: 'Internal name.' })
  name!: string;

  @Field(() => String, { description: 'What records hold.' })
  value!: string;

  @Field(() => String, { description: 'What people read.' })
  label!: string;
}

@ObjectType('CampaignSchemaEnumeration', { simpleResolvers: true, description: 'An enumeration declared in a schema.' })
export class CampaignSchemaEnumerationType implements SchemaEnumeration {
  @Field(() => String, { description: 'Name of the enumeration in the schema.' })
  name!: string;

  @Field(() => String, { description: 'What people call it.' })
  label!: string;

  @Field(() => [CampaignEnumerationEntryType], { description: 'Its values, in their order.' })
  values!: readonly EnumerationValue[];
}

@ObjectType('CampaignKey', { simpleResolvers: true, description: 'What tells the records of a schema apart.' })
export class CampaignKeyType implements SchemaKey {
  @Field(() => String, { description: 'Name of the key in the schema.' })
  name!: string;

  @Field(() => [String], { description: 'The paths that together are the key.' })
  fields!: readonly string[];

  @Field(() => Boolean, { description: 'Whether Campaign alone gives its values.' })
  internal!: boolean;
}

@ObjectType('CampaignLink', { simpleResolvers: true, description: 'Where records of a schema lead to others.' })
export class CampaignLinkType implements Pick<SchemaLink, 'label' | 'target' | 'cardinality'> {
  @Field(() => String, { description: 'Path from the root element.' })
  path!: string;

  @Field(() => String, { description: 'What people call it.' })
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

  @Field(() => String, { description: 'What people call the schema.' })
  label!: string;
}

@ObjectType('CampaignSchemaEdge', {
  simpleResolvers: true,
  description: 'A schema of a page, and where it stands in the list.',
})
class CampaignSchemaEdgeType {
  @Field(() => String, { description: 'Pass it as `after` to continue behind this one.' })
  cursor!: string;

  @Field(() => CampaignSchemaType, { description: 'The schema.' })
  node!: CampaignSchemaType;
}

@ObjectType('CampaignSchemaConnection', { simpleResolvers: true, description: 'A page of schemas.' })
export class CampaignSchemaConnectionType {
  @Field(() => [CampaignSchemaType], { description: 'The schemas of the page.' })
  nodes!: readonly CampaignSchemaType[];

  @Field(() => [CampaignSchemaEdgeType], { description: 'The same schemas, each with its cursor.' })
  edges!: readonly CampaignSchemaEdgeType[];

  @Field(() => PageInfoType, { description: 'Whether and how the list goes on.' })
  pageInfo!: PageInfoType;

  @Field(() => TotalCountType, { description: 'How many schemas were found in all.' })
  totalCount!: TotalCountType;
}

@ObjectType('CampaignItemizedValue', { simpleResolvers: true, description: 'A value of an itemized list.' })
class CampaignItemizedValueType implements ItemizedValue {
  @Field(() => String, { description: 'What records hold.' })
  name!: string;

  @Field(() => String, { description: 'What people read.' })
  label!: string;
}

@ObjectType('CampaignEnumeration', {
  simpleResolvers: true,
  description: 'An itemized list: values that users of Campaign may choose from and extend.',
})
export class CampaignEnumerationType implements ItemizedList {
  @Field(() => String, { description: 'Internal name.' })
  name!: string;

  @Field(() => String, { description: 'What people call the list.' })
  label!: string;

  @Field(() => [CampaignItemizedValueType], { description: 'Its values, in their order.' })
  values!: readonly ItemizedValue[];
}
