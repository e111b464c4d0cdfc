import { Arg, Authorized, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { TableMapping } from '../../model/mapping.js';
import type { Storage } from '../../storage/storage.js';
import type { AdminContext } from '../context.js';
import { MapTablesInput, UnmapTablesInput } from './map-tables.inputs.js';
import { MapTablesPayload } from './map-tables.types.js';
import type { MappingsService } from './mappings.service.js';
import { TableMappingType } from './table-mapping.types.js';

@Resolver(() => TableMappingType)
export class MappingsResolver {
  constructor(
    private readonly mappings: MappingsService,
    private readonly storage: Storage,
  ) {}

  @Query(() => [TableMappingType], { description: 'The Dynamics tables that are tied to Campaign schemas, by table.' })
  tableMappings(): Promise<readonly TableMapping[]> {
    return this.storage.mappings.list();
  }

  @Query(() => TableMappingType, {
    nullable: true,
    description: 'The mapping of a table by its logical name; null where it is not mapped.',
  })
  tableMapping(
    @Arg('table', () => String, { description: 'Logical name of the table.' }) table: string,
  ): Promise<TableMapping | null> {
    return this.storage.mappings.find(table);
  }

  @Authorized('operator')
  @Mutation(() => MapTablesPayload, {
    description:
      "Ties tables to Campaign schemas: writes the account's table list and the target schemas to Campaign, logs on anew, checks that they are there, and serves the wider graph. With `dryRun` it tells the changes and makes none; repeated it changes nothing.",
  })
  mapTables(
    @Arg('input', () => MapTablesInput, { description: 'What is wanted.' }) input: MapTablesInput,
    @Ctx() context: AdminContext,
  ): Promise<MapTablesPayload> {
    return this.mappings.map(input, context.call);
  }

  @Authorized('operator')
  @Mutation(() => MapTablesPayload, {
    description: 'Unties tables and removes from Campaign what mapTables made for them, and nothing else.',
  })
  unmapTables(
    @Arg('input', () => UnmapTablesInput, { description: 'What is wanted.' }) input: UnmapTablesInput,
    @Ctx() context: AdminContext,
  ): Promise<MapTablesPayload> {
    return this.mappings.unmap(input, context.call);
  }
}
