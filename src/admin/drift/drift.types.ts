import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { Drift, DriftKind } from '../../mapping/drift.js';
import { EnumerationSyncType } from '../enumerations/enumerations.types.js';
import { SchemaChangeType } from '../mappings/map-tables.types.js';

export enum DriftKindEnum {
  TABLE_GONE = 'TABLE_GONE',
  COLUMN_GONE = 'COLUMN_GONE',
  COLUMN_CHANGED = 'COLUMN_CHANGED',
  OPTIONS_CHANGED = 'OPTIONS_CHANGED',
  SCHEMA_GONE = 'SCHEMA_GONE',
  ATTRIBUTE_GONE = 'ATTRIBUTE_GONE',
  ATTRIBUTE_CHANGED = 'ATTRIBUTE_CHANGED',
  ENUMERATION_CHANGED = 'ENUMERATION_CHANGED',
  LINK_GONE = 'LINK_GONE',
  LIST_CHANGED = 'LIST_CHANGED',
  GRAPH_BROKEN = 'GRAPH_BROKEN',
  GRAPH_CHANGED = 'GRAPH_CHANGED',
  GRAPH_GREW = 'GRAPH_GREW',
  TABLE_UNKNOWN = 'TABLE_UNKNOWN',
  SCHEMA_UNKNOWN = 'SCHEMA_UNKNOWN',
}
registerEnumType(DriftKindEnum, {
  name: 'DriftKind',
  description: 'How something is not as it was when the mapping was made.',
  valuesConfig: {
    TABLE_GONE: { description: 'Dynamics has the table no more.' },
    COLUMN_GONE: { description: 'The table has the column no more.' },
    SCHEMA_GONE: { description: 'Campaign has the schema no more.' },
    ATTRIBUTE_GONE: { description: 'The schema has the attribute no more.' },
    LINK_GONE: { description: 'The schema has the link no more.' },
    COLUMN_CHANGED: { description: 'Type, length, label, or the tables that a lookup leads to.' },
    OPTIONS_CHANGED: { description: 'Options of a choice in Dynamics.' },
    ATTRIBUTE_CHANGED: { description: 'Type, length or enumeration.' },
    ENUMERATION_CHANGED: { description: 'Values of an enumeration in a schema of Campaign.' },
    LIST_CHANGED: { description: 'An itemized list and the options it was synchronized with.' },
    GRAPH_BROKEN: { description: 'The graph has followed a remote: queries that were fine are refused now.' },
    GRAPH_CHANGED: { description: 'The graph has followed a remote: queries may get what they do not expect.' },
    GRAPH_GREW: { description: 'The graph has followed a remote: there is more to ask for.' },
    TABLE_UNKNOWN: { description: 'DYNAMICS_TABLES names a table that Dynamics does not have, or does not show.' },
    SCHEMA_UNKNOWN: { description: 'CAMPAIGN_SCHEMAS names a schema that Campaign does not have.' },
  },
});

@ObjectType('DriftFinding', {
  simpleResolvers: true,
  description: 'Something in either system that is not as it was when the mapping was made.',
})
export class DriftFindingType implements Omit<Drift, 'repairs'> {
  @Field(() => DriftKindEnum, { description: 'What is the matter.' })
  kind!: DriftKind;

  @Field(() => String, { description: 'dynamics or campaign.' })
  system!: Drift['system'];

  @Field(() => String, {
    description: 'Logical name of the table; of what belongs to no mapped one in Campaign, the schema.',
  })
  table!: string;

  @Field(() => String, {
    description:
      'What drifted: contact.jobtitle, nms:recipient/@jobtitle, a list, or DynamicsContact.jobtitle in the graph.',
  })
  subject!: string;

  @Field(() => String, { description: 'What it was, and what it is.' })
  detail!: string;

  @Field(() => [SchemaChangeType], { description: 'What repairDrift would change; empty where it cannot.' })
  repair!: readonly SchemaChangeType[];

  @Field(() => String, { nullable: true, description: 'Why repairDrift cannot mend it, and what can.' })
  obstacle!: string | null;
}

@InputType('RepairDriftInput', { description: 'What to repair.' })
export class RepairDriftInput {
  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => [String], {
    nullable: true,
    description: 'Logical names of the tables to repair; default: every mapped one.',
  })
  tables?: string[] | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Tell the changes, and make none.' })
  dryRun?: boolean | null;
}

@ObjectType('RepairDriftPayload', { simpleResolvers: true, description: 'What the repair did, or would do.' })
export class RepairDriftPayload {
  @Field(() => Boolean, { description: 'Whether nothing was changed, as asked for.' })
  dryRun!: boolean;

  @Field(() => [DriftFindingType], {
    description: 'What was found, and is or would be repaired where nothing is in the way.',
  })
  findings!: readonly DriftFindingType[];

  @Field(() => [SchemaChangeType], { description: 'What was changed, or would be.' })
  changes!: readonly SchemaChangeType[];

  @Field(() => [EnumerationSyncType], { description: 'The itemized lists that were synchronized anew, or would be.' })
  enumerations!: readonly EnumerationSyncType[];
}
