import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CredentialsCipher } from '../../src/storage/credentials-cipher.js';
import { DatabaseAccounts } from '../../src/storage/repositories/accounts.repository.js';
import { UnitsOfWork } from '../../src/storage/units-of-work.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { aTable, CONTACT_TO_RECIPIENT, CONTOSO, FAILED, IMPORT_CONTACTS, PASSED } from './fixtures.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  await opened.database.orm.em.fork().execute('truncate external_account cascade');
});

const storage = () => opened.database.storage;

describe('external accounts', () => {
  it('are shown without credentials, and handed to a connector with them', async () => {
    const saved = await storage().accounts.save(CONTOSO, CONTOSO.credentials);
    const { credentials, ...visible } = CONTOSO;
    expect(saved).toEqual({ ...visible, oauthType: 'CLIENT_SECRET', status: 'DRAFT', lastTest: null });
    expect(await storage().accounts.find('contoso')).toEqual(saved);
    expect(await storage().accounts.list()).toEqual([saved]);
    const { label, ...connection } = CONTOSO;
    expect(await storage().accounts.connection('contoso')).toEqual(connection);
  });

  it('that do not exist are null', async () => {
    expect(await storage().accounts.find('fabrikam')).toBeNull();
    expect(await storage().accounts.connection('fabrikam')).toBeNull();
    expect(await storage().accounts.delete('fabrikam')).toBe(false);
    await expect(storage().accounts.saveTest('fabrikam', PASSED)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('become DRAFT again when saved anew, without their last test', async () => {
    await storage().accounts.save(CONTOSO, CONTOSO.credentials);
    await storage().accounts.saveTest('contoso', PASSED);
    const password = { oauthType: 'PASSWORD_CREDENTIALS', account: 'crm.user', password: 'p' } as const;
    await storage().accounts.save({ ...CONTOSO, label: 'Contoso Ltd' }, password);
    expect(await storage().accounts.list()).toMatchObject([{ label: 'Contoso Ltd', status: 'DRAFT', lastTest: null }]);
    expect(await storage().accounts.connection('contoso')).toMatchObject({ credentials: password });
  });

  it('keep their last test, whose outcome is their status', async () => {
    await storage().accounts.save(CONTOSO, CONTOSO.credentials);
    expect(await storage().accounts.saveTest('contoso', FAILED)).toMatchObject({ status: 'FAILED', lastTest: FAILED });
    expect(await storage().accounts.saveTest('contoso', PASSED)).toMatchObject({ status: 'CONNECTED' });
    expect(await storage().accounts.find('contoso')).toMatchObject({ status: 'CONNECTED', lastTest: PASSED });
  });

  it('that carry mappings are CONFIGURED after a test that passed', async () => {
    await storage().accounts.save(CONTOSO, CONTOSO.credentials);
    const content = { mappings: [CONTACT_TO_RECIPIENT], tables: [aTable('contact')], schemas: [] };
    await storage().mappings.replace('contoso', content);
    expect(await storage().accounts.saveTest('contoso', FAILED)).toMatchObject({ status: 'FAILED' });
    expect(await storage().accounts.saveTest('contoso', PASSED)).toMatchObject({ status: 'CONFIGURED' });
  });

  it('cannot be deleted while a workflow needs them', async () => {
    await storage().accounts.save(CONTOSO, CONTOSO.credentials);
    await storage().workflows.save(IMPORT_CONTACTS);
    await expect(storage().accounts.delete('contoso')).rejects.toMatchObject({ code: 'CONFLICT', field: 'name' });
    await storage().workflows.delete(IMPORT_CONTACTS.name);
    expect(await storage().accounts.delete('contoso')).toBe(true);
    expect(await storage().accounts.find('contoso')).toBeNull();
  });

  it('take their enumeration mappings with them', async () => {
    await storage().accounts.save(CONTOSO, CONTOSO.credentials);
    const column = { account: 'contoso', table: 'account', column: 'industrycode', list: 'Account_industrycode' };
    await storage().enumerations.save([{ ...column, mode: 'ADD', base: null, synchronizedAt: null }]);
    await storage().accounts.delete('contoso');
    expect(await storage().enumerations.list()).toEqual([]);
  });
});

describe('credentials', () => {
  it('stand in the database encrypted, each time differently', async () => {
    const sealed = async () => {
      await storage().accounts.save(CONTOSO, CONTOSO.credentials);
      const rows = await opened.database.orm.em.fork().execute('select credentials from external_account');
      return JSON.stringify(rows);
    };
    const first = await sealed();
    expect(first).not.toMatch(/secret/i);
    expect(await sealed()).not.toBe(first);
  });

  it('do not open with another SECRET_KEY, and the message says so', async () => {
    await storage().accounts.save(CONTOSO, CONTOSO.credentials);
    const otherKey = new CredentialsCipher(Buffer.alloc(32, 2));
    const accounts = new DatabaseAccounts(new UnitsOfWork(opened.database.orm.em), otherKey);
    const refusal = { code: 'CONFLICT', message: expect.stringMatching(/"contoso".*SECRET_KEY/) };
    await expect(accounts.connection('contoso')).rejects.toMatchObject(refusal);
    expect(await accounts.find('contoso')).toMatchObject({ name: 'contoso' });
  });

  it('do not open under the name of another account', () => {
    const cipher = new CredentialsCipher(Buffer.alloc(32, 1));
    const sealed = cipher.seal('contoso', CONTOSO.credentials);
    expect(cipher.open('contoso', sealed)).toEqual(CONTOSO.credentials);
    expect(() => cipher.open('fabrikam', sealed)).toThrow('SECRET_KEY');
  });

  it.each(['v2:AAAA', 'AAAA', 'v1:AAAA', ''])('that are no envelope of ours (%j) do not open', (envelope) => {
    expect(() => new CredentialsCipher(Buffer.alloc(32, 1)).open('contoso', envelope)).toThrow('SECRET_KEY');
  });
});
