import { describe, expect, it } from 'vitest';
import { decodeRecord, decodeValue } from '../../../src/connectors/campaign/decode.js';
import { buildShape } from '../../../src/connectors/campaign/shape.js';
import { parseXml } from '../../../src/connectors/campaign/xml-text.js';
import type { Selection } from '../../../src/model/query.js';
import { describeKnown, pathOf, recipient } from './recipient.js';

function decode(row: string, select: Selection) {
  return decodeRecord(parseXml(row), buildShape(recipient, select, describeKnown));
}

describe('records in answers', () => {
  it.each([
    ['lastName', 'Doe', 'Doe'],
    ['lastName', '', null],
    ['wishes', '0', 0],
    ['wishes', '-12', -12],
    ['wishes', '', null],
    ['score', '1.25', 1.25],
    ['externalNo', '9007199254740993', '9007199254740993'],
    ['blackList', '1', true],
    ['blackList', 'true', true],
    ['blackList', '0', false],
    ['birthDate', '1990-02-28', '1990-02-28'],
    ['birthDate', '1990/02/28', '1990-02-28'],
    ['birthDate', '', null],
    ['lastModified', '2026-01-31 13:45:00.123Z', '2026-01-31T13:45:00.123Z'],
    ['lastModified', '2026-01-31 13:45:00', '2026-01-31T13:45:00.000Z'],
    ['lastModified', '2026-01-31T13:45:00+02:00', '2026-01-31T11:45:00.000Z'],
    ['lastModified', '', null],
    ['gender', '2', { name: 'female', value: '2', label: 'Female' }],
    ['gender', '9', { name: null, value: '9', label: null }],
    ['gender', '', null],
  ])('decodes %s="%s" by its type', (path, text, expected) => {
    expect(decodeValue(text, pathOf(path))).toEqual(expected);
  });

  it('nests elements and linked records and keeps their keys', () => {
    const row =
      '<recipient id="7" email="a@b.example" _cs="Doe"><location city="Paris"/><folder id="12" label="Clients" _cs="x"/></recipient>';
    const select = { fields: ['email', 'location/city'], nested: { folder: { fields: ['label'] } } };
    expect(decode(row, select)).toEqual({
      id: 7,
      email: 'a@b.example',
      location: { city: 'Paris' },
      folder: { id: 12, label: 'Clients' },
    });
  });

  it('reads a memo out of its element', () => {
    expect(decode('<recipient id="7"><notes>two\nlines</notes></recipient>', { fields: ['notes'] })).toEqual({
      id: 7,
      notes: 'two\nlines',
    });
  });

  it('takes a link to row 0, to nothing and without an element for none', () => {
    const select = { fields: [], nested: { folder: { fields: ['label'] } } };
    for (const link of ['<folder id="0" label=""/>', '<folder id="" label=""/>', '']) {
      expect(decode(`<recipient id="7">${link}</recipient>`, select)).toEqual({ id: 7, folder: null });
    }
  });

  it('gives null for what the answer leaves out', () => {
    expect(decode('<recipient id="7"/>', { fields: ['email', 'wishes', 'location/city'] })).toEqual({
      id: 7,
      email: null,
      wishes: null,
      location: { city: null },
    });
  });
});
