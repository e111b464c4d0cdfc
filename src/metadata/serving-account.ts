import type { ExternalAccount } from '../model/account.js';
import type { TableMapping } from '../model/mapping.js';
import type { AccountRepository } from '../storage/storage.js';

/**
 * The external account that the graph reads Dynamics through: the one that carries the mappings; without mappings the first one, by name,
 * whose connection was tested well, or the only one there is. Null where there is none of these.
 */
export async function findServingAccount(
  repository: Pick<AccountRepository, 'list'>,
  mappings: readonly TableMapping[],
): Promise<ExternalAccount | null> {
  const accounts = await repository.list();
  const [mapping] = mappings;
  if (mapping) return accounts.find(({ name }) => name === mapping.account) ?? null;
  const connected = accounts.filter(({ status }) => status === 'CONNECTED' || status === 'CONFIGURED');
  const [first] = connected.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return first ?? (accounts.length === 1 ? (accounts[0] ?? null) : null);
}
