import { Arg, Authorized, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ConnectionTest } from '../../model/account.js';
import type { TableMapping } from '../../model/mapping.js';
import type { Storage } from '../../storage/storage.js';
import type { AdminContext } from '../context.js';
import { TableMappingType } from '../mappings/table-mapping.types.js';
import type { AccountsService } from './accounts.service.js';
import { ExternalAccountInput, ExternalAccountPatch } from './external-account.inputs.js';
import { ConnectionTestType, ExternalAccountType, toExternalAccountType } from './external-account.types.js';

@Resolver(() => ExternalAccountType)
export class ExternalAccountsResolver {
  constructor(
    private readonly accounts: AccountsService,
    private readonly storage: Storage,
  ) {}

  @Query(() => [ExternalAccountType], { description: 'The Dynamics organizations that are connected, by name.' })
  async externalAccounts(): Promise<ExternalAccountType[]> {
    return (await this.storage.accounts.list()).map((account) => toExternalAccountType(account));
  }

  @Query(() => ExternalAccountType, {
    nullable: true,
    description: 'One external account by its name; null where there is none.',
  })
  async externalAccount(
    @Arg('name', () => String, { description: 'Name of the external account.' }) name: string,
  ): Promise<ExternalAccountType | null> {
    const account = await this.storage.accounts.find(name);
    return account && toExternalAccountType(account);
  }

  @Authorized('admin')
  @Mutation(() => ExternalAccountType, {
    description:
      'Saves how a Dynamics organization is reached, here (credentials encrypted) and as an external account in Campaign (without credentials). The same input again changes nothing.',
  })
  async createExternalAccount(
    @Arg('input', () => ExternalAccountInput, { description: 'What is wanted.' }) input: ExternalAccountInput,
    @Ctx() context: AdminContext,
  ): Promise<ExternalAccountType> {
    const { account, outcome } = await this.accounts.create(input, context.call);
    return toExternalAccountType(account, outcome);
  }

  @Authorized('admin')
  @Mutation(() => ExternalAccountType, { description: 'Changes what the patch names; credentials are replaced whole.' })
  async updateExternalAccount(
    @Arg('name', () => String, { description: 'Name of the external account.' }) name: string,
    @Arg('input', () => ExternalAccountPatch, { description: 'What is wanted.' }) input: ExternalAccountPatch,
    @Ctx() context: AdminContext,
  ): Promise<ExternalAccountType> {
    const { account, outcome } = await this.accounts.update(name, input, context.call);
    return toExternalAccountType(account, outcome);
  }

  @Authorized('admin')
  @Mutation(() => Boolean, {
    description: 'Removes an account that carries no mappings and no workflows; false where there is none.',
  })
  deleteExternalAccount(
    @Arg('name', () => String, { description: 'Name of the external account.' }) name: string,
    @Ctx() context: AdminContext,
  ): Promise<boolean> {
    return this.accounts.delete(name, context.call);
  }

  @Authorized('admin')
  @Mutation(() => ConnectionTestType, {
    description: 'Tries the connection step by step, says what is wrong and how to mend it, and keeps the result.',
  })
  testExternalAccount(
    @Arg('name', () => String, { description: 'Name of the external account.' }) name: string,
    @Ctx() context: AdminContext,
  ): Promise<ConnectionTest> {
    return this.accounts.test(name, context.call);
  }

  @FieldResolver(() => [TableMappingType], { description: 'The tables that are mapped through it.' })
  async mappings(@Root() account: ExternalAccountType): Promise<readonly TableMapping[]> {
    return (await this.storage.mappings.list()).filter((mapping) => mapping.account === account.name);
  }
}
