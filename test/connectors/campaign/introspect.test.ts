import { describe, expect, it } from 'vitest';
import { describeSchema, referencedSchemas, withReferenced } from '../../../src/connectors/campaign/introspect.js';
import { parseXml } from '../../../src/connectors/campaign/xml-text.js';
import { findAttribute } from '../../../src/model/campaign-schema.js';
import { recipient } from './recipient.js';

function schemaOf(inside: string, name = 'order') {
  return describeSchema(parseXml(`<schema namespace="cus" name="${name}" label="Orders">${inside}</schema>`));
}

describe('descriptions of compiled schemas', () => {
  it('names the schema and its root element', () => {
    expect(recipient).toMatchObject({
      name: 'nms:recipient',
      label: 'Recipients',
      labelSingular: 'Recipient',
      md5: '0A1B',
    });
    expect(recipient.root.name).toBe('recipient');
  });

  it('gives a table with autopk its id and the primary key of it', () => {
    expect(findAttribute(recipient, '@id')).toMatchObject({ type: 'long', computed: false });
    expect(recipient.keys).toEqual([
      { name: 'id', fields: ['id'], internal: true },
      { name: 'email', fields: ['email'], internal: false },
    ]);
  });

  it('tells the sequence that ids come from, or that records bring their keys', () => {
    const describe = (root: string) =>
      describeSchema(parseXml(`<schema namespace="cus" name="a"><element name="a" ${root}/></schema>`)).sequence;
    expect(describe('autopk="true"')).toBe('XtkNewId');
    expect(describe('autopk="true" pkSequence="CusNewId"')).toBe('CusNewId');
    expect(describe('')).toBeNull();
  });

  it('tells a view that no table is named for, which has no records', () => {
    const describe = (attributes: string, root = '') =>
      describeSchema(parseXml(`<schema namespace="cus" name="a" ${attributes}><element name="a" ${root}/></schema>`))
        .isStored;
    expect(describe('view="true"')).toBe(false);
    expect(describe('view="true"', 'sqltable="CusView"')).toBe(true);
    expect(describe('')).toBe(true);
  });

  it('tells type, length, enumeration, list and formula of an attribute', () => {
    expect(findAttribute(recipient, '@email')).toMatchObject({ label: 'Email', type: 'string', length: 128 });
    expect(findAttribute(recipient, '@gender')).toMatchObject({ type: 'byte', enumeration: 'gender' });
    expect(findAttribute(recipient, '@origin')).toMatchObject({ itemizedList: 'origin', enumeration: null });
    expect(findAttribute(recipient, '@domain')).toMatchObject({ computed: true });
    expect(findAttribute(recipient, 'notes')).toMatchObject({ type: 'memo', isElement: true });
    expect(findAttribute(recipient, 'location/@zipCode')).toMatchObject({ length: 20, isElement: false });
  });

  it('tells simple links from collections, and what ties them', () => {
    expect(recipient.root.links).toEqual([
      {
        name: 'folder',
        label: 'Folder',
        target: 'xtk:folder',
        cardinality: 'one',
        join: [{ source: 'folder-id', destination: 'id' }],
      },
      {
        name: 'broadLog',
        label: 'broadLog',
        target: 'nms:broadLogRcp',
        cardinality: 'many',
        join: [{ source: 'id', destination: 'recipient-id' }],
      },
    ]);
  });

  it('finds the foreign keys of a link that names no join, and in a key made of links', () => {
    const order = schemaOf(`<element name="order">
      <key name="line"><keyfield xlink="buyer"/><keyfield xpath="@number"/></key>
      <element name="buyer" type="link" target="nms:recipient"/><attribute name="number"/></element>`);
    expect(order.root.links[0]?.join).toEqual([{ source: 'buyer-id', destination: 'id' }]);
    expect(order.keys).toEqual([{ name: 'line', fields: ['buyer-id', 'number'], internal: false }]);
  });

  it('leaves out collections that are stored as XML', () => {
    const order = schemaOf(
      '<element name="order"><element name="line" unbound="true"><attribute name="sku"/></element></element>',
    );
    expect(order.root.elements).toEqual([]);
  });

  it('describes a schema without a table as an empty element without a key', () => {
    expect(schemaOf('<methods/>')).toMatchObject({ root: { name: 'order', attributes: [] }, keys: [] });
  });

  it('takes the first table of a schema that has several and none of its own name', () => {
    const tables = schemaOf('<element name="account"><attribute name="a"/></element><element name="contact"/>');
    expect(tables.root.name).toBe('account');
  });

  it('adds the enumerations of other schemas under their full names', () => {
    const order = schemaOf(
      '<element name="order"><attribute name="buyerGender" type="byte" enum="nms:recipient:gender"/></element>',
    );
    expect(referencedSchemas(order)).toEqual(['nms:recipient']);
    const [gender] = withReferenced(order, [recipient]).enumerations;
    expect(gender).toMatchObject({
      name: 'nms:recipient:gender',
      values: [{}, { name: 'male', value: '1', label: 'Male' }, {}],
    });
  });
});
