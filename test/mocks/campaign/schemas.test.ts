import { describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { logOn, openMock, type RawSession } from './soap-client.js';

const SHOP = `
  <srcSchema xtkschema="xtk:srcSchema" _key="@name,@namespace" namespace="cus" name="shop" label="Shops">
    <enumeration name="size" basetype="byte"><value name="small" value="1"/><value name="large" label="Big" value="2"/></enumeration>
    <element name="shop" autopk="true">
      <key name="code"><keyfield xpath="@code"/></key>
      <attribute name="code" length="8" required="true"/>
      <attribute name="size" type="byte" enum="size"/>
      <attribute name="opened" type="date"/>
      <element name="owner" type="link" target="nms:recipient" label="Owner" revLink="shop"/>
    </element>
  </srcSchema>`;

async function build(session: RawSession, id: string): Promise<string> {
  return session.call('xtk:builder#BuildSchemaFromId', `<id>${id}</id>`);
}

async function entity(session: RawSession, pk: string, md5 = ''): Promise<string> {
  return session.call(
    'xtk:persist#GetEntityIfMoreRecent',
    `<pk>${pk}</pk><md5>${md5}</md5><mustExist>false</mustExist>`,
  );
}

describe('a schema written to the Campaign mock', () => {
  it('is unknown until it is built and the session logs on again', async () => {
    covers(
      'campaign',
      '3.1 Schemas',
      'source schemas are written, then built; a session sees the schemas it logged on to',
    );
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(SHOP);
    const row = '<shop xtkschema="cus:shop" code="A1"/>';
    expect(await (await logOn(mock)).write(row)).toContain('XFR-180000');
    await build(session, 'cus:shop');
    expect(await session.write(row)).toContain('XFR-180000');
    expect(await entity(session, 'xtk:schema|cus:shop')).toContain("literalxml'></pdomDoc>");
    expect(await session.query('<queryDef schema="cus:shop" operation="count"/>')).toContain('XFR-180000');
    const again = await logOn(mock);
    expect(await again.write(row)).toContain('<WriteResponse ');
    expect(await again.query('<queryDef schema="cus:shop" operation="count"/>')).toBe('<shop count="1"/>');
  });

  it('is compiled with its keys, foreign keys, columns and lengths', async () => {
    covers('campaign', '3.3 Grammar', 'types, default lengths, required');
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(SHOP);
    await build(session, 'cus:shop');
    const compiled = await entity(await logOn(mock), 'xtk:schema|cus:shop');
    expect(compiled).toContain('sqltable="CusShop"');
    expect(compiled).toContain('<key name="id" internal="true"><keyfield xpath="@id"/></key>');
    expect(compiled).toMatch(/<attribute name="id" type="long" [^>]*sqlname="iShopId"/);
    expect(compiled).toMatch(/<attribute name="code" length="8" required="true" type="string" sqlname="sCode"\/>/);
    expect(compiled).toMatch(/<attribute advanced="true" [^>]*name="owner-id" type="long" sqlname="iOwnerId"\/>/);
    expect(compiled).toContain('<join xpath-dst="@id" xpath-src="@owner-id"/>');
    expect(compiled).toMatch(/<schema [^>]*xtkschema="xtk:schema"[^>]* md5="[0-9A-F]{32}"/);
  });

  it('gives the schema that it links to a reverse link', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(SHOP);
    await build(session, 'cus:shop');
    const again = await logOn(mock);
    expect(await entity(again, 'xtk:schema|nms:recipient')).toMatch(
      /<element [^>]*name="shop" [^>]*target="cus:shop" [^>]*unbound="true"/,
    );
    await again.writeCollection(`<c xtkschema="cus:shop"><shop code="A1"><owner _key="@email" email="o@s.example"/></shop>
      <shop code="A2"><owner _key="@email" email="o@s.example"/></shop></c>`);
    const body = await again.query(`<queryDef schema="nms:recipient" operation="get"><select><node expr="@email"/>
      <node expr="[shop/@code]"/></select><where><condition expr="[shop/@code] = 'A2'"/></where></queryDef>`);
    expect(body).toBe('<recipient email="o@s.example"><shop code="A1"/><shop code="A2"/></recipient>');
  });

  it('keeps its rows when it changes; a new attribute is empty in them', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(SHOP);
    await build(session, 'cus:shop');
    await (await logOn(mock)).write('<shop xtkschema="cus:shop" code="A1" size="2"/>');
    await session.write(
      SHOP.replace(
        '<attribute name="opened"',
        '<attribute name="area" type="long"/><attribute name="city"/><attribute name="opened"',
      ),
    );
    await build(session, 'cus:shop');
    const body = await (
      await logOn(mock)
    ).query(`<queryDef schema="cus:shop" operation="get"><select><node expr="@size"/>
      <node expr="@area"/><node expr="@city"/><node expr="@opened"/></select></queryDef>`);
    expect(body).toBe('<shop size="2" area="0" city="" opened=""/>');
  });

  it('is served as authored, and not again to whoever knows its md5', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(SHOP);
    const source = await entity(session, 'xtk:srcSchema|cus:shop');
    expect(source).toContain('<value name="large" label="Big" value="2"/>');
    const md5 = /md5="([0-9A-F]{32})"/.exec(source)?.[1] ?? '';
    expect(await entity(session, 'xtk:srcSchema|cus:shop', md5)).toContain("literalxml'></pdomDoc>");
  });

  it('is removed by deleting its source and then its references', async () => {
    covers('campaign', '3.1 Schemas', 'deletion: Write with _operation delete, then RemoveSchemaLinkRef');
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(SHOP);
    await build(session, 'cus:shop');
    await session.writeCollection(`<c xtkschema="xtk:srcSchema"><srcSchema _operation="delete" _key="@name,@namespace"
      name="shop" namespace="cus"/></c>`);
    expect(await entity(await logOn(mock), 'xtk:schema|cus:shop')).toContain('<schema ');
    await session.call('xtk:builder#RemoveSchemaLinkRef', '<id>cus:shop</id><extendedSchema/>');
    const again = await logOn(mock);
    expect(await entity(again, 'xtk:schema|cus:shop')).not.toContain('<schema ');
    expect(await entity(again, 'xtk:schema|nms:recipient')).not.toContain('cus:shop');
  });

  it('takes with it the links that led to it', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(SHOP);
    await build(session, 'cus:shop');
    await session.write(`<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="till"><element name="till" autopk="true">
      <attribute name="code"/><element name="shop" type="link" target="cus:shop"/></element></srcSchema>`);
    await build(session, 'cus:till');
    await session.write('<srcSchema xtkschema="xtk:srcSchema" _operation="delete" name="shop" namespace="cus"/>');
    await session.call('xtk:builder#RemoveSchemaLinkRef', '<id>cus:shop</id><extendedSchema/>');
    const again = await logOn(mock);
    expect(await entity(again, 'xtk:schema|cus:till')).not.toContain('cus:shop');
    expect(await again.query('<queryDef schema="cus:till" operation="count"/>')).toBe('<till count="0"/>');
    expect(await build(again, 'cus:till')).toContain(
      "Link 'shop' of schema 'cus:till' leads to 'cus:shop', which does not exist.",
    );
  });

  it('may list tables of a CRM without having rows of its own', async () => {
    covers('campaign', '3.2 CRM schemas', 'source schemas that list the tables of an account (view)');
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(`<srcSchema xtkschema="xtk:srcSchema" namespace="mscrm" name="mscrmSchemadynamicsCRM" view="true" mappingType="sql">
      <enumeration basetype="string" name="Account_Industry"><value name="1" label="Accounting" value="1"/></enumeration>
      <element name="account" label="Account"><attribute name="industrycode" type="string" enum="Account_Industry"/></element>
      <element name="contact" label="Contact"><attribute name="firstname" type="string" length="50"/></element></srcSchema>`);
    await build(session, 'mscrm:mscrmSchemadynamicsCRM');
    const again = await logOn(mock);
    expect(await entity(again, 'xtk:schema|mscrm:mscrmSchemadynamicsCRM')).toContain('<element name="contact"');
    expect(await again.query('<queryDef schema="mscrm:mscrmSchemadynamicsCRM" operation="count"/>')).toContain(
      'XSV-350063',
    );
  });

  it.each([
    ['a reserved namespace', 'namespace="nms" name="shop"', '<element name="shop"/>', "namespace 'nms' is reserved"],
    [
      'an unknown type',
      'namespace="cus" name="shop"',
      '<element name="shop"><attribute name="a" type="text"/></element>',
      "attribute 'shop/a' has the unknown type 'text'",
    ],
    [
      'a name given twice',
      'namespace="cus" name="shop"',
      '<element name="shop"><attribute name="a"/><attribute name="a"/></element>',
      "attribute 'shop/a' is declared twice",
    ],
    [
      'a link without a target',
      'namespace="cus" name="shop"',
      '<element name="shop"><element name="l" type="link"/></element>',
      "element 'shop/l' is a link without a target",
    ],
    ['a name that is no name', 'namespace="cus" name="my shop"', '', "name 'my shop' is not valid"],
  ])('is refused for %s', async (_, attributes, content, message) => {
    await using mock = await openMock();
    const session = await logOn(mock);
    const body = await session.write(`<srcSchema xtkschema="xtk:srcSchema" ${attributes}>${content}</srcSchema>`);
    expect(body).toContain(message);
    expect(body).toContain("XSV-350023 Unable to save document of type 'Source schemas (xtk:srcSchema)'.");
  });

  it.each([
    ['a key over nothing', '<key name="k"><keyfield xpath="@no"/></key>', "key 'k' names '@no', which does not exist"],
    [
      'a link to nothing',
      '<element name="l" type="link" target="cus:no"/>',
      "Link 'l' of schema 'cus:shop' leads to 'cus:no'",
    ],
    [
      'an enumeration that is missing',
      '<attribute name="a" enum="no"/>',
      "names the enumeration 'no', which does not exist",
    ],
  ])('is not built with %s, and what was built before stays', async (_, content, message) => {
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(SHOP);
    await build(session, 'cus:shop');
    await session.write(SHOP.replace('<attribute name="opened"', `${content}<attribute name="opened"`));
    expect(await build(session, 'cus:shop')).toContain(message);
    expect(await (await logOn(mock)).query('<queryDef schema="cus:shop" operation="count"/>')).toBe(
      '<shop count="0"/>',
    );
  });
});

describe('an extension of a stock schema', () => {
  const EXTENSION = `
    <srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="recipient" extendedSchema="nms:recipient" label="Ours">
      <enumeration name="tier"><value name="gold" value="g"/></enumeration>
      <element name="recipient">
        <key name="crmId"><keyfield xpath="@crmId"/></key>
        <attribute name="crmId" length="36" label="CRM id"/><attribute name="tier" enum="tier"/>
        <element name="location"><attribute name="floor" type="long"/></element>
      </element>
    </srcSchema>`;

  it('adds its attributes, keys and enumerations to the schema it extends', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(EXTENSION);
    expect(await build(session, 'cus:recipient')).toContain('<BuildSchemaFromIdResponse ');
    const again = await logOn(mock);
    const compiled = await entity(again, 'xtk:schema|nms:recipient');
    expect(compiled).toMatch(/<schema [^>]*label="Recipients"/);
    expect(compiled).toContain('<enumeration name="tier">');
    expect(compiled).toContain('<keyfield xpath="@crmId"/>');
    expect(await entity(again, 'xtk:schema|cus:recipient')).not.toContain('<schema ');
    await again.write(
      '<r xtkschema="nms:recipient" crmId="42" email="x@e.example"><location floor="3" city="Lyon"/></r>',
    );
    await again.write('<r xtkschema="nms:recipient" crmId="42" lastName="By key"/>');
    const row = mock.rows('nms:recipient').find((candidate) => candidate.crmId === '42');
    expect(row).toMatchObject({
      email: 'x@e.example',
      lastName: 'By key',
      'location/floor': 3,
      'location/city': 'Lyon',
    });
  });

  it('leaves the key empty in many rows without a conflict', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(EXTENSION);
    await build(session, 'cus:recipient');
    const again = await logOn(mock);
    const body = await again.writeCollection(
      '<c xtkschema="nms:recipient"><r email="1@e.example"/><r crmId="" email="2@e.example"/></c>',
    );
    expect(body).toContain('WriteCollectionResponse');
    const taken = await again.writeCollection(
      '<c xtkschema="nms:recipient"><r _operation="insert" crmId="7"/><r _operation="insert" crmId="7"/></c>',
    );
    expect(taken).toContain('DETAIL: Key (sCrmId)=(7) already exists.');
  });

  it('cannot extend what does not exist', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(EXTENSION.replace('"nms:recipient"', '"nms:nothing"'));
    expect(await build(session, 'cus:recipient')).toContain(
      "Schema 'cus:recipient' extends 'nms:nothing', which does not exist.",
    );
  });
});

describe('entities of the Campaign mock', () => {
  it('are found by name where they have one', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    expect(await entity(session, 'xtk:enum|salutation')).toMatch(
      /<enum [^>]*name="salutation"[^>]*><value [^>]*name="Mr"/,
    );
    expect(await entity(session, 'nms:extAccount|dynamicsCRM')).toContain("literalxml'></pdomDoc>");
    expect(await entity(session, 'xtk:workflow|cleanup')).toContain("Attribute 'name' unknown");
  });

  it('are missed with a fault where they must exist', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    const body = await session.call('xtk:persist#GetEntityIfMoreRecent', '<pk>xtk:schema|cus:no</pk><md5/><m>true</m>');
    expect(body).toContain('XSV-350000');
  });
});
