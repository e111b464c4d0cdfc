import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startOrganization } from './support.js';

describe('the data of a new organization', () => {
  it('is the same for the same seed, and another for another', async () => {
    await using first = await startOrganization({ contacts: 30, seed: 7 });
    await using second = await startOrganization({ contacts: 30, seed: 7 });
    await using other = await startOrganization({ contacts: 30, seed: 8 });
    expect(first.mock.rows('contact')).toEqual(second.mock.rows('contact'));
    expect(first.mock.rows('contact')).not.toEqual(other.mock.rows('contact'));
  });

  it('is in proportion to the number of contacts', async () => {
    await using organization = await startOrganization({ contacts: 400 });
    const counts = ['contact', 'account', 'lead', 'opportunity'].map((table) => organization.mock.rows(table).length);
    expect(counts).toEqual([400, 100, 134, 80]);
  });

  it('ties rows that exist, of the tables that a lookup allows', async () => {
    await using organization = await startOrganization({ contacts: 300 });
    const { mock } = organization;
    const dangling = [
      'account',
      'contact',
      'lead',
      'opportunity',
      'listmember',
      'campaign',
      'team',
      'systemuser',
    ].flatMap((table) =>
      mock
        .rows(table)
        .flatMap((row) =>
          Object.entries(row).filter(
            ([, cell]) => typeof cell === 'object' && mock.row(cell.table, cell.id) === undefined,
          ),
        ),
    );
    expect(dangling).toEqual([]);
    const parents = new Set(
      mock
        .rows('contact')
        .map((row) => (typeof row.parentcustomerid === 'object' ? row.parentcustomerid.table : 'none')),
    );
    expect(parents).toEqual(new Set(['account', 'contact', 'none']));
  });

  it('holds only values that a write would take', async () => {
    await using organization = await startOrganization({ contacts: 60 });
    for (const set of ['account', 'contact', 'lead', 'campaign']) {
      const { properties, name } = {
        properties: [
          'emailaddress1',
          'telephone1',
          'industrycode',
          'description',
          'birthdate',
          'budgetamount',
          'name',
          'lastname',
        ],
        name: set,
      };
      for (const row of organization.mock.rows(name)) {
        const body = Object.fromEntries(
          properties.flatMap((property) => (row[property] === undefined ? [] : [[property, row[property]]])),
        );
        const answer = await organization.send('PATCH', `${name}s(${String(row[`${name}id`])})`, body);
        expect([answer.status, answer.text]).toEqual([204, '']);
      }
    }
  });

  it('has names of many scripts, empty columns, and inactive rows', async () => {
    await using organization = await startOrganization({ contacts: 400 });
    const contacts = organization.mock.rows('contact');
    expect(contacts.some((row) => /\p{Script=Han}/u.test(String(row.fullname)))).toBe(true);
    expect(contacts.some((row) => row.emailaddress1 === undefined)).toBe(true);
    expect(contacts.some((row) => row.statecode === 1)).toBe(true);
    expect(
      contacts.every(
        (row) =>
          row.emailaddress1 === undefined ||
          /^[a-z0-9.]+@[a-z0-9.]*example(\.(com|net|org))?$/.test(String(row.emailaddress1)),
      ),
    ).toBe(true);
  });
});

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'dynamics-state-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describe('the state file', () => {
  it('carries rows, versions and deletions over to the next start', async () => {
    await using folder = await temporaryFolder();
    const options = { contacts: 5, stateFile: join(folder.path, 'not-there-yet', 'dynamics.json') };
    const first = await startOrganization(options);
    const { body } = await first.get('contacts?$select=fullname', { prefer: 'odata.track-changes' });
    const [gone, ...rest] = first.mock.rows('contact');
    const created = first.mock.insert('contact', { lastname: 'Kept' });
    first.mock.remove('contact', String(gone?.contactid));
    await first.mock.close();
    await using second = await startOrganization(options);
    expect(second.mock.rows('contact')).toHaveLength(rest.length + 1);
    const link = String(body['@odata.deltaLink']).replace(first.mock.url, second.mock.url);
    const changes = (await second.get(link)).body.value;
    expect(changes).toMatchObject([{ contactid: created.contactid }, { id: gone?.contactid, reason: 'deleted' }]);
  });

  it('is written in lines, so that it may grow longer than a string, and keeps texts of any characters', async () => {
    await using folder = await temporaryFolder();
    const options = { contacts: 5, stateFile: join(folder.path, 'dynamics.json') };
    const description = 'one\n\u2028two \u2029\ud83d\ude80 \u00e9';
    const first = await startOrganization(options);
    const { contactid } = first.mock.insert('contact', { lastname: 'Kept', description });
    await first.mock.close();
    const lines = (await readFile(options.stateFile, 'utf8')).split('\n');
    expect(lines.map((line) => line.length).filter((length) => length > 20_000)).toEqual([]);
    await using second = await startOrganization(options);
    expect(second.mock.row('contact', String(contactid))).toMatchObject({ lastname: 'Kept', description });
  });

  it('gives rows of few forms, which take little memory', async () => {
    await using folder = await temporaryFolder();
    const options = { contacts: 200, stateFile: join(folder.path, 'dynamics.json') };
    await (await startOrganization(options)).mock.close();
    await using second = await startOrganization(options);
    const forms = new Set(second.mock.rows('contact').map((row) => Object.keys(row).join()));
    expect(forms.size).toBeLessThan(40);
  });

  it('is refused where it was cut off', async () => {
    await using folder = await temporaryFolder();
    const stateFile = join(folder.path, 'dynamics.json');
    await (await startOrganization({ contacts: 5, stateFile })).mock.close();
    const whole = await readFile(stateFile, 'utf8');
    await writeFile(stateFile, whole.slice(0, whole.length / 2));
    await expect(startOrganization({ stateFile })).rejects.toThrow(`Expected ${stateFile} to hold the state`);
  });

  it('is asked to be deleted where it cannot be read', async () => {
    await expect(startOrganization({ stateFile: 'package-lock.json' })).rejects.toThrow('package-lock.json');
  });
});
