import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ItemizedValue } from '../../model/campaign-schema.js';
import type { EnumerationMapping } from '../../model/mapping.js';

export enum EnumerationMode {
  ADD = 'ADD',
  REPLACE = 'REPLACE',
}
registerEnumType(EnumerationMode, {
  name: 'EnumerationMode',
  valuesConfig: {
    ADD: { description: 'Values of the list that are no options in Dynamics stay.' },
    REPLACE: { description: 'Values of the list that are no options in Dynamics are removed.' },
  },
});

@InputType('EnumerationSelectionInput')
export class EnumerationSelectionInput {
  @Field(() => String, { description: 'Logical name of a mapped table.' })
  table!: string;

  @Field(() => String, { description: 'Logical name of a choice, state or status column.' })
  column!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Itemized list in Campaign, made where it is missing; default <Table>_<column>.',
  })
  list?: string | null;

  @Field(() => EnumerationMode, { nullable: true, defaultValue: EnumerationMode.ADD })
  mode?: EnumerationMode | null;
}

@InputType('SynchronizeEnumerationsInput')
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

  @Field(() => String)
  label!: string;
}

@ObjectType('EnumerationSync', {
  simpleResolvers: true,
  description: 'What was done to one itemized list, or would be.',
})
export class EnumerationSyncType {
  @Field(() => String)
  table!: string;

  @Field(() => String)
  column!: string;

  @Field(() => String, { description: 'Name of the itemized list.' })
  list!: string;

  @Field(() => [EnumerationValueType])
  added!: readonly ItemizedValue[];

  @Field(() => [EnumerationValueType], { description: 'Values with a new label.' })
  updated!: readonly ItemizedValue[];

  @Field(() => [EnumerationValueType])
  removed!: readonly ItemizedValue[];

  @Field(() => Int)
  unchanged!: number;
}

@ObjectType('SkippedEnumeration', { simpleResolvers: true })
export class SkippedEnumerationType {
  @Field(() => String)
  table!: string;

  @Field(() => String)
  column!: string;

  @Field(() => String)
  reason!: string;
}

@ObjectType('SynchronizeEnumerationsPayload', { simpleResolvers: true })
export class SynchronizeEnumerationsPayload {
  @Field(() => Boolean)
  dryRun!: boolean;

  @Field(() => [EnumerationSyncType])
  enumerations!: readonly EnumerationSyncType[];

  @Field(() => [SkippedEnumerationType])
  skipped!: readonly SkippedEnumerationType[];
}

@ObjectType('EnumerationMapping', { simpleResolvers: true, description: 'A choice column tied to an itemized list.' })
export class EnumerationMappingType implements EnumerationMapping {
  @Field(() => String)
  account!: string;

  @Field(() => String)
  table!: string;

  @Field(() => String)
  column!: string;

  @Field(() => String)
  list!: string;

  @Field(() => EnumerationMode)
  mode!: EnumerationMapping['mode'];
}
