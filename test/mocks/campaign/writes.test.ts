import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CampaignMock } from '../../../mocks/campaign/server.js';
import { covers } from '../compatibility.js';
import { logOn, openMock } from './soap-client.js';

const SAVED = '<WriteResponse ';

function recipients(mock: CampaignMock, domain: string) {
  return mock.rows('nms:recipient').filter((row) => String(row.email).endsWith(domain));
}

describe('a write to the Campaign mock', () => {
  it('inserts what its key does not find and updates what it does', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    expect(await write('<r xtkschema="nms:recipient" _key="@email" email="a@w.example" lastName="One"/>')).toContain(
      SAVED,
    );
    const [before] = recipients(mock, '@w.example');
    await write('<r xtkschema="nms:recipient" _key="@email" email="a@w.example" firstName="Ann"/>');
    expect(recipients(mock, '@w.example')).toMatchObject([{ id: before?.id, lastName: 'One', firstName: 'Ann' }]);
  });

  it('fills in defaults, dates and the default folder', async () => {
    covers('campaign', '4.6 Writes', 'defaults, created and lastModified');
    await using mock = await openMock();
    mock.clock.set(new Date('2026-03-01T10:00:00.000Z'));
    const { write } = await logOn(mock);
    await write('<r xtkschema="nms:recipient" email="a@w.example"/>');
    const folder = mock.rows('xtk:folder').find((row) => row.name === 'nmsRootFolder');
    const [row] = recipients(mock, '@w.example');
    expect(row?.['folder-id']).toBe(folder?.id);
    expect(row?.created).toMatch(/^2026-03-01 10:00:0\d\.\d{3}Z$/);
    expect(row?.id).toBeGreaterThanOrEqual(10_000);
  });

  it('dates a change, but not a write that changes nothing', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    const save = (name: string) =>
      write(`<r xtkschema="nms:recipient" _key="@email" email="a@w.example" lastName="${name}"/>`);
    await save('One');
    const [first] = recipients(mock, '@w.example');
    mock.clock.advance(3_600);
    await save('One');
    expect(recipients(mock, '@w.example')[0]?.lastModified).toBe(first?.lastModified);
    await save('Two');
    expect(recipients(mock, '@w.example')[0]?.lastModified).not.toBe(first?.lastModified);
    expect(recipients(mock, '@w.example')[0]?.created).toBe(first?.created);
  });

  it('leaves ids to give after one at the end of what ids can be', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    await write('<r xtkschema="nms:recipient" id="2147483647" email="a@w.example"/>');
    await write('<r xtkschema="nms:recipient" email="b@w.example"/>');
    const [, next] = recipients(mock, '@w.example');
    expect(await write(`<r xtkschema="nms:recipient" id="${next?.id}" lastName="Found"/>`)).toContain(SAVED);
    expect(recipients(mock, '@w.example')).toMatchObject([{ id: 2_147_483_647 }, { lastName: 'Found' }]);
  });

  it('tells a text of 0 from no text', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    await write('<r xtkschema="nms:recipient" email="none@w.example"/>');
    const others = () => JSON.stringify(mock.rows('nms:recipient').filter((row) => row.account !== '0'));
    const before = others();
    const save = '<r xtkschema="nms:recipient" _key="@account" account="0" email="zero@w.example"/>';
    expect([await write(save), await write(save)]).toEqual([
      expect.stringContaining(SAVED),
      expect.stringContaining(SAVED),
    ]);
    expect([recipients(mock, 'zero@w.example').length, others()]).toEqual([1, before]);
  });

  it('keeps the id of a row that another key finds, where the document has none', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    await write('<r xtkschema="nms:recipient" email="a@w.example"/>');
    const [{ id } = {}] = recipients(mock, '@w.example');
    for (const none of ['0', '']) {
      const given = `id="${none}" lastName="After '${none}'"`;
      await write(`<r xtkschema="nms:recipient" _key="@email" email="a@w.example" ${given}/>`);
      expect(recipients(mock, '@w.example')).toMatchObject([{ id, lastName: `After '${none}'` }]);
    }
  });

  it('never gives a new row the id that a change has given to another', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    await write('<r xtkschema="nms:recipient" email="a@w.example"/>');
    const id = Number(recipients(mock, '@w.example')[0]?.id) + 1;
    await write(`<r xtkschema="nms:recipient" _key="@email" email="a@w.example" id="${id}"/>`);
    expect(await write('<r xtkschema="nms:recipient" email="b@w.example"/>')).toContain(SAVED);
    expect(recipients(mock, '@w.example').map((row) => row.id)).toEqual([id, id + 1]);
  });

  it('deletes a chain of folders however long it is', async () => {
    await using mock = await openMock();
    const { write, writeCollection } = await logOn(mock);
    const before = mock.rows('xtk:folder').length;
    const folders = Array.from({ length: 6_000 }, (_, at) => {
      const parent = at === 0 ? '' : `<parent _operation="none" name="f${at - 1}"/>`;
      return `<folder _key="@name" name="f${at}">${parent}</folder>`;
    });
    await writeCollection(`<folder-collection xtkschema="xtk:folder">${folders.join('')}</folder-collection>`);
    expect(mock.rows('xtk:folder')).toHaveLength(before + 6_000);
    expect(await write('<f xtkschema="xtk:folder" _operation="delete" _key="@name" name="f0"/>')).toContain(SAVED);
    expect(mock.rows('xtk:folder')).toHaveLength(before);
  });

  it('does nothing for an update that finds no row, and for a delete of none', async () => {
    covers('campaign', '4.6 Writes', 'update and delete of what does not exist');
    await using mock = await openMock();
    const { write } = await logOn(mock);
    expect(
      await write('<r xtkschema="nms:recipient" _operation="update" _key="@email" email="a@w.example"/>'),
    ).toContain(SAVED);
    expect(
      await write('<r xtkschema="nms:recipient" _operation="delete" _key="@email" email="a@w.example"/>'),
    ).toContain(SAVED);
    expect(recipients(mock, '@w.example')).toEqual([]);
  });

  it('keeps an id that a document brings, and never gives it to another row', async () => {
    covers('campaign', '4.6 Writes', 'ids given by a document');
    await using mock = await openMock();
    const { write } = await logOn(mock);
    await write('<r xtkschema="nms:recipient" id="50000" email="a@w.example"/>');
    await write('<r xtkschema="nms:recipient" id="50000" lastName="Same row"/>');
    await write('<r xtkschema="nms:recipient" email="b@w.example"/>');
    expect(recipients(mock, '@w.example')).toMatchObject([
      { id: 50_000, email: 'a@w.example', lastName: 'Same row' },
      { id: 50_001, email: 'b@w.example' },
    ]);
  });

  it('deletes by key', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    await write('<r xtkschema="nms:recipient" email="a@w.example"/>');
    await write('<r xtkschema="nms:recipient" _operation="delete" _key="@email" email="a@w.example"/>');
    expect(recipients(mock, '@w.example')).toEqual([]);
  });

  it('sets a foreign key by the link element it reconciles, and by a key that goes through the link', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    const document = (lastName: string) =>
      `<r xtkschema="nms:recipient" _key="@email, [folder/@name]" email="a@w.example" lastName="${lastName}">
        <folder _operation="none" _key="@name" name="nmsService"/></r>`;
    await write(document('One'));
    await write(document('Two'));
    const folder = mock.rows('xtk:folder').find((row) => row.name === 'nmsService');
    expect(recipients(mock, '@w.example')).toMatchObject([{ lastName: 'Two', 'folder-id': folder?.id }]);
  });

  it('refuses a link to a document that does not exist', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    const body = await write(
      '<r xtkschema="nms:recipient" email="a@w.example"><folder _operation="none" name="no"/></r>',
    );
    expect(body).toContain("The link 'folder' leads to no document of schema 'Folders (xtk:folder)'.");
    expect(recipients(mock, '@w.example')).toEqual([]);
  });

  it('writes the members of a collection with their owner, and deletes those that say so', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    await write(`<enum xtkschema="xtk:enum" _key="@name" name="industry" label="Industry">
      <value name="1" label="Accounting" order="1"/><value name="2" label="Farming" order="2"/></enum>`);
    await write(`<enum xtkschema="xtk:enum" _key="@name" name="industry">
      <value name="2" label="Agriculture"/><value _operation="delete" name="1"/><value name="3" label="Trade"/></enum>`);
    const list = mock.rows('xtk:enum').find((row) => row.name === 'industry');
    const values = mock.rows('xtk:enumValue').filter((row) => row['enum-id'] === list?.id);
    expect(values.map(({ name, label }) => [name, label])).toEqual([
      ['2', 'Agriculture'],
      ['3', 'Trade'],
    ]);
  });

  it('deletes with a list the values that it owns', async () => {
    covers('campaign', '4.6 Writes', 'integrity: what is owned goes with its owner');
    await using mock = await openMock();
    const { write } = await logOn(mock);
    const list = mock.rows('xtk:enum').find((row) => row.name === 'salutation');
    await write('<enum xtkschema="xtk:enum" _operation="delete" name="salutation"/>');
    expect(mock.rows('xtk:enumValue').filter((row) => row['enum-id'] === list?.id)).toEqual([]);
    expect(mock.rows('xtk:enum')).toHaveLength(3);
  });

  it('saves nested elements and memos', async () => {
    await using mock = await openMock();
    const { write, call } = await logOn(mock);
    await write(`<extAccount xtkschema="nms:extAccount" name="dynamicsCRM" server="https://contoso.example" active="1">
      <params><mscrm crmApiVersion="'auto'" crmGrantType="0"/></params></extAccount>`);
    await write('<option xtkschema="xtk:option" name="long" dataType="12"><memoValue>a &lt; b\nc</memoValue></option>');
    const entity = await call(
      'xtk:persist#GetEntityIfMoreRecent',
      '<pk>nms:extAccount|dynamicsCRM</pk><md5/><m>true</m>',
    );
    expect(entity).toContain(`<params><mscrm crmApiVersion="'auto'" crmGrantType="0"/></params>`);
    expect(await call('xtk:session#GetOption', '<name>long</name>')).toContain('>a &lt; b\nc</pstrValue>');
  });

  it('takes booleans and dates in all their forms, and empties a value by an empty attribute', async () => {
    covers('campaign', '4.14 Value formats', 'booleans and dates in every accepted form');
    await using mock = await openMock();
    const { writeCollection } = await logOn(mock);
    await writeCollection(`<c xtkschema="nms:recipient">
      <r email="1@w.example" blackList="true" birthDate="1990/02/03"/>
      <r email="2@w.example" blackList="0" birthDate="1990-02-03T23:30:00+02:00"/>
      <r email="3@w.example" gender="" birthDate=""/></c>`);
    expect(recipients(mock, '@w.example').map((row) => [row.blackList, row.birthDate])).toEqual([
      [1, '1990-02-03'],
      [0, '1990-02-03'],
      [undefined, null],
    ]);
  });

  it.each([
    [
      'text too long',
      'language',
      'x'.repeat(33),
      "value too long for type character varying(32) (attribute 'language')",
    ],
    ['a number out of range', 'gender', '200', 'value "200" is out of range for type byte'],
    ['no number', 'gender', 'male', 'invalid input syntax for type byte: "male"'],
    ['no date', 'birthDate', 'yesterday', 'invalid input syntax for type timestamp: "yesterday"'],
  ])('refuses %s as the database does', async (_, name, value, message) => {
    covers('campaign', '4.6 Writes', 'types, ranges and lengths');
    await using mock = await openMock();
    const { write } = await logOn(mock);
    const body = await write(`<r xtkschema="nms:recipient" email="a@w.example" ${name}="${value}"/>`);
    expect(body).toContain("SOP-330011 Error while executing the method 'Write' of service 'xtk:persist'.");
    expect(body).toContain(`ODB-240000 ODBC error: ERROR: ${message}`);
    expect(body).toContain("XSV-350023 Unable to save document of type 'Recipients (nms:recipient)'.");
  });

  it.each([
    [
      'a duplicate key',
      '<o xtkschema="xtk:option" _operation="insert" name="WdbcTimeZone"/>',
      'violates unique constraint "XtkOption_name"',
    ],
    [
      'a missing value',
      '<o xtkschema="xtk:option" label="no name"/>',
      'null value in column "sName" violates not-null',
    ],
    [
      'an attribute that the schema does not know',
      '<o xtkschema="xtk:option" name="x" nope="1"/>',
      "Attribute 'nope' unknown",
    ],
    [
      'an element that the schema does not know',
      '<o xtkschema="xtk:option" name="x"><nope/></o>',
      "Element 'nope' unknown",
    ],
    [
      'an element in a text',
      '<o xtkschema="xtk:option" name="x"><memoValue>a<i>b</i></memoValue></o>',
      "Element 'i' unknown",
    ],
    ['an unknown operation', '<o xtkschema="xtk:option" _operation="upsert" name="x"/>', "Unknown operation 'upsert'"],
    ['no schema', '<o name="x"/>', "XFR-180000 Attribute 'xtkschema' is missing on element 'o'"],
    ['an unknown schema', '<o xtkschema="cus:o" name="x"/>', 'XFR-180000'],
    ['an unknown key', '<o xtkschema="xtk:option" _key="@nope" name="x"/>', "Attribute 'nope' unknown"],
    [
      'a key without a value',
      '<o xtkschema="xtk:option" _key="@label" name="x"/>',
      "The key 'label' has no value for 'label'",
    ],
    ['a compiled schema', '<schema xtkschema="xtk:schema" namespace="cus" name="x"/>', 'XTK-170019 Access denied.'],
    ['a schema without rows', '<o xtkschema="xtk:session" name="x"/>', 'XSV-350063'],
  ])('refuses %s', async (_, document, message) => {
    covers('campaign', '4.6 Writes', 'unique keys, not-null, unknown attributes, elements, keys and schemas');
    await using mock = await openMock();
    const before = mock.rows('xtk:option');
    expect((await (await logOn(mock)).write(document)).replaceAll('&quot;', '"')).toContain(message);
    expect(mock.rows('xtk:option')).toEqual(before);
  });

  it('takes what is about the document, not of it, on every element', async () => {
    await using mock = await openMock();
    const { write, call } = await logOn(mock);
    await write(`<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="box"><element name="box"><attribute name="code"/>
      <element name="size"><attribute name="height" type="long"/></element>
      <element name="item" unbound="true" xml="true"><attribute name="label"/><element name="text"/></element></element></srcSchema>`);
    await call('xtk:builder#BuildSchemaFromId', '<id>cus:box</id>');
    const again = await logOn(mock);
    const about = 'xmlns="" xmlns:x="urn:x" x:y="1" _cs="Box"';
    const document = `<box ${about} xtkschema="cus:box" code="1"><size ${about} height="2"/>
      <item ${about} label="a"><text ${about}>b</text></item></box>`;
    expect(await again.write(document)).toContain(SAVED);
    expect(mock.rows('cus:box')).toEqual([
      { code: '1', 'size/height': 2, item: '<item label="a"><text>b</text></item>' },
    ]);
    expect(await again.write(document.replace('<text', '<text z="1"'))).toContain("Attribute 'z' unknown");
    expect(await again.write(document.replace('>b<', '>b<i/><'))).toContain("Element 'i' unknown");
  });

  it('leaves out what the schema does not know where it is told to', async () => {
    await using mock = await openMock({ ignoreUnknown: true });
    const { write } = await logOn(mock);
    expect(await write('<r xtkschema="nms:recipient" email="a@w.example" nope="1"/>')).toContain(SAVED);
  });
});

describe('a collection written to the Campaign mock', () => {
  it('is the same whether it is written while it is read, or gathered first as the parameter of a job', async () => {
    await using read = await openMock();
    await using gathered = await openMock();
    const [direct, byJob] = [await logOn(read), await logOn(gathered)];
    const job = (collection: string) =>
      byJob.call(
        'xtk:jobInterface|nms:recipient#SubmitSoapCall',
        `<e><recipient/></e><c><soapCall service="xtk:persist" name="WriteCollection"><param name="doc" type="DOMDocument">${collection}</param></soapCall></c>`,
      );
    const contents = (mock: CampaignMock) =>
      mock
        .rows('nms:recipient')
        .map((row) => [row.email, row.lastName, row.gender, row['location/city'], row['folder-id']]);
    const text = fc.constantFrom('', 'a', 'b', 'é &amp; &lt;', '1');
    const record = fc
      .tuple(
        text,
        text,
        fc.constantFrom('', '_operation="delete"', '_operation="update"', 'gender="2"', 'gender="x"'),
        text,
      )
      .map(
        ([email, lastName, more, city]) =>
          `<r _key="@email" email="${email}@same.example" lastName="${lastName}" ${more}><location city="${city}"/><folder name="nmsRootFolder" _operation="none"/></r>`,
      );
    const property = fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 5 }), async (records) => {
      const collection = `<c xtkschema="nms:recipient">${records.join('')}</c>`;
      const isRefused = (await direct.writeCollection(collection)).includes('Fault');
      expect(isRefused).toBe(collection.includes('gender="x"'));
      expect(await job(collection)).toContain('<SubmitSoapCallResponse ');
      expect(contents(gathered)).toEqual(contents(read));
    });
    await fc.assert(property, { numRuns: 60, seed: 20_260_301 });
  });

  it('of source schemas takes no other documents, which would become schemas', async () => {
    await using mock = await openMock();
    const { writeCollection } = await logOn(mock);
    const source = '<srcSchema namespace="cus" name="shop"><element name="shop"/></srcSchema>';
    const before = mock.rows('xtk:srcSchema');
    for (const other of [
      '<recipient xtkschema="nms:recipient" namespace="cus" name="x"/>',
      '<schema xtkschema="xtk:schema" namespace="cus" name="x"/>',
    ]) {
      const answer = await writeCollection(`<c xtkschema="xtk:srcSchema">${source}${other}</c>`);
      expect(answer).toContain('Source schemas are written in a document or collection of their own');
      expect(mock.rows('xtk:srcSchema')).toEqual(before);
    }
  });

  it('is written whole or not at all', async () => {
    covers('campaign', '4.6 Writes', 'WriteCollection all or nothing, any root name');
    await using mock = await openMock();
    const { writeCollection } = await logOn(mock);
    const body = await writeCollection(`<c xtkschema="nms:recipient"><r email="a@w.example"/>
      <r _operation="delete" _key="@email" email="bruno.nowak@newsletter.example"/><r email="b@w.example" gender="999"/></c>`);
    expect(body).toContain('XSV-350023');
    expect(recipients(mock, '@w.example')).toEqual([]);
    expect(recipients(mock, 'bruno.nowak@newsletter.example')).toHaveLength(1);
  });

  it('finds by its key a record that came earlier in the same collection', async () => {
    await using mock = await openMock();
    const { writeCollection } = await logOn(mock);
    await writeCollection(`<c xtkschema="nms:recipient"><r _key="@email" email="a@w.example" lastName="One"/>
      <r _key="@email" email="a@w.example" lastName="Two"/></c>`);
    expect(recipients(mock, '@w.example')).toMatchObject([{ lastName: 'Two' }]);
  });

  it('refuses a key that finds more than one row', async () => {
    covers('campaign', '4.6 Writes', 'ambiguous keys');
    await using mock = await openMock();
    const { writeCollection, write } = await logOn(mock);
    await writeCollection('<c xtkschema="nms:recipient"><r email="a@w.example"/><r email="a@w.example"/></c>');
    const body = await write('<r xtkschema="nms:recipient" _key="@email" email="a@w.example" lastName="X"/>');
    expect(body).toContain("The key 'email' is ambiguous: 2 documents match.");
  });

  it('keeps 64-bit numbers exact', async () => {
    covers('campaign', '4.14 Value formats', 'int64');
    await using mock = await openMock();
    const { write, call } = await logOn(mock);
    await write(`<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="big"><element name="big">
      <key name="code"><keyfield xpath="@code"/></key><attribute name="code" type="int64"/></element></srcSchema>`);
    await call('xtk:builder#BuildSchemaFromId', '<id>cus:big</id>');
    const again = await logOn(mock);
    await again.writeCollection(
      '<c xtkschema="cus:big"><big code="9007199254740993"/><big code="9007199254740992"/><big code="7"/></c>',
    );
    const body = await again.query(`<queryDef schema="cus:big" operation="select"><select><node expr="@code"/></select>
      <where><condition expr="@code &gt;= 9007199254740993"/></where></queryDef>`);
    expect(body).toBe('<big-collection><big code="9007199254740993"/></big-collection>');
    expect(await again.writeCollection('<c xtkschema="cus:big"/>')).toContain('WriteCollectionResponse');
  });
});
