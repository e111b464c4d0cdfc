import { Arg, Authorized, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { AdminContext } from '../context.js';
import type { DriftService } from './drift.service.js';
import { DriftFindingType, RepairDriftInput, RepairDriftPayload } from './drift.types.js';

@Resolver(() => DriftFindingType)
export class DriftResolver {
  constructor(private readonly service: DriftService) {}

  @Query(() => [DriftFindingType], {
    description:
      'What changed in either system since the mappings were made, and what would repair it. Reads both systems anew.',
  })
  drift(
    @Ctx() context: AdminContext,
    @Arg('table', () => String, { nullable: true, description: 'Logical name; default: every mapped table.' })
    table: string | null | undefined,
  ): Promise<readonly DriftFindingType[]> {
    return this.service.find(table ? [table] : null, context.call);
  }

  @Authorized('operator')
  @Mutation(() => RepairDriftPayload, {
    description:
      'Maps drifted tables once more as they are mapped, unmaps those that Dynamics has no more, and synchronizes their lists. With `dryRun` it tells the changes and makes none; repeated it changes nothing.',
  })
  repairDrift(
    @Arg('input', () => RepairDriftInput, { description: 'What is wanted.' }) input: RepairDriftInput,
    @Ctx() context: AdminContext,
  ): Promise<RepairDriftPayload> {
    return this.service.repair(input, context.call);
  }
}
