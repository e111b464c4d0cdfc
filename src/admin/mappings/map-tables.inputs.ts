import { Field, InputType } from 'type-graphql';
import { ConversionEnum, DirectionEnum } from './table-mapping.types.js';

@InputType('FieldMappingInput', { description: 'A column, and the attribute that it is tied to.' })
export class FieldMappingInput {
  @Field(() => String, { description: 'Logical name of the column.' })
  column!: string;

  @Field(() => String, { description: 'Path of the attribute from the root element, as in @email or location/@city' })
  path!: string;

  @Field(() => ConversionEnum, {
    nullable: true,
    defaultValue: ConversionEnum.DEFAULT,
    description: 'How values are changed on their way.',
  })
  conversion?: ConversionEnum | null;

  @Field(() => DirectionEnum, { nullable: true, defaultValue: DirectionEnum.BOTH, description: 'Which way values go.' })
  direction?: DirectionEnum | null;
}

@InputType('TargetInput', { description: 'The schema that a table is tied to.' })
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

@InputType('TableSelectionInput', { description: 'A table to map, and how.' })
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

@InputType('MapTablesInput', { description: 'The tables to map.' })
export class MapTablesInput {
  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => [TableSelectionInput], { description: 'The tables, each with its columns and its target.' })
  tables!: TableSelectionInput[];

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Tell the changes, and make none.' })
  dryRun?: boolean | null;
}

@InputType('UnmapTablesInput', { description: 'The tables to unmap.' })
export class UnmapTablesInput {
  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => [String], { description: 'Logical names of mapped tables.' })
  tables!: string[];

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Tell the changes, and make none.' })
  dryRun?: boolean | null;
}
