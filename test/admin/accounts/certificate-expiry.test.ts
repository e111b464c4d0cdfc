import { describe, expect, it } from 'vitest';
import { readCertificateExpiries, watchCertificates } from '../../../src/admin/accounts/certificate-expiry.js';
import { createLogger } from '../../../src/log.js';
import type { AccountCredentials } from '../../../src/model/account.js';
import { RequestError } from '../../../src/model/errors.js';
import type { Storage } from '../../../src/storage/storage.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2030-01-01T00:00:00Z');

/** Accounts by name, with when their certificates expire; null where nobody told, undefined where credentials are unreadable. */
function storageOf(expiries: Readonly<Record<string, string | null | undefined>>): Pick<Storage, 'accounts'> {
  const accounts = {
    list: async () => Object.keys(expiries).map((name) => ({ name, oauthType: 'CERTIFICATE' })),
    connection: async (name: string) => {
      const expiresOn = expiries[name];
      if (expiresOn === undefined) throw new RequestError('CONFLICT', 'unreadable');
      const credentials: AccountCredentials = {
        ...{ oauthType: 'CERTIFICATE', privateKey: 'top secret', customKeyIdentifier: '', keyId: '' },
        ...(expiresOn && { expiresOn }),
      };
      return { name, credentials };
    },
  };
  return { accounts } as unknown as Pick<Storage, 'accounts'>; // only what is asked of it
}

async function linesOf(storage: Pick<Storage, 'accounts'>): Promise<readonly Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('info', { write: (line: string) => lines.push(JSON.parse(line)) });
  const watch = watchCertificates({ storage, log });
  await new Promise((done) => setTimeout(done, 20));
  watch.close();
  return lines;
}

describe('the expiry of certificates', () => {
  it('is told in seconds for every account that knows it', async () => {
    const storage = storageOf({ known: '2030-01-02T00:00:00Z', unknown: null, unreadable: undefined });
    expect(await readCertificateExpiries(storage, NOW)).toEqual([
      { account: 'known', expiresOn: '2030-01-02T00:00:00Z', secondsLeft: 86_400 },
    ]);
  });

  it('is logged at the start from 30 days before, and as an error afterwards, without the key', async () => {
    const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
    const lines = await linesOf(storageOf({ far: inDays(31), soon: inDays(29.5), past: inDays(-1) }));
    expect(lines.map(({ level, account, msg }) => [level, account, msg])).toEqual([
      ['warn', 'soon', 'certificate expires soon'],
      ['error', 'past', 'certificate has expired'],
    ]);
    expect(JSON.stringify(lines)).not.toContain('top secret');
  });
});
