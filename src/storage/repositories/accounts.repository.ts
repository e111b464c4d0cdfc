import { isDeepStrictEqual } from 'node:util';
import { ForeignKeyConstraintViolationException, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { AccountConnection, AccountCredentials, ConnectionTest, ExternalAccount } from '../../model/account.js';
import { RequestError } from '../../model/errors.js';
import type { CredentialsCipher } from '../credentials-cipher.js';
import { ExternalAccountEntity, type ExternalAccountRow } from '../entities/external-account.entity.js';
import { TableMappingEntity } from '../entities/table-mapping.entity.js';
import { storableText } from '../storable.js';
import type { AccountRepository } from '../storage.js';
import type { UnitsOfWork } from '../units-of-work.js';
import { byName } from './by-name.js';

type NewAccount = { readonly label: string } & Omit<AccountConnection, 'credentials'>;

export class DatabaseAccounts implements AccountRepository {
  constructor(
    private readonly units: UnitsOfWork,
    private readonly cipher: CredentialsCipher,
  ) {}

  async list(): Promise<readonly ExternalAccount[]> {
    const rows = await this.units.read((em) => em.find(ExternalAccountEntity, {}));
    return rows.map(toAccount).sort(byName);
  }

  async find(name: string): Promise<ExternalAccount | null> {
    const row = await this.findRow(name);
    return row && toAccount(row);
  }

  async connection(name: string): Promise<AccountConnection | null> {
    const row = await this.findRow(name);
    if (row === null) return null;
    const { server, tenantId, clientId } = row;
    return { name, server, tenantId, clientId, credentials: this.cipher.open(name, row.credentials) };
  }

  /** A name that PostgreSQL cannot hold is none of an account's, and is looked for in the form that it can. */
  private findRow(name: string): Promise<ExternalAccountRow | null> {
    return this.units.read((em) => em.findOne(ExternalAccountEntity, { name: storableText(name) }));
  }

  async add(account: NewAccount, credentials: AccountCredentials): Promise<ExternalAccount> {
    const row = this.toRow(account, credentials);
    try {
      await this.units.write(async (em) => em.insert(ExternalAccountEntity, row));
      return toAccount(row);
    } catch (cause) {
      if (!(cause instanceof UniqueConstraintViolationException)) throw cause;
      throw new RequestError('CONFLICT', `There is an external account "${account.name}" already.`, { cause });
    }
  }

  save(account: NewAccount, credentials: AccountCredentials): Promise<ExternalAccount> {
    const wanted = this.toRow(account, credentials);
    return this.units.write(async (em) => {
      const before = await em.findOne(ExternalAccountEntity, { name: account.name });
      const row = before ? { ...wanted, ...(await this.keptState(em, before, account, credentials)) } : wanted;
      await em.upsert(ExternalAccountEntity, row);
      return toAccount(row);
    });
  }

  /** A test tells of the settings it was made with; mappings stay whatever the settings. */
  private async keptState(
    em: SqlEntityManager,
    before: ExternalAccountRow,
    { name, server, tenantId, clientId }: NewAccount,
    credentials: AccountCredentials,
  ): Promise<Pick<ExternalAccountRow, 'status' | 'lastTest'>> {
    const { status, lastTest } = before;
    const isSameServer = isDeepStrictEqual(
      [before.server, before.tenantId, before.clientId],
      [server, tenantId, clientId],
    );
    if (isSameServer && this.isSame(before, credentials)) return { status, lastTest };
    const isMapped = (await em.count(TableMappingEntity, { account: name })) > 0;
    return { status: isMapped ? 'CONFIGURED' : 'DRAFT', lastTest: null };
  }

  /** Credentials that cannot be read any more are others. */
  private isSame({ name, credentials: sealed }: ExternalAccountRow, credentials: AccountCredentials): boolean {
    try {
      return isDeepStrictEqual(this.cipher.open(name, sealed), credentials);
    } catch {
      return false;
    }
  }

  private toRow({ name, label, server, tenantId, clientId }: NewAccount, credentials: AccountCredentials) {
    return {
      ...{ name, label, server, tenantId, clientId },
      oauthType: credentials.oauthType,
      status: 'DRAFT',
      lastTest: null,
      credentials: this.cipher.seal(name, credentials),
    } satisfies ExternalAccountRow;
  }

  saveTest(name: string, test: ConnectionTest): Promise<ExternalAccount> {
    return this.units.write(async (em) => {
      const row = await em.findOne(ExternalAccountEntity, { name });
      if (row === null)
        throw new RequestError('NOT_FOUND', `There is no external account "${name}" to keep a test of.`);
      const isMapped = (await em.count(TableMappingEntity, { account: name })) > 0;
      row.lastTest = test;
      row.status = test.ok ? (isMapped ? 'CONFIGURED' : 'CONNECTED') : 'FAILED';
      return toAccount(row);
    });
  }

  async delete(name: string): Promise<boolean> {
    if ((await this.findRow(name)) === null) return false;
    try {
      return (await this.units.write((em) => em.nativeDelete(ExternalAccountEntity, { name }))) > 0;
    } catch (cause) {
      if (!(cause instanceof ForeignKeyConstraintViolationException)) throw cause;
      throw new RequestError(
        'CONFLICT',
        `External account "${name}" still carries table mappings or workflows. Remove them first with unmapTables and deleteWorkflow.`,
        { field: 'name', cause },
      );
    }
  }
}

function toAccount(row: ExternalAccountRow): ExternalAccount {
  const { name, label, server, tenantId, clientId, oauthType, status, lastTest } = row;
  return { name, label, server, tenantId, clientId, oauthType, status, lastTest: lastTest ?? null };
}
