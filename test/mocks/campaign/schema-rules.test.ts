import { describe, expect, it } from 'vitest';
import type { CampaignMock } from '../../../mocks/campaign/server.js';
import { covers } from '../compatibility.js';
import { logOn, openMock } from './soap-client.js';

/** Writes and builds `cus:shop` around what stands in its root and beside it; gives the answer of the build, or the refusal to write. */
async function build(mock: CampaignMock, inRoot: string, beside = '', attributes = ''): Promise<string> {
  const { write, call } = await logOn(mock);
  const written =
    await write(`<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="shop" label="Shops" ${attributes}>${beside}
    <element name="shop" autopk="true"><attribute name="code"/><attribute name="size" type="long"/>${inRoot}</element></srcSchema>`);
  return written.includes('Fault') ? written : call('xtk:builder#BuildSchemaFromId', '<id>cus:shop</id>');
}

async function compiled(mock: CampaignMock): Promise<string> {
  return (await logOn(mock)).call('xtk:persist#GetEntityIfMoreRecent', '<p>xtk:schema|cus:shop</p><m/><e>true</e>');
}

describe('a schema that is built in the Campaign mock', () => {
  it.each([
    ['an unknown interface', '', '', 'implements="cus:nothing"', "it implements 'cus:nothing', which does not exist"],
    [
      'an enumeration that another schema lacks',
      '<attribute name="x" enum="nms:recipient:nothing"/>',
      '',
      '',
      "attribute 'x' names the enumeration 'nms:recipient:nothing', which does not exist",
    ],
    [
      'references that double at every level',
      '<element name="x" ref="e0"/>',
      Array.from({ length: 25 }, (_, at) => {
        const next = at === 24 ? '' : `ref="e${at + 1}"`;
        return `<element name="e${at}"><element name="l" ${next}/><element name="r" ${next}/></element>`;
      }).join(''),
      '',
      "Schema 'cus:shop' grows too large",
    ],
    [
      'values that are made of each other many times',
      Array.from({ length: 10 }, (_, at) => {
        const expr = at === 9 ? '' : `expr="${Array.from({ length: 50 }, () => `@f${at + 1}`).join('+')}"`;
        return `<attribute name="f${at}" type="long" ${expr}/>`;
      }).join(''),
      '',
      '',
      "the expression of attribute 'f0' is wrong",
    ],
    [
      'a name made of what is not there',
      '<compute-string expr="@code + @nothing"/>',
      '',
      '',
      'the compute-string is wrong',
    ],
    [
      'a value made of what is not there',
      '<attribute name="x" expr="Upper(@nothing)"/>',
      '',
      '',
      "the expression of attribute 'x' is wrong",
    ],
    [
      'a filter on what is not there',
      '<sysFilter><condition expr="@nothing = 1"/></sysFilter>',
      '',
      '',
      'the sysFilter is wrong',
    ],
    [
      'a method twice',
      '',
      '<methods><method name="A"/><method name="A"/></methods>',
      '',
      "method 'A' is declared twice",
    ],
    [
      'a parameter of no type',
      '',
      '<methods><method name="A"><parameters><param name="p" type="thing"/></parameters></method></methods>',
      '',
      "parameter 'p' of method 'A' has the unknown type 'thing'",
    ],
    [
      'a parameter of no direction',
      '',
      '<methods><method name="A"><parameters><param name="p" inout="up"/></parameters></method></methods>',
      '',
      "parameter 'p' of method 'A' has the direction 'up', not in, out or inout",
    ],
  ])('is refused with %s', async (_, inRoot, beside, attributes, message) => {
    covers(
      'campaign',
      '4.10 Business calls',
      'xtk:builder BuildSchemaFromId refuses invalid schemas, naming the element',
    );
    await using mock = await openMock();
    const answer = await build(mock, inRoot, beside, attributes);
    expect(answer).toContain('SOP-330011');
    expect(answer).toContain(message);
    expect(await compiled(mock)).toContain('XSV-350000');
  });

  it('keeps its methods and interfaces, with a type that is one of its elements', async () => {
    covers('campaign', '3.3 Grammar', 'methods, parameters, interfaces and implements');
    await using mock = await openMock();
    const methods = `<interface name="sale"><method name="Sell" static="true"/></interface><element name="bill"/>
      <methods><method name="Pay"><parameters><param name="bill" type="shopBill" inout="out"/></parameters></method></methods>`;
    expect(await build(mock, '', methods)).toContain('<BuildSchemaFromIdResponse ');
    const schema = await compiled(mock);
    expect(schema).toContain('<interface name="sale"><method name="Sell" static="true"/></interface>');
    expect(schema).toContain('<param name="bill" type="shopBill" inout="out"/>');
  });

  it('gives no column to what is kept as XML', async () => {
    await using mock = await openMock();
    await build(
      mock,
      '<attribute name="note" xml="true"/><element name="more" xml="true"><attribute name="a"/></element>',
    );
    const schema = await compiled(mock);
    const sqlname = (name: string) => new RegExp(`<attribute name="${name}"[^>]*sqlname="(\\w+)"`).exec(schema)?.[1];
    expect([sqlname('code'), sqlname('note'), sqlname('a')]).toEqual(['sCode', undefined, undefined]);
    const { write, query } = await logOn(mock);
    await write('<shop xtkschema="cus:shop" code="A" note="kept"><more a="too"/></shop>');
    expect(
      await query(
        '<queryDef schema="cus:shop" operation="get"><select><node expr="@note"/><node expr="more/@a"/></select></queryDef>',
      ),
    ).toBe('<shop note="kept"><more a="too"/></shop>');
  });

  it('names its documents by its compute-string', async () => {
    await using mock = await openMock();
    await build(mock, `<compute-string expr="@code + ' / ' + @size"/>`);
    expect(await compiled(mock)).toContain(`<compute-string expr="@code + ' / ' + @size"/>`);
  });

  it('shows only rows that pass its filters, joined as they say', async () => {
    await using mock = await openMock();
    await build(
      mock,
      `<sysFilter name="readAccess"><condition boolOperator="OR" expr="@size = 1"/><condition><condition expr="@size = 2"/>
        <condition expr="@code = 'B'"/></condition></sysFilter>`,
    );
    const { writeCollection, query } = await logOn(mock);
    await writeCollection(
      `<c xtkschema="cus:shop"><s code="A" size="1"/><s code="A" size="2"/><s code="B" size="2"/></c>`,
    );
    const found = await query(
      '<queryDef schema="cus:shop"><select><node expr="@code"/><node expr="@size"/></select></queryDef>',
    );
    expect(found).toBe('<shop-collection><shop code="A" size="1"/><shop code="B" size="2"/></shop-collection>');
  });

  it('is told apart by its md5, which is the same for the same content', async () => {
    covers('campaign', '3.5 GetEntityIfMoreRecent', 'md5 changes with the content only');
    await using mock = await openMock();
    const md5 = async () => /<schema [^>]*md5="(\w{32})"/.exec(await compiled(mock))?.[1];
    await build(mock, '');
    const first = await md5();
    await build(mock, '<attribute name="more"/>');
    const second = await md5();
    expect([first === second, second?.length]).toEqual([false, 32]);
    expect(await md5()).toBe(second);
  });

  it('can be built from its document, and goes when its source has gone', async () => {
    covers('campaign', '4.10 Business calls', 'xtk:builder BuildSchema, RemoveSchemaLinkRef');
    await using mock = await openMock();
    await build(mock, '<element name="owner" type="link" target="nms:recipient" revLink="shops"/>');
    const { call, write } = await logOn(mock);
    expect(await call('xtk:builder#BuildSchema', '<s><srcSchema namespace="cus" name="shop"/></s>')).toContain(
      'BuildSchemaResponse',
    );
    const recipient = () =>
      logOn(mock).then((session) =>
        session.call('xtk:persist#GetEntityIfMoreRecent', '<p>xtk:schema|nms:recipient</p><m/><e>true</e>'),
      );
    expect(await recipient()).toContain('name="shops"');
    expect(await call('xtk:builder#RemoveSchemaLinkRef', '<i>cus:shop</i><e/>')).toContain(
      'delete its source schema first',
    );
    await write('<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="shop" _operation="delete"/>');
    expect(await call('xtk:builder#RemoveSchemaLinkRef', '<i>cus:shop</i><e/>')).toContain(
      'RemoveSchemaLinkRefResponse',
    );
    expect(await recipient()).not.toContain('name="shops"');
  });

  it('tells which schemas extend it', async () => {
    await using mock = await openMock();
    await build(mock, '');
    const { write, call } = await logOn(mock);
    await write(`<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="shop2" extendedSchema="cus:shop">
      <element name="shop"><attribute name="zip"/></element></srcSchema>`);
    await call('xtk:builder#BuildSchemaFromId', '<id>cus:shop2</id>');
    expect(await compiled(mock)).toContain('dependingSchemas="cus:shop2"');
  });

  it('is kept by the product where it is a stock schema', async () => {
    covers('campaign', '3.1 Schemas', "stock schemas and reserved namespaces are the product's");
    await using mock = await openMock();
    const { call } = await logOn(mock);
    expect(await call('xtk:builder#GetDbParams')).toContain('<dbParams ');
    expect(await call('xtk:builder#BuildSchemaFromId', '<id>nms:nothing</id>')).toContain('XTK-170024');
  });
});
