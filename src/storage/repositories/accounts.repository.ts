import { ForeignKeyConstraintViolationException } from '@mikro-orm/core';
import type { AccountConnection, AccountCredentials, ConnectionTest, ExternalAccount } from '../../model/account.js';
import { RequestError } from '../../model/errors.js';
import type { CredentialsCipher } from '../credentials-cipher.js';
import { ExternalAccountEntity, type ExternalAccountRow } from '../entities/external-account.entity.js';
import { TableMappingEntity } from '../entities/table-mapping.entity.js';
import type { AccountRepository } from '../storage.js';
import type { UnitsOfWork } from '../units-of-work.js';
import { byName } from './by-name.js';

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
    const row = await this.units.read((em) => em.findOne(ExternalAccountEntity, { name }));
    return row && toAccount(row);
  }

  async connection(name: string): Promise<AccountConnection | null> {
    const row = await this.units.read((em) => em.findOne(ExternalAccountEntity, { name }));
    if (row === null) return null;
    const { server, tenantId, clientId } = row;
    return { name, server, tenantId, clientId, credentials: this.cipher.open(name, row.credentials) };
  }

  save(
    account: { readonly label: string } & Omit<AccountConnection, 'credentials'>,
    credentials: AccountCredentials,
  ): Promise<ExternalAccount> {
    const { name, label, server, tenantId, clientId } = account;
    const row: ExternalAccountRow = {
      ...{ name, label, server, tenantId, clientId },
      oauthType: credentials.oauthType,
      status: 'DRAFT',
      lastTest: null,
      credentials: this.cipher.seal(name, credentials),
    };
    return this.units.write(async (em) => {
      await em.upsert(ExternalAccountEntity, row);
      return toAccount(row);
    });
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
