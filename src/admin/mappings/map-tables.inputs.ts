import { Field, InputType } from 'type-graphql';
import { ConversionEnum, DirectionEnum } from './table-mapping.types.js';

@InputType('FieldMappingInput')
export class FieldMappingInput {
  @Field(() => String, { description: 'Logical name of the column.' })
  column!: string;

  @Field(() => String, { description: 'Path of the attribute from the root element, as in @email or location/@city' })
  path!: string;

  @Field(() => ConversionEnum, { nullable: true, defaultValue: ConversionEnum.DEFAULT })
  conversion?: ConversionEnum | null;

  @Field(() => DirectionEnum, { nullable: true, defaultValue: DirectionEnum.BOTH })
  direction?: DirectionEnum | null;
}

@InputType('TargetInput')
export class TargetInput {
  @Field(() => String, {
    description: 'An existing schema, as nms:recipient (extended where an attribute is missing), or one to be made.',
  })
  schema!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The attribute that holds the Dynamics id; default @crmId, which is added where it is missing.',
  })
  key?: string | null;

  @Field(() => [FieldMappingInput], { nullable: true, description: 'Default: an attribute named like the column.' })
  fields?: FieldMappingInput[] | null;
}

@InputType('TableSelectionInput')
export class TableSelectionInput {
  @Field(() => String, { description: 'Logical name of the table.' })
  table!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      'Logical names; default: every readable column of a supported type, or the columns of target.fields where it is given.',
  })
  columns?: string[] | null;

  @Field(() => TargetInput, { nullable: true, description: 'Default: a schema made for the table, cus:crm<Table>.' })
  target?: TargetInput | null;
}

@InputType('MapTablesInput')
export class MapTablesInput {
  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => [TableSelectionInput])
  tables!: TableSelectionInput[];

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Tell the changes, and make none.' })
  dryRun?: boolean | null;
}

@InputType('UnmapTablesInput')
export class UnmapTablesInput {
  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => [String], { description: 'Logical names of mapped tables.' })
  tables!: string[];

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Tell the changes, and make none.' })
  dryRun?: boolean | null;
}
