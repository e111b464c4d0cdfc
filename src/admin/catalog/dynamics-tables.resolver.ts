import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Connections } from '../../connectors/connections.js';
import { RequestError } from '../../model/errors.js';
import type { AlternateKey, Column, Table, TableSummary } from '../../model/table.js';
import type { AdminContext } from '../context.js';
import { pageOf } from '../paging.js';
import type { CurrentAccount } from './current-account.js';
import {
  DynamicsColumnType,
  DynamicsKeyType,
  DynamicsRelationshipType,
  DynamicsTableConnectionType,
  DynamicsTableType,
} from './dynamics-table.types.js';

/** Tables whose columns one query may ask for: what one request to Dynamics describes. */
const MAX_DESCRIBED_TABLES = 25;

@Resolver(() => DynamicsTableType)
export class DynamicsTablesResolver {
  /** One loader for each request, so that the tables of a list are described together. */
  private readonly loaders = new WeakMap<AdminContext, Map<string, DataLoader<string, Table | null>>>();

  constructor(
    private readonly connections: Connections,
    private readonly currentAccount: CurrentAccount,
  ) {}

  @Query(() => DynamicsTableConnectionType, {
    description:
      'The tables of the Dynamics organization, by logical name; `search` is looked for in names and labels.',
  })
  async dynamicsTables(
    @Ctx() context: AdminContext,
    @Arg('search', () => String, {
      nullable: true,
      description: 'Text to look for in names and labels, whatever its case.',
    })
    search: string | null | undefined,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many a page, 1 to 1000.' }) first:
      | number
      | null,
    @Arg('after', () => String, { nullable: true, description: 'A cursor of this list.' }) after:
      | string
      | null
      | undefined,
    @Arg('account', () => String, {
      nullable: true,
      description: 'External account to read through; needed only where there are several.',
    })
    account: string | null | undefined,
  ): Promise<DynamicsTableConnectionType> {
    const name = await this.currentAccount(account);
    const summaries = await (await this.connections.dynamics(name)).summaries(context.call);
    const found = summaries.filter((table) => matches(table, search)).map((table) => ({ ...table, account: name }));
    return pageOf(found, (table) => table.logicalName, { first, after });
  }

  @Query(() => DynamicsTableType, {
    nullable: true,
    description: 'One table with its columns, option sets, keys and relationships; null where there is none.',
  })
  async dynamicsTable(
    @Ctx() context: AdminContext,
    @Arg('logicalName', () => String, { description: 'Its logical name, as in contact.' }) logicalName: string,
    @Arg('account', () => String, {
      nullable: true,
      description: 'Name of the external account to read through; needed only where there are several.',
    })
    account: string | null | undefined,
  ): Promise<DynamicsTableType | null> {
    const name = await this.currentAccount(account);
    const table = await this.loader(context, name).load(logicalName);
    return table && { ...table, account: name };
  }

  @FieldResolver(() => [DynamicsColumnType], { description: 'Every column.' })
  async columns(@Root() table: DynamicsTableType, @Ctx() context: AdminContext): Promise<readonly Column[]> {
    return (await this.describe(table, context)).columns;
  }

  @FieldResolver(() => String, { description: 'The column that holds the id.' })
  async primaryId(@Root() table: DynamicsTableType, @Ctx() context: AdminContext): Promise<string> {
    return (await this.describe(table, context)).primaryId;
  }

  @FieldResolver(() => String, { nullable: true, description: 'The column that a lookup shows.' })
  async primaryName(@Root() table: DynamicsTableType, @Ctx() context: AdminContext): Promise<string | null> {
    return (await this.describe(table, context)).primaryName;
  }

  @FieldResolver(() => [DynamicsKeyType], { description: 'The alternate keys.' })
  async keys(@Root() table: DynamicsTableType, @Ctx() context: AdminContext): Promise<readonly AlternateKey[]> {
    return (await this.describe(table, context)).keys;
  }

  @FieldResolver(() => [DynamicsRelationshipType], { description: 'Its relationships to many records.' })
  async relationships(
    @Root() table: DynamicsTableType,
    @Ctx() context: AdminContext,
  ): Promise<DynamicsRelationshipType[]> {
    const { relationships } = await this.describe(table, context);
    return relationships.map((relationship) => ({
      ...relationship,
      column: relationship.kind === 'one-to-many' ? relationship.column : null,
    }));
  }

  private async describe(table: DynamicsTableType, context: AdminContext): Promise<Table> {
    const described = await this.loader(context, table.account).load(table.logicalName);
    if (described) return described;
    throw new RequestError(
      'NOT_FOUND',
      `Table "${table.logicalName}" has disappeared from Dynamics. Ask for the list anew.`,
    );
  }

  private loader(context: AdminContext, account: string): DataLoader<string, Table | null> {
    const ofRequest = this.loaders.get(context) ?? new Map<string, DataLoader<string, Table | null>>();
    this.loaders.set(context, ofRequest);
    const loader = ofRequest.get(account) ?? new DataLoader((names) => this.introspect(account, names, context));
    ofRequest.set(account, loader);
    return loader;
  }

  private async introspect(
    account: string,
    names: readonly string[],
    context: AdminContext,
  ): Promise<(Table | null)[]> {
    if (names.length > MAX_DESCRIBED_TABLES) {
      throw new RequestError(
        'BAD_USER_INPUT',
        `Expected columns, keys or relationships of at most ${MAX_DESCRIBED_TABLES} tables in one request, but got ${names.length}. Lower "first", or ask for names and labels only.`,
        { field: 'first' },
      );
    }
    const tables = await (await this.connections.dynamics(account)).introspect(names, context.call);
    const byName = new Map(tables.map((table) => [table.logicalName, table]));
    return names.map((name) => byName.get(name) ?? null);
  }
}

function matches(table: TableSummary, search: string | null | undefined): boolean {
  if (!search) return true;
  const wanted = search.toLocaleLowerCase();
  return [table.logicalName, table.label, table.pluralLabel].some((text) => text.toLocaleLowerCase().includes(wanted));
}
