import { Arg, Authorized, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { EnumerationMapping } from '../../model/mapping.js';
import type { Storage } from '../../storage/storage.js';
import type { AdminContext } from '../context.js';
import type { EnumerationsService } from './enumerations.service.js';
import {
  EnumerationMappingType,
  SynchronizeEnumerationsInput,
  SynchronizeEnumerationsPayload,
} from './enumerations.types.js';

@Resolver(() => EnumerationMappingType)
export class EnumerationsResolver {
  constructor(
    private readonly enumerations: EnumerationsService,
    private readonly storage: Storage,
  ) {}

  @Query(() => [EnumerationMappingType], { description: 'The choice columns that are tied to itemized lists.' })
  enumerationMappings(
    @Arg('table', () => String, { nullable: true }) table: string | null | undefined,
  ): Promise<readonly EnumerationMapping[]> {
    return this.storage.enumerations.list(table ?? undefined);
  }

  @Authorized('operator')
  @Mutation(() => SynchronizeEnumerationsPayload, {
    description:
      'Copies the options of choice, state and status columns into itemized lists of Campaign. With `dryRun` it tells the changes and makes none; repeated it changes nothing.',
  })
  synchronizeEnumerations(
    @Arg('input', () => SynchronizeEnumerationsInput) input: SynchronizeEnumerationsInput,
    @Ctx() context: AdminContext,
  ): Promise<SynchronizeEnumerationsPayload> {
    return this.enumerations.synchronize(input, context.call);
  }
}
