import { describe, expect, it } from 'vitest';
import type { ClientRequest } from '../../../src/connectors/dynamics/client.js';
import { writeRecords } from '../../../src/connectors/dynamics/writes.js';
import { RemoteError } from '../../../src/model/errors.js';
import type { WriteRequest } from '../../../src/model/query.js';
import type { Table } from '../../../src/model/table.js';
import { aColumn, aTable } from '../../support/builders.js';
import { createFakeClient, type FakeAnswer } from './fake-client.js';
import { CONTACT, ID, OTHER_ID } from './tables.js';

const KEYED: Table = { ...CONTACT, keys: [{ name: 'mail', columns: ['emailaddress1'], active: true }] };
const SETS: Readonly<Record<string, string>> = { account: 'accounts', contact: 'contacts' };

async function write(
  parts: Partial<WriteRequest<Table>>,
  answer: (request: ClientRequest) => FakeAnswer = () => ({ status: 204 }),
) {
  const client = createFakeClient(answer);
  const request: WriteRequest<Table> = { to: KEYED, operation: 'update', key: 'contactid', records: [], ...parts };
  const outcomes = await writeRecords(
    { client, setNameOf: async (name) => SETS[name] ?? name, concurrency: 2 },
    request,
  );
  return { outcomes, asked: client.asked };
}

const refusal = (status: number, code: string) => ({
  status,
  body: { error: { code, message: `message of ${code}` } },
});

describe('writeRecords', () => {
  it.each([
    ['update', { 'If-Match': '*' }],
    ['create', { 'If-None-Match': '*' }],
  ] as const)('sends an %s to the record with the condition that belongs to it', async (operation, headers) => {
    const { outcomes, asked } = await write({ operation, records: [{ contactid: ID, fullname: 'Ann' }] });
    expect(asked).toMatchObject([{ method: 'PATCH', resource: `contacts(${ID})`, headers, body: { fullname: 'Ann' } }]);
    expect(asked[0]?.headers).toEqual(headers);
    expect(outcomes).toEqual([{ ok: true, id: ID }]);
  });

  it('gives a new record an id of its own, so that the request may be repeated', async () => {
    const { outcomes, asked } = await write({
      operation: 'create',
      records: [{ fullname: 'Ann' }, { fullname: 'Bob' }],
    });
    const ids = outcomes.map((outcome) => outcome.ok && outcome.id);
    expect(new Set(ids).size).toBe(2);
    expect(asked.map(({ resource }) => resource)).toEqual(ids.map((id) => `contacts(${id})`));
  });

  it('writes values in the form of their column', async () => {
    const record = {
      contactid: ID,
      annualincome: '12.50',
      numberofchildren: 2,
      gendercode: 1,
      topics: '1, 2',
      donotemail: false,
      birthdate: null,
    };
    const { asked } = await write({ records: [record] });
    expect(asked[0]?.body).toEqual({
      annualincome: 12.5,
      numberofchildren: 2,
      gendercode: 1,
      topics: '1,2',
      donotemail: false,
      birthdate: null,
    });
  });

  it('writes a 64-bit integer as a number, as Edm.Int64 is one in JSON', async () => {
    const to = aTable('contact', [aColumn('points', 'bigint')]);
    const { asked } = await write({ to, records: [{ contactid: ID, points: '9007199254740993' }] });
    expect(asked[0]?.body).toEqual({ points: 9007199254740993n });
  });

  it('writes lookups as references, and clears them', async () => {
    const set = await write({
      records: [{ contactid: ID, masterid: OTHER_ID, parentcustomerid: `account:${OTHER_ID}` }],
    });
    expect(set.asked[0]?.body).toEqual({
      'masterid@odata.bind': `/contacts(${OTHER_ID})`,
      'parentcustomerid_account@odata.bind': `/accounts(${OTHER_ID})`,
    });
    const cleared = await write({ records: [{ contactid: ID, parentcustomerid: null }] });
    expect(cleared.asked[0]?.body).toEqual({
      'parentcustomerid_account@odata.bind': null,
      'parentcustomerid_contact@odata.bind': null,
    });
  });

  it('finds a record by an alternate key and tells its id', async () => {
    const answer = () => ({ status: 200, body: { contactid: ID } });
    const { outcomes, asked } = await write(
      { operation: 'upsert', key: 'emailaddress1', records: [{ emailaddress1: "o'b@x.example" }] },
      answer,
    );
    expect(asked[0]?.resource).toBe("contacts(emailaddress1='o''b@x.example')?$select=contactid");
    expect(outcomes).toEqual([{ ok: true, id: ID, created: false }]);
  });

  it.each([
    [undefined, {}],
    ['create', { 'If-None-Match': '*' }],
    ['update', { 'If-Match': '*' }],
  ] as const)('asks of an upsert, only to %s, whether it made the record', async (only, condition) => {
    const upsert = {
      operation: 'upsert',
      ...(only && { only }),
      records: [{ contactid: ID, fullname: 'Ann' }],
    } as const;
    const answer = (status: number) => () => ({ status, body: { contactid: ID } });
    const { outcomes, asked } = await write(upsert, answer(201));
    expect(asked).toMatchObject([
      { method: 'PATCH', resource: `contacts(${ID})?$select=contactid`, body: { fullname: 'Ann' } },
    ]);
    expect(asked[0]?.headers).toEqual({ ...condition, Prefer: 'return=representation' });
    expect(outcomes).toEqual([{ ok: true, id: ID, created: true }]);
    expect((await write(upsert, answer(200))).outcomes).toEqual([{ ok: true, id: ID, created: false }]);
  });

  it('finds a record by a key of several columns, which are in the address and not in the body', async () => {
    const keys = [{ name: 'both', columns: ['emailaddress1', 'masterid'], active: true }];
    const { asked } = await write(
      {
        to: { ...CONTACT, keys },
        operation: 'upsert',
        key: ['masterid', 'emailaddress1'],
        records: [{ emailaddress1: 'a@x.example', masterid: OTHER_ID, fullname: 'Ann' }],
      },
      () => ({ status: 201, body: { contactid: ID } }),
    );
    expect(asked[0]?.resource).toBe(
      `contacts(_masterid_value=${OTHER_ID},emailaddress1='a@x.example')?$select=contactid`,
    );
    expect(asked[0]?.body).toEqual({ fullname: 'Ann' });
  });

  it('refuses a record with a part of its key, and columns that are no key together', async () => {
    const keys = [{ name: 'both', columns: ['emailaddress1', 'fullname'], active: true }];
    const to = { ...CONTACT, keys };
    const { outcomes, asked } = await write({
      to,
      operation: 'upsert',
      key: ['emailaddress1', 'fullname'],
      records: [{ fullname: 'Ann' }],
    });
    expect(outcomes).toMatchObject([
      { ok: false, code: 'BAD_USER_INPUT', message: expect.stringContaining('"emailaddress1"') },
    ]);
    expect(asked).toEqual([]);
    await expect(write({ to, key: ['emailaddress1'], records: [{ emailaddress1: 'a' }] })).rejects.toThrow(
      'alternate key',
    );
  });

  it('tells for each record why it was refused, and writes the others', async () => {
    const records: WriteRequest<Table>['records'] = [
      { contactid: ID },
      { contactid: 'none' },
      { contactid: OTHER_ID, numberofchildren: 1.5 },
    ];
    const { outcomes } = await write({ records }, () => refusal(404, '0x80040217'));
    expect(outcomes).toMatchObject([
      { ok: false, code: 'NOT_FOUND', message: expect.stringContaining('message of 0x80040217') },
      { ok: false, code: 'BAD_USER_INPUT', message: expect.stringContaining('contactid') },
      { ok: false, code: 'BAD_USER_INPUT', message: expect.stringContaining('numberofchildren') },
    ]);
  });

  it('refuses a column that cannot be written before it sends anything', async () => {
    await expect(write({ records: [{ contactid: ID, modifiedon: 'now' }] })).rejects.toThrow('"modifiedon"');
    await expect(write({ records: [{ contactid: ID, nosuch: 1 }] })).rejects.toThrow('"nosuch"');
    await expect(write({ key: 'fullname', records: [{ fullname: 'Ann' }] })).rejects.toThrow('alternate key');
  });

  it('rejects as a whole when Dynamics is not there, and begins no further record', async () => {
    const gone = () => {
      throw new RemoteError('UPSTREAM_UNAVAILABLE', 'gone', {
        upstream: { system: 'dynamics', status: 503, code: null, message: 'gone', requestId: null },
      });
    };
    let sent = 0;
    const records = Array.from({ length: 20 }, (_, index) => ({
      contactid: ID.replace(/.$/, String(index % 10)),
      fullname: `${index}`,
    }));
    const written = write({ records }, () => {
      sent++;
      return gone();
    });
    await expect(written).rejects.toThrow('gone');
    expect(sent).toBeLessThanOrEqual(2);
  });

  it('writes the same record in the order given', async () => {
    const records = ['a', 'b', 'c'].map((fullname) => ({ contactid: ID, fullname }));
    const { asked } = await write({ records });
    expect(asked.map(({ body }) => body)).toEqual([{ fullname: 'a' }, { fullname: 'b' }, { fullname: 'c' }]);
  });

  it('deletes by id', async () => {
    const { outcomes, asked } = await write({ operation: 'delete', records: [{ contactid: ID }] });
    expect(asked).toMatchObject([{ method: 'DELETE', resource: `contacts(${ID})` }]);
    expect(outcomes).toEqual([{ ok: true, id: ID }]);
  });
});
