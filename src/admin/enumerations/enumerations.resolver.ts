import { Arg, Authorized, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Storage } from '../../storage/storage.js';
import type { AdminContext } from '../context.js';
import type { EnumerationState, EnumerationsService } from './enumerations.service.js';
import {
  ComparedValueType,
  EnumerationMappingType,
  SynchronizeEnumerationsInput,
  SynchronizeEnumerationsPayload,
} from './enumerations.types.js';

@Resolver(() => EnumerationMappingType)
export class EnumerationsResolver {
  private readonly states = new WeakMap<AdminContext, Promise<readonly EnumerationState[]>>();

  constructor(
    private readonly enumerations: EnumerationsService,
    private readonly storage: Storage,
  ) {}

  @Query(() => [EnumerationMappingType], { description: 'The choice columns that are tied to itemized lists.' })
  async enumerationMappings(
    @Arg('table', () => String, { nullable: true, description: 'Logical name of the table.' }) table:
      | string
      | null
      | undefined,
  ): Promise<readonly EnumerationMappingType[]> {
    const kept = await this.storage.enumerations.list(table ?? undefined);
    return kept.map(({ account, table, column, list, mode, synchronizedAt }) => {
      return { account, table, column, list, mode, synchronizedAt };
    });
  }

  @FieldResolver(() => [ComparedValueType], {
    description: 'Both sides value by value, read anew: which of them changed what since they were last synchronized.',
  })
  async values(
    @Root() mapping: EnumerationMappingType,
    @Ctx() context: AdminContext,
  ): Promise<readonly ComparedValueType[]> {
    const states = await this.statesOf(context);
    const own = states.find((one) => one.mapping.table === mapping.table && one.mapping.column === mapping.column);
    return own?.values ?? [];
  }

  /** Read once for each request, however many mappings it shows. */
  private statesOf(context: AdminContext): Promise<readonly EnumerationState[]> {
    const states = this.states.get(context) ?? this.enumerations.compare(context.call);
    this.states.set(context, states);
    return states;
  }

  @Authorized('operator')
  @Mutation(() => SynchronizeEnumerationsPayload, {
    description:
      'Copies the options of choice, state and status columns into itemized lists of Campaign, and tells with the options of the last synchronization which side changed what. With `dryRun` it tells the changes and makes none; repeated it changes nothing.',
  })
  synchronizeEnumerations(
    @Arg('input', () => SynchronizeEnumerationsInput, { description: 'What is wanted.' })
    input: SynchronizeEnumerationsInput,
    @Ctx() context: AdminContext,
  ): Promise<SynchronizeEnumerationsPayload> {
    return this.enumerations.synchronize(input, context.call);
  }
}
