import { describe, expect, it } from 'vitest';
import { compileWrite } from '../../../src/connectors/campaign/compile-write.js';
import { writeXml } from '../../../src/connectors/campaign/xml-text.js';
import type { WriteRequest, WriteValue } from '../../../src/model/query.js';
import { describeKnown, recipient } from './recipient.js';

type Values = Record<string, WriteValue>;

function compile(
  record: Values,
  operation: WriteRequest<never>['operation'] = 'upsert',
  key: string | readonly string[] = 'email',
) {
  return compileWrite({ to: recipient, operation, key, records: [record] }, describeKnown)[0];
}

function written(...parts: Parameters<typeof compile>): string {
  const compiled = compile(...parts);
  if (!compiled?.ok) throw new Error(compiled?.message);
  return writeXml(compiled.element);
}

describe('records to write', () => {
  it('finds the record by its key and nests what stands in elements', () => {
    expect(written({ email: 'a@b.example', 'location/city': 'Paris', notes: 'hi' })).toBe(
      '<recipient _operation="insertOrUpdate" _key="@email" email="a@b.example"><location city="Paris"/><notes>hi</notes></recipient>',
    );
  });

  it('finds the record by several attributes together', () => {
    const record = { email: 'a@b.example', 'location/zipCode': '75001', lastName: 'Doe' };
    expect(written(record, 'upsert', ['email', 'location/zipCode'])).toContain('_key="@email, [location/@zipCode]"');
    const missing = { code: 'KEY_MISSING', message: expect.stringContaining('"location/zipCode"') };
    expect(compile({ email: 'a@b.example' }, 'upsert', ['email', 'location/zipCode'])).toMatchObject(missing);
  });

  it('ties a link by an attribute of the linked record, which stays as it is', () => {
    expect(written({ email: 'a@b.example', 'folder/name': 'nmsRootFolder' })).toBe(
      '<recipient _operation="insertOrUpdate" _key="@email" email="a@b.example">' +
        '<folder _operation="none" _key="@name" name="nmsRootFolder"/></recipient>',
    );
  });

  it('unties a link by emptying its foreign key', () => {
    expect(written({ email: 'a@b.example', 'folder/name': null })).toBe(
      '<recipient _operation="insertOrUpdate" _key="@email" email="a@b.example" folder-id="0"/>',
    );
  });

  it('writes values as their attributes hold them', () => {
    const record = {
      email: 'a@b.example',
      blackList: true,
      gender: 'female',
      lastModified: '2026-01-31T13:45:00Z',
      birthDate: '1990-02-28',
    };
    expect(written(record)).toContain(
      'blackList="1" gender="2" lastModified="2026-01-31 13:45:00.000Z" birthDate="1990-02-28"',
    );
  });

  it('empties numbers with 0 and everything else with nothing', () => {
    expect(written({ email: 'a@b.example', wishes: null, blackList: null, lastName: null, birthDate: null })).toContain(
      'wishes="0" blackList="0" lastName="" birthDate=""',
    );
  });

  it('says which operation it is, and needs no key to create', () => {
    expect(written({ lastName: 'Doe' }, 'create')).toBe('<recipient _operation="insert" lastName="Doe"/>');
    expect(written({ email: 'a@b.example', lastName: 'Doe' }, 'update')).toContain('_operation="update" _key="@email"');
  });

  it('deletes by nothing but the key', () => {
    expect(written({ email: 'a@b.example', lastName: 'Doe' }, 'delete')).toBe(
      '<recipient _operation="delete" _key="@email" email="a@b.example"/>',
    );
  });

  it.each([
    [{ email: 'a@b.example', wishes: 'many' }, 'BAD_VALUE', 'a long for "wishes"'],
    [{ email: 'a@b.example', lastName: 'a\u0000b' }, 'BAD_VALUE', '"lastName"'],
    [{ email: null, lastName: 'Doe' }, 'KEY_MISSING', '"email"'],
    [{ lastName: 'Doe' }, 'KEY_MISSING', '"email"'],
  ])('rejects %j for itself alone', (record, code, message) => {
    expect(compile(record)).toMatchObject({ ok: false, code, message: expect.stringContaining(message) });
  });

  it.each([
    [{ email: 'x', shoeSize: 42 }, '"shoeSize"'],
    [{ email: 'x', domain: 'b.example' }, '"domain" is computed'],
  ])('refuses a write of paths that cannot be written: %j', (record, message) => {
    expect(() => compile(record)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) }),
    );
  });
});
