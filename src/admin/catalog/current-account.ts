import { unknownAccount } from '../../connectors/connections.js';
import { RequestError } from '../../model/errors.js';
import type { Storage } from '../../storage/storage.js';

/**
 * The name of the external account to read through: the one asked for, else the one that carries mappings, else the only one.
 * Throws NOT_FOUND where there is none of that name, or none at all; BAD_USER_INPUT where there are several to choose from.
 */
export type CurrentAccount = (name?: string | null) => Promise<string>;

export function createCurrentAccount(storage: Storage): CurrentAccount {
  return async (name) => {
    if (name) {
      if (await storage.accounts.find(name)) return name;
      throw unknownAccount(name, 'account');
    }
    const [mapping] = await storage.mappings.list();
    if (mapping) return mapping.account;
    const accounts = await storage.accounts.list();
    if (accounts.length === 1 && accounts[0]) return accounts[0].name;
    if (accounts.length === 0) {
      throw new RequestError('NOT_FOUND', 'There is no external account yet. Make one with createExternalAccount.');
    }
    const names = accounts.map((account) => `"${account.name}"`).join(', ');
    throw new RequestError('BAD_USER_INPUT', `There are several external accounts. Name one as "account": ${names}.`, {
      field: 'account',
    });
  };
}
