import { describe, expect, it } from 'vitest';
import { compileQuery } from '../../../src/connectors/campaign/compile.js';
import { writeCursor } from '../../../src/connectors/campaign/cursor.js';
import { writeXml } from '../../../src/connectors/campaign/xml-text.js';
import type { CampaignSchema } from '../../../src/model/campaign-schema.js';
import type { RecordQuery } from '../../../src/model/query.js';
import { childElements, type XmlElement } from '../../../src/model/xml.js';
import { describeKnown, recipient } from './recipient.js';

type Query = RecordQuery<CampaignSchema>;

function compile(facts: Partial<Query> = {}) {
  return compileQuery({ from: recipient, select: { fields: ['email'] }, first: 10, ...facts }, describeKnown);
}

/** The expressions in a part of a query. */
function expressions(query: XmlElement, part: 'select' | 'orderBy'): readonly (string | undefined)[] {
  return childElements(query, part).flatMap((element) => childElements(element).map((node) => node.attributes.expr));
}

/** A cursor after these values for a query. */
function continued(facts: Partial<Query>, values: readonly string[]): Partial<Query> {
  return { ...facts, after: writeCursor(compile(facts).fingerprint(), values) };
}

function where(facts: Partial<Query>): string {
  return childElements(compile(facts).select, 'where').map(writeXml).join('');
}

const BY_NAME = { orderBy: [{ path: 'lastName', descending: false }] };

describe('queries as queryDef', () => {
  it('compiles a whole query', () => {
    const { select } = compile({
      filter: { kind: 'compare', path: 'email', operator: 'eq', value: 'a@b.example' },
      orderBy: [{ path: 'lastModified', descending: true }],
      first: 50,
    });
    expect(writeXml(select)).toBe(
      '<queryDef xtkschema="xtk:queryDef" schema="nms:recipient" operation="select" lineCount="51">' +
        '<select><node expr="@id"/><node expr="@email"/><node expr="@lastModified"/></select>' +
        `<where><condition expr="@email = 'a@b.example'"/></where>` +
        '<orderBy><node expr="Coalesce(@lastModified, #1900-01-01 00:00:00.000Z#)" sortDesc="true"/><node expr="@id"/></orderBy></queryDef>',
    );
  });

  it('selects elements, memos and linked records, these with their key', () => {
    const select = { fields: ['location/city', 'notes', 'folder-id'], nested: { folder: { fields: ['label'] } } };
    expect(expressions(compile({ select }).select, 'select')).toEqual([
      '@id',
      'notes',
      '[@folder-id]',
      '[location/@city]',
      '[folder/@id]',
      '[folder/@label]',
    ]);
  });

  it('never pages by line', () => {
    expect(writeXml(compile(continued({}, ['7'])).select)).not.toContain('startLine');
  });

  it('ends every order with the key', () => {
    expect(expressions(compile().select, 'orderBy')).toEqual(['@id']);
    expect(expressions(compile(BY_NAME).select, 'orderBy')).toEqual(["Coalesce(@lastName, '')", '@id']);
    expect(expressions(compile({ orderBy: [{ path: 'id', descending: true }] }).select, 'orderBy')).toEqual(['@id']);
  });

  it('continues after the key of the last record', () => {
    expect(where(continued({}, ['1005']))).toBe('<where><condition expr="@id &gt; 1005"/></where>');
  });

  it('continues after the order values of the last record and its key', () => {
    expect(where(continued(BY_NAME, ["O'Neill", '1005']))).toBe(
      `<where><condition boolOperator="OR" expr="Coalesce(@lastName, '') &gt; 'O\\'Neill'"/><condition boolOperator="OR">` +
        `<condition boolOperator="AND" expr="Coalesce(@lastName, '') = 'O\\'Neill'"/>` +
        `<condition boolOperator="AND" expr="@id &gt; 1005"/></condition></where>`,
    );
  });

  it('sorts once by what is named twice', () => {
    const twice = [...BY_NAME.orderBy, { path: 'lastName', descending: true }];
    expect(compile({ orderBy: twice }).select).toEqual(compile(BY_NAME).select);
  });

  it('counts all that match, whatever the cursor', () => {
    const facts = { filter: { kind: 'compare', path: 'wishes', operator: 'gt', value: 3 } } as const;
    expect(writeXml(compile(continued(facts, ['1005'])).count())).toBe(
      '<queryDef xtkschema="xtk:queryDef" schema="nms:recipient" operation="count"><where><condition expr="@wishes &gt; 3"/></where></queryDef>',
    );
  });

  it('refuses a cursor of another filter or order, and one that nobody made', () => {
    const other = writeCursor(compile(BY_NAME).fingerprint(), ["O'Neill", '1005']);
    const bad = { code: 'BAD_USER_INPUT', message: expect.stringContaining('cursor') };
    expect(() => compile({ after: other })).toThrow('it belongs to a query with another filter, order or schema');
    for (const cursor of ['', 'abc', Buffer.from('{"q":1}').toString('base64url')]) {
      expect(() => compile({ after: cursor })).toThrow(expect.objectContaining(bad));
    }
  });

  it('refuses a cursor whose values were changed into something else', () => {
    expect(() => compile(continued({}, ['1 or 1 = 1']))).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });

  it('refuses a page of no records or of too many', () => {
    for (const first of [0, 5_001, 1.5]) {
      expect(() => compile({ first })).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    }
  });

  it('refuses paths that the schema does not have, and names them', () => {
    for (const facts of [
      { select: { fields: ['shoeSize'] } },
      { orderBy: [{ path: 'shoeSize', descending: false }] },
    ]) {
      expect(() => compile(facts)).toThrow(expect.objectContaining({ message: expect.stringContaining('"shoeSize"') }));
    }
  });

  it('refuses a schema whose records have no key', () => {
    expect(() => compile({ from: { ...recipient, keys: [] } })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
  });
});
