import { Field, ObjectType } from 'type-graphql';
import type { SkippedColumn } from '../../mapping/choose-columns.js';
import type { TableMapping } from '../../model/mapping.js';
import { TableMappingType } from './table-mapping.types.js';

@ObjectType('SchemaChange', { simpleResolvers: true, description: 'One change to Campaign or to the mappings.' })
export class SchemaChangeType {
  @Field(() => String, { description: 'What is done, as in CREATE_SCHEMA, EXTEND_SCHEMA, ADD_ATTRIBUTE, ADD_MAPPING.' })
  kind!: string;

  @Field(() => String, { description: 'What it is done to: a schema, or a path in one.' })
  subject!: string;

  @Field(() => String, { description: 'What it becomes.' })
  detail!: string;
}

@ObjectType('SkippedColumn', { simpleResolvers: true, description: 'A column that is not mapped, and why.' })
export class SkippedColumnType implements SkippedColumn {
  @Field(() => String, { description: 'Logical name of the table.' })
  table!: string;

  @Field(() => String, { description: 'Logical name of the column.' })
  column!: string;

  @Field(() => String, { description: 'Why it is not mapped.' })
  reason!: string;
}

@ObjectType('MapTablesPayload', { simpleResolvers: true, description: 'What mapping or unmapping did, or would do.' })
export class MapTablesPayload {
  @Field(() => Boolean, { description: 'Whether nothing was changed, as asked for.' })
  dryRun!: boolean;

  @Field(() => [SchemaChangeType], {
    description: 'What was changed, or would be; empty where everything is so already.',
  })
  changes!: readonly SchemaChangeType[];

  @Field(() => [TableMappingType], { description: "The account's mappings afterwards." })
  mappings!: readonly TableMapping[];

  @Field(() => [SkippedColumnType], {
    description: 'Columns of the tables selected as a whole that are not mapped, each with the reason.',
  })
  skipped!: readonly SkippedColumn[];
}
