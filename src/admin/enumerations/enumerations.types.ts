import { GraphQLDateTime } from 'graphql-scalars';
import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ComparedValue, EnumerationConflict } from '../../mapping/enumerations.js';
import type { ItemizedValue } from '../../model/campaign-schema.js';
import type { EnumerationMapping } from '../../model/mapping.js';

export enum EnumerationMode {
  ADD = 'ADD',
  REPLACE = 'REPLACE',
}
registerEnumType(EnumerationMode, {
  name: 'EnumerationMode',
  description: 'What becomes of values of a list that are no options in Dynamics.',
  valuesConfig: {
    ADD: { description: 'Values of the list that are no options in Dynamics stay.' },
    REPLACE: {
      description:
        'Values of the list that are no options in Dynamics are removed, unless records of Campaign hold them.',
    },
  },
});

@InputType('EnumerationSelectionInput', {
  description: 'A choice column, and the itemized list that shall hold its options.',
})
export class EnumerationSelectionInput {
  @Field(() => String, { description: 'Logical name of a mapped table.' })
  table!: string;

  @Field(() => String, { description: 'Logical name of a choice, multi-select choice, state or status column.' })
  column!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Itemized list in Campaign, made where it is missing; default <Table>_<column>, or the name of a global option set.',
  })
  list?: string | null;

  @Field(() => EnumerationMode, {
    nullable: true,
    defaultValue: EnumerationMode.ADD,
    description: 'What becomes of values that are no options.',
  })
  mode?: EnumerationMode | null;
}

@InputType('SynchronizeEnumerationsInput', { description: 'Which lists to synchronize.' })
export class SynchronizeEnumerationsInput {
  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => [EnumerationSelectionInput], {
    nullable: true,
    description: 'Default: every mapped choice, state and status column.',
  })
  enumerations?: EnumerationSelectionInput[] | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Tell the changes, and make none.' })
  dryRun?: boolean | null;
}

@ObjectType('EnumerationValue', { simpleResolvers: true, description: 'A value of an itemized list.' })
class EnumerationValueType implements ItemizedValue {
  @Field(() => String, { description: 'The number of the option in Dynamics.' })
  name!: string;

  @Field(() => String, { description: 'What people read.' })
  label!: string;
}

@ObjectType('EnumerationColumn', { simpleResolvers: true, description: 'A choice column of Dynamics.' })
class EnumerationColumnType {
  @Field(() => String, { description: 'Logical name of the table.' })
  table!: string;

  @Field(() => String, { description: 'Logical name of the column.' })
  column!: string;
}

export enum EnumerationConflictKindEnum {
  REUSED = 'REUSED',
  BOTH_CHANGED = 'BOTH_CHANGED',
  REMOVED_IN_CAMPAIGN = 'REMOVED_IN_CAMPAIGN',
}
registerEnumType(EnumerationConflictKindEnum, {
  name: 'EnumerationConflictKind',
  description: 'How the two sides disagree on a value.',
  valuesConfig: {
    REUSED: { description: 'The number means something else in Dynamics than it did; records may still mean the old.' },
    BOTH_CHANGED: { description: 'Both sides gave the value a new label, and not the same one.' },
    REMOVED_IN_CAMPAIGN: { description: 'The value was taken out of the list, but is still an option.' },
  },
});

@ObjectType('EnumerationConflict', {
  simpleResolvers: true,
  description: 'A value that the two sides disagree on. Dynamics has its way.',
})
class EnumerationConflictType implements EnumerationConflict {
  @Field(() => EnumerationConflictKindEnum, { description: 'What they disagree on.' })
  kind!: EnumerationConflict['kind'];

  @Field(() => String, { description: 'The number of the option in Dynamics.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Label when the two sides were last synchronized.' })
  base!: string | null;

  @Field(() => String, { description: 'Label in Dynamics.' })
  dynamics!: string;

  @Field(() => String, { nullable: true, description: 'Label in Campaign.' })
  campaign!: string | null;
}

@ObjectType('EnumerationSync', {
  simpleResolvers: true,
  description: 'What was done to one itemized list, or would be.',
})
export class EnumerationSyncType {
  @Field(() => String, { description: 'Logical name of the table.' })
  table!: string;

  @Field(() => String, { description: 'Logical name of the column.' })
  column!: string;

  @Field(() => String, { description: 'Name of the itemized list.' })
  list!: string;

  @Field(() => [EnumerationColumnType], {
    description: 'Every column whose options the list holds: several where they share a global option set.',
  })
  columns!: readonly EnumerationColumnType[];

  @Field(() => [EnumerationValueType], { description: 'Values that the list did not have.' })
  added!: readonly ItemizedValue[];

  @Field(() => [EnumerationValueType], { description: 'Values with a new label.' })
  updated!: readonly ItemizedValue[];

  @Field(() => [EnumerationValueType], { description: 'Values that were taken out of the list.' })
  removed!: readonly ItemizedValue[];

  @Field(() => [EnumerationValueType], {
    description:
      'Values that Dynamics has no more but that stay: the list is added to, or records of Campaign hold them.',
  })
  kept!: readonly ItemizedValue[];

  @Field(() => [EnumerationConflictType], { description: 'Values that the two sides disagree on.' })
  conflicts!: readonly EnumerationConflict[];

  @Field(() => Int, { description: 'How many values were so already.' })
  unchanged!: number;
}

@ObjectType('SkippedEnumeration', {
  simpleResolvers: true,
  description: 'A column whose options were not synchronized, and why.',
})
export class SkippedEnumerationType {
  @Field(() => String, { description: 'Logical name of the table.' })
  table!: string;

  @Field(() => String, { description: 'Logical name of the column.' })
  column!: string;

  @Field(() => String, { description: 'Why it was left out.' })
  reason!: string;
}

@ObjectType('SynchronizeEnumerationsPayload', {
  simpleResolvers: true,
  description: 'What the synchronization did, or would do.',
})
export class SynchronizeEnumerationsPayload {
  @Field(() => Boolean, { description: 'Whether nothing was changed, as asked for.' })
  dryRun!: boolean;

  @Field(() => [EnumerationSyncType], { description: 'What was done, list by list, or would be.' })
  enumerations!: readonly EnumerationSyncType[];

  @Field(() => [SkippedEnumerationType], { description: 'What was left out.' })
  skipped!: readonly SkippedEnumerationType[];
}

@ObjectType('EnumerationMapping', { simpleResolvers: true, description: 'A choice column tied to an itemized list.' })
export class EnumerationMappingType implements EnumerationMapping {
  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => String, { description: 'Logical name of the table.' })
  table!: string;

  @Field(() => String, { description: 'Logical name of the column.' })
  column!: string;

  @Field(() => String, { description: 'Name of the itemized list.' })
  list!: string;

  @Field(() => EnumerationMode, { description: 'What becomes of values that are no options.' })
  mode!: EnumerationMapping['mode'];

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When the two sides were last synchronized.' })
  synchronizedAt!: string | null;
}

export enum ComparedStateEnum {
  SAME = 'SAME',
  NEW_IN_DYNAMICS = 'NEW_IN_DYNAMICS',
  RENAMED_IN_DYNAMICS = 'RENAMED_IN_DYNAMICS',
  REMOVED_IN_DYNAMICS = 'REMOVED_IN_DYNAMICS',
  KEPT = 'KEPT',
  ONLY_IN_CAMPAIGN = 'ONLY_IN_CAMPAIGN',
  RENAMED_IN_CAMPAIGN = 'RENAMED_IN_CAMPAIGN',
  DIFFERENT = 'DIFFERENT',
  REUSED = 'REUSED',
  BOTH_CHANGED = 'BOTH_CHANGED',
  REMOVED_IN_CAMPAIGN = 'REMOVED_IN_CAMPAIGN',
}
registerEnumType(ComparedStateEnum, {
  name: 'ComparedEnumerationState',
  description: 'Which side changed a value since the two were last synchronized.',
  valuesConfig: {
    SAME: { description: 'Both sides hold it alike.' },
    NEW_IN_DYNAMICS: { description: 'An option that the list does not have yet.' },
    RENAMED_IN_DYNAMICS: { description: 'The option has a new label.' },
    REMOVED_IN_DYNAMICS: { description: 'It is no option any more.' },
    ONLY_IN_CAMPAIGN: { description: 'A value of the list that never was an option.' },
    RENAMED_IN_CAMPAIGN: { description: 'The list gives it a new label.' },
    REUSED: { description: 'The number means something else in Dynamics than it did.' },
    BOTH_CHANGED: { description: 'Both sides gave it a new label, and not the same one.' },
    REMOVED_IN_CAMPAIGN: { description: 'It was taken out of the list, but is still an option.' },
    KEPT: { description: 'No option of Dynamics any more when last synchronized; it stays in the list.' },
    DIFFERENT: { description: 'The labels differ, and the two sides never were synchronized.' },
  },
});

@ObjectType('ComparedEnumerationValue', { simpleResolvers: true, description: 'A value as both sides hold it.' })
export class ComparedValueType implements ComparedValue {
  @Field(() => String, { description: 'The number of the option in Dynamics.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Label in Dynamics; null where it is no option.' })
  dynamics!: string | null;

  @Field(() => String, { nullable: true, description: 'Label in Campaign; null where the list lacks it.' })
  campaign!: string | null;

  @Field(() => String, { nullable: true, description: 'Label when the two sides were last synchronized.' })
  base!: string | null;

  @Field(() => ComparedStateEnum, { description: 'Which side changed it.' })
  state!: ComparedValue['state'];
}
