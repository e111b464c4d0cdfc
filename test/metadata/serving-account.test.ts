import { describe, expect, it } from 'vitest';
import { servedCatalog } from '../../src/metadata/served-catalog.js';
import { findServingAccount } from '../../src/metadata/serving-account.js';
import type { ExternalAccount, ExternalAccountStatus } from '../../src/model/account.js';
import type { Named } from '../../src/model/catalog.js';
import { aSchema, aTable, CONTACT_TO_RECIPIENT } from '../storage/fixtures.js';

function account(name: string, status: ExternalAccountStatus): ExternalAccount {
  return {
    ...{ name, status, label: name, server: `https://${name}.crm.dynamics.com`, tenantId: 't', clientId: 'c' },
    ...{ oauthType: 'CLIENT_SECRET', lastTest: null, certificateExpiresOn: null },
  };
}

async function chosen(accounts: readonly ExternalAccount[], mappings = [] as (typeof CONTACT_TO_RECIPIENT)[]) {
  return (await findServingAccount({ list: async () => accounts }, mappings))?.name ?? null;
}

describe('the account that Dynamics is read through', () => {
  const b = account('b', 'CONNECTED');
  const a = account('a', 'CONNECTED');

  it('is the one that carries the mappings', async () => {
    const mapped = account(CONTACT_TO_RECIPIENT.account, 'FAILED');
    expect(await chosen([a, mapped], [CONTACT_TO_RECIPIENT])).toBe(mapped.name);
  });

  it('is the first that works where nothing is mapped', async () => {
    expect(await chosen([account('0', 'FAILED'), b, a])).toBe('a');
  });

  it('is the only one, tested or not, and none of several that were not', async () => {
    expect(await chosen([account('a', 'DRAFT')])).toBe('a');
    expect(await chosen([account('a', 'DRAFT'), account('b', 'FAILED')])).toBeNull();
    expect(await chosen([])).toBeNull();
  });
});

describe('what is served', () => {
  const observed = {
    revision: '1',
    underWay: [],
    mappings: [],
    mapped: { tables: [aTable('contact')], schemas: [] },
    further: { tables: [aTable('lead'), aTable('visit')], schemas: [aSchema('nms:delivery')] },
  };
  const served = (tables: Named, schemas: Named) => {
    const catalog = servedCatalog(observed, { tables, schemas });
    return [catalog.tables.map(({ logicalName }) => logicalName), catalog.schemas.map(({ name }) => name)];
  };

  it('is of the further tables and schemas those that the settings of this process name', () => {
    expect(served([], [])).toEqual([['contact'], []]);
    expect(served(['visit'], ['nms:delivery'])).toEqual([['contact', 'visit'], ['nms:delivery']]);
    expect(served('*', '*')).toEqual([['contact', 'lead', 'visit'], ['nms:delivery']]);
  });
});
