import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import { covers } from '../compatibility.js';
import { between, logOn, openMock, type RawSession } from './soap-client.js';

async function build(session: RawSession, source: string): Promise<void> {
  const id = `${/namespace="(\w+)"/.exec(source)?.[1]}:${/ name="(\w+)"/.exec(source)?.[1]}`;
  expect(await session.write(source)).toContain('<WriteResponse ');
  expect(await session.call('xtk:builder#BuildSchemaFromId', `<id>${id}</id>`)).toContain('BuildSchemaFromIdResponse');
}

async function compiled(session: RawSession, id: string): Promise<string> {
  const args = `<pk>xtk:schema|${id}</pk><md5/><mustExist>true</mustExist>`;
  return session.call('xtk:persist#GetEntityIfMoreRecent', args);
}

/** https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html */
describe('the examples of queries in the documentation of Campaign', () => {
  let mock: CampaignMock;
  let session: RawSession;

  beforeAll(async () => {
    mock = await createCampaignMock();
    mock.clock.set(new Date('2026-03-01T12:00:00.000Z'));
    session = await logOn(mock);
    await session.writeCollection(
      `<c xtkschema="xtk:folder"><f id="1234" name="segmentA" label="Segment A" model="nmsFolder"/></c>`,
    );
    await session.writeCollection(`<c xtkschema="nms:recipient">
      <r email="john.doe@aol.example" firstName="John" lastName="Doe" birthDate="1956-05-04" folder-id="1234"><location city="Newton"/></r>
      <r email="peter.martinez@adobe.example" firstName="Peter" lastName="Martinez" birthDate="1990-01-01" folder-id="1234"/>
      <r email="ann.lee@adobe.example" firstName="Ann" lastName="Lee" birthDate="1990-07-01" folder-id="1234"/>
      <r email="twice@adobe.example" lastName="One"/><r email="twice@adobe.example" lastName="Two"/></c>`);
    await session.writeCollection(`<c xtkschema="nms:subscription">
      <s expiration="2027-01-01"><recipient _operation="none" _key="@email" email="john.doe@aol.example"/><service _operation="none" name="newsletter"/></s></c>`);
  });
  afterAll(() => mock.close());

  const get = (content: string) =>
    session.query(
      `<queryDef schema="nms:recipient" operation="get">${content}<where><condition expr="@email= 'john.doe@aol.example'"/></where></queryDef>`,
    );
  const select = (content: string) =>
    session.query(`<queryDef schema="nms:recipient" operation="select">${content}</queryDef>`);

  it('retrieve the names of a recipient by e-mail address', async () => {
    covers('campaign', '4.5 Queries', 'operation get');
    const body = await get('<select><!-- fields --><node expr="@firstName"/><node expr="@lastName"/></select>');
    expect(body).toBe('<recipient firstName="John" lastName="Doe"/>');
  });

  it('list recipients of a folder and a domain, with computed values, by descending date of birth', async () => {
    covers('campaign', '4.5 Queries', 'expressions in select, where and orderBy');
    const body =
      await select(`<select><node expr="@email"/><node expr="@lastName+'-'+@firstName" alias="@names"/><node expr="Year(@birthDate)" alias="@year"/></select>
      <where><condition expr="[@folder-id] = 1234 and @domain like 'adobe%'"/></where>
      <orderBy><node expr="@birthDate" sortDesc="true"/></orderBy>`);
    expect(body).toBe(
      '<recipient-collection><recipient email="ann.lee@adobe.example" names="Lee-Ann" year="1990"/>' +
        '<recipient email="peter.martinez@adobe.example" names="Martinez-Peter" year="1990"/></recipient-collection>',
    );
  });

  it('count recipients', async () => {
    covers('campaign', '4.5 Queries', 'operation count');
    const body = await session.query(`<queryDef schema="nms:recipient" operation="count">
      <where><condition expr="[@folder-id] = 1234 and @domain like 'adobe%'"/></where></queryDef>`);
    expect(body).toBe('<recipient count="2"/>');
  });

  it.each([
    ['a groupby element', '<node expr="@email"/>', '<groupby><node expr="@email"/></groupby>'],
    ['the attribute groupBy', '<node expr="@email" groupBy="true"/>', ''],
  ])('find addresses that are there more than once by %s', async (_, node, clause) => {
    covers('campaign', '4.5 Queries', 'groupBy and having');
    const body = await select(`<select>${node}<node expr="count(@email)" alias="@n"/></select>${clause}
      <having><condition expr="count(@email) > 1"/></having>`);
    expect(body).toBe('<recipient-collection><recipient email="twice@adobe.example" n="2"/></recipient-collection>');
  });

  it('bracket conditions in one expression or by nesting, with OR or with IN', async () => {
    covers('campaign', '4.5 Queries', 'nested conditions with boolOperator');
    const where = async (conditions: string) =>
      (await select(`<select><node expr="@email"/></select><where>${conditions}</where>`)).match(/email=/g)?.length ??
      0;
    const single = `<condition expr="(@age > 60 or @age &lt;= 40) and ([location/@city] = 'Newton' or [location/@city] = 'Culver City')"/>`;
    const nested = `<condition bool-operator="AND"><condition expr="@age > 60" bool-operator="OR"/><condition expr="@age &lt;= 40"/></condition>
      <condition><condition expr="[location/@city] = 'Newton'" bool-operator="OR"/><condition expr="[location/@city] = 'Culver City'"/></condition>`;
    const members = `<condition><condition expr="@age IN (69, 45)"/><condition expr="[location/@city] IN ('Newton', 'Culver City')"/></condition>`;
    expect([await where(single), await where(nested), await where(members)]).toEqual([1, 1, 1]);
  });

  it('filter and select through links', async () => {
    covers('campaign', '4.5 Queries', 'links in paths');
    const body = await select(
      `<select><node expr="@firstName"/><node expr="[folder/@label]"/></select><where><condition expr="[folder/@label] like 'Segment%'"/></where>`,
    );
    expect(body.match(/<folder label="Segment A"\/>/g)).toHaveLength(3);
    expect(await get('<select><node expr="folder"/></select>')).toBe(
      '<recipient><folder id="1234" _cs="Segment A"/></recipient>',
    );
  });

  it('filter by a collection, and list its members with a condition and an order of their own', async () => {
    covers('campaign', '4.5 Queries', 'collections in select, with where and orderBy');
    const body = await select(`<select><node expr="@email"/><node expr="subscription"><node expr="[service/@label]"/>
        <where><condition expr="@expiration >= GetDate()"/></where><orderBy><node expr="@expiration"/></orderBy></node></select>
      <where><condition expr="subscription" setOperator="EXISTS"><condition expr="[service/@label] = 'Newsletter'"/></condition></where>`);
    expect(body).toBe(
      '<recipient-collection><recipient email="john.doe@aol.example"><subscription><service label="Newsletter"/></subscription></recipient></recipient-collection>',
    );
  });

  it('take literals in conditions with or without binding', async () => {
    covers('campaign', '4.5 Queries', 'noSqlBind');
    const body = await get(
      `<select><node expr="@birthDate = #1956/05/04#" alias="@a"/><node expr="@birthDate = #1956/05/05#" noSqlBind="true" alias="@b"/></select>`,
    );
    expect(body).toBe('<recipient a="1" b="0"/>');
  });

  it('relocate values by alias', async () => {
    covers('campaign', '4.5 Queries', 'alias');
    const body = await get(
      '<select><node expr="@firstName" alias="@firstName"/><node expr="@lastName"/><node expr="[folder/@label]" alias="@My_folder"/></select>',
    );
    expect(body).toBe('<recipient firstName="John" lastName="Doe" My_folder="Segment A"/>');
  });

  it('exclude by a subQuery whose condition reads the document of the query', async () => {
    covers('campaign', '4.5 Queries', 'subQuery, parameters and enabledIf');
    const names = async (ownerType: string) => {
      const body =
        await session.query(`<queryDef schema="xtk:operator" operation="select" owner-id="1060"><ignored ownerType="${ownerType}"/>
        <select><node expr="@name"/></select><where><condition setOperator="NOT IN" expr="@id" enabledIf="$(/ignored/@ownerType)=1">
          <subQuery schema="xtk:operatorGroup"><select><node expr="[@operator-id]"/></select>
            <where><condition expr="[@group-id]=$long(../@owner-id)"/></where></subQuery></condition></where></queryDef>`);
      return body.includes('name="admin"');
    };
    expect([await names('0'), await names('1')]).toEqual([true, false]);
  });

  it('compare a row with a subQuery about that row, whose fields it names by ../', async () => {
    covers('campaign', '4.5 Queries', 'subQuery that names fields of the row around it');
    await session.writeCollection(`<c xtkschema="xtk:job"><j id="99" status="2"/><j id="98" status="2"/></c>`);
    await session.writeCollection(`<c xtkschema="xtk:jobLog"><l job-id="99" logType="0"/><l job-id="99" logType="1"/><l job-id="99" logType="0"/>
      <l job-id="98" logType="1"/><l job-id="98" logType="1"/></c>`);
    const repeated = (job: string) =>
      session.query(`<queryDef schema="xtk:jobLog" operation="select" startPath="/"><select><node expr="@logType"/></select>
      <where>${job}<condition expr="@logType" setOperator="IN"><subQuery schema="xtk:jobLog"><select><node expr="@logType"/></select>
        <where><condition expr="[@job-id]=[../job/@id]"/></where><groupBy><node expr="@logType"/></groupBy><having><condition expr="count(@logType)>1"/></having>
      </subQuery></condition></where></queryDef>`);
    const log = (type: number) => `<jobLog logType="${type}"/>`;
    const all = (...logs: string[]) => `<jobLog-collection>${logs.join('')}</jobLog-collection>`;
    expect(await repeated('<condition expr="[@job-id]=99"/>')).toBe(all(log(0), log(0)));
    expect(await repeated('')).toBe(all(log(0), log(0), log(1), log(1)));
    const misplaced = await session.query(
      `<queryDef schema="xtk:jobLog" operation="select"><where><condition expr="[@job-id]=[../@id]"/></where></queryDef>`,
    );
    expect(misplaced).toContain('XTK-170036');
  });

  it('list those over an age, as a program in the server would', async () => {
    const body = await select(`<select><node expr="@email"/></select><where><condition expr="@age > 60"/></where>`);
    expect(body).toContain('john.doe@aol.example');
    expect(body).not.toContain('ann.lee@adobe.example');
  });

  it('take a field of a collection with one member', async () => {
    expect(await get('<select><node expr="subscription/@expiration"/></select>')).toBe(
      '<recipient><subscription expiration="2027-01-01 00:00:00.000Z"/></recipient>',
    );
  });
});

/** https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html#write---writecollection--xtk-session- */
describe('the examples of writes in the documentation of Campaign', () => {
  const SAVED = '<WriteResponse ';
  const row = (mock: CampaignMock, email: string) => mock.rows('nms:recipient').find((it) => it.email === email);

  it('insert, update and delete a recipient by address and folder', async () => {
    covers('campaign', '4.6 Writes', '_operation and _key');
    await using mock = await openMock();
    const { write } = await logOn(mock);
    const key = `email="john.doe@adobe.example" folder-id="1181" _key="@email, [@folder-id]"`;
    expect(
      await write(
        `<recipient xtkschema="nms:recipient" ${key} birthDate="1956/05/04"><location city="Newton"/></recipient>`,
      ),
    ).toContain(SAVED);
    expect(row(mock, 'john.doe@adobe.example')).toMatchObject({
      birthDate: '1956-05-04',
      'location/city': 'Newton',
      'folder-id': 1181,
    });
    await write(`<recipient xtkschema="nms:recipient" _operation="delete" ${key}/>`);
    expect(row(mock, 'john.doe@adobe.example')).toBeUndefined();
  });

  it('insert without looking for a key, and update nothing where there is nothing', async () => {
    covers('campaign', '4.6 Writes', '_operation insert, insertOrUpdate, update, delete, none');
    await using mock = await openMock();
    const { write } = await logOn(mock);
    const person = (operation: string, more = '') =>
      write(
        `<recipient _operation="${operation}" lastName="Martinez" firstName="Peter" xtkschema="nms:recipient" ${more}/>`,
      );
    const found = () => mock.rows('nms:recipient').filter((it) => it.lastName === 'Martinez').length;
    expect([await person('insert'), await person('insert')].every((answer) => answer.includes(SAVED))).toBe(true);
    expect(found()).toBe(2);
    expect(await person('update', '_key="@email" email="nobody@adobe.example"')).toContain(SAVED);
    expect(found()).toBe(2);
    await person('insertOrUpdate', '_key="@email" email="nobody@adobe.example"');
    expect(found()).toBe(3);
    expect(await write('<recipient lastName="Martinez"/>')).toContain('XFR-180000');
  });

  it('write several recipients in one collection', async () => {
    await using mock = await openMock();
    const { writeCollection } = await logOn(mock);
    const answer = await writeCollection(`<recipient-collection xtkschema="nms:recipient">
      <recipient email="john.doe@adobe.example" firstName="John" lastName="Doe" _key="@email"/>
      <recipient email="peter.martinez@adobe.example" firstName="Peter" lastName="Martinez" _key="@email"/></recipient-collection>`);
    expect(answer).toContain('<WriteCollectionResponse ');
    expect([
      row(mock, 'john.doe@adobe.example')?.lastName,
      row(mock, 'peter.martinez@adobe.example')?.lastName,
    ]).toEqual(['Doe', 'Martinez']);
  });

  it('reconcile the folder by its internal name, also as part of the key', async () => {
    covers('campaign', '4.6 Writes', 'reconciliation through links');
    await using mock = await openMock();
    const { write } = await logOn(mock);
    await write(`<recipient _key="[folder/@name], @email" email="john.doe@adobe.example" lastName="Doe" xtkschema="nms:recipient">
      <folder name="nmsRootFolder" _operation="none"/></recipient>`);
    expect(row(mock, 'john.doe@adobe.example')).toMatchObject({ 'folder-id': 1181, lastName: 'Doe' });
  });

  it('update a linked row, and none that does not exist', async () => {
    covers('campaign', '4.6 Writes', 'writing through links');
    await using mock = await openMock();
    const { write } = await logOn(mock);
    await write(`<recipient _key="@email" email="john.doe@adobe.example" xtkschema="nms:recipient">
      <folder name="nmsRootFolder" label="Everyone" _key="@name" _operation="update"/></recipient>`);
    expect(mock.rows('xtk:folder').find((it) => it.id === 1181)).toMatchObject({ label: 'Everyone' });
  });

  it('add a recipient to a list through the relation table', async () => {
    covers('campaign', '4.6 Writes', 'members of collections');
    await using mock = await openMock();
    const { write, query } = await logOn(mock);
    await write('<group xtkschema="nms:group" name="GRP1" label="First"/>');
    const member = `<recipient _key="@email" email="martin.ledger@adobe.example" xtkschema="nms:recipient">
      <rcpGrpRel _key="[rcpGroup/@name]"><rcpGroup name="GRP1"/></rcpGrpRel></recipient>`;
    expect([await write(member), await write(member)]).toEqual([
      expect.stringContaining(SAVED),
      expect.stringContaining(SAVED),
    ]);
    const body = await query(
      `<queryDef schema="nms:group" operation="get"><select><node expr="[rcpGrpRel/recipient/@email]"/></select></queryDef>`,
    );
    expect(body).toBe('<group><rcpGrpRel><recipient email="martin.ledger@adobe.example"/></rcpGrpRel></group>');
  });

  it('replace a collection kept as XML, or merge it where its members carry an operation', async () => {
    covers('campaign', '4.6 Writes', 'XML collection elements');
    await using mock = await openMock();
    const session = await logOn(mock);
    await build(
      session,
      `<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="shop"><element name="shop"><key name="code"><keyfield xpath="@code"/></key>
      <attribute name="code"/><element name="hours" unbound="true" xml="true"><attribute name="name"/><attribute name="open" type="boolean"/><element name="note" type="memo"/></element></element></srcSchema>`,
    );
    const { write, query } = await logOn(mock);
    const hours = async (members: string) => {
      const body = await write(`<shop xtkschema="cus:shop" code="A">${members}</shop>`);
      if (!body.includes(SAVED)) return body;
      return (
        await query('<queryDef schema="cus:shop" operation="get"><select><node expr="hours"/></select></queryDef>')
      ).slice(6, -7);
    };
    expect(await hours('<hours name="mon" open="true"/><hours name="tue" open="0"><note>late</note></hours>')).toBe(
      '<hours name="mon" open="1"/><hours name="tue" open="0"><note>late</note></hours>',
    );
    expect(
      await hours(
        '<hours name="mon" open="0" _operation="update"/><hours name="wed" _operation="insert"/><hours name="tue" _operation="delete"/>',
      ),
    ).toBe('<hours name="mon" open="0"/><hours name="wed"/>');
    expect(await hours('<hours name="sun"/>')).toBe('<hours name="sun"/>');
    expect(await hours('<hours name="sun" nope="1"/>')).toContain("Attribute 'nope' unknown");
    expect(await hours('<hours name="sun" open="maybe"/>')).toContain('invalid input syntax for type boolean');
  });
});

/** https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/editing-schemas/examples-of-schemas-edition.html */
describe('the examples of schemas in the documentation of Campaign', () => {
  it('extend the recipients by an indexed field and an enumerated one in an element that is there', async () => {
    covers('campaign', '3.1 Schemas', 'extension of a table');
    await using mock = await openMock();
    const session = await logOn(mock);
    await build(
      session,
      `<srcSchema mappingType="sql" name="extension" namespace="cus" xtkschema="xtk:srcSchema" extendedSchema="nms:recipient">
      <enumeration basetype="string" default="area1" name="area"><value label="Zone 1" name="area1"/><value label="Zone 2" name="area2"/></enumeration>
      <element name="extension"><dbindex name="area"><keyfield xpath="location/@area"/></dbindex>
        <attribute label="Loyalty code" name="fidelity" type="long"/>
        <element name="location"><attribute name="area" label="Purchasing zone" type="string" length="50" enum="area"/></element></element></srcSchema>`,
    );
    const again = await logOn(mock);
    const schema = await compiled(again, 'nms:recipient');
    expect(schema).toMatch(/<dbindex name="area"><keyfield xpath="location\/@area"\/><\/dbindex>/);
    expect(schema).toMatch(/<attribute [^>]*name="fidelity"[^>]*sqlname="iFidelity"/);
    expect(schema).toMatch(/<attribute [^>]*name="area"[^>]*sqlname="sArea"/);
    await again.write(
      '<r xtkschema="nms:recipient" _key="@email" email="bruno.nowak@newsletter.example" fidelity="7"><location area="area2"/></r>',
    );
    const body =
      await again.query(`<queryDef schema="nms:recipient" operation="get"><select><node expr="@fidelity"/><node expr="[location/@area]" analyze="true"/></select>
      <where><condition expr="[location/@area] = 'area2'"/></where></queryDef>`);
    expect(body).toBe(
      '<recipient fidelity="7"><location area="area2" areaName="area2" areaLabel="Zone 2"/></recipient>',
    );
  });

  it('make a table of orders linked to recipients, which goes with its recipient', async () => {
    covers('campaign', '3.3 Grammar', 'links, autopk and defaults of a linked table');
    await using mock = await openMock();
    const session = await logOn(mock);
    await build(
      session,
      `<srcSchema label="Order" name="order" namespace="cus" xtkschema="xtk:srcSchema"><element autopk="true" name="order">
      <compute-string expr="@number + '(' + ToString(@date) + ')'"/><attribute label="Number" length="128" name="number" type="string"/>
      <attribute desc="Order date" label="Date" name="date" type="datetime" default="GetDate()"/><attribute label="Total" name="total" type="double"/>
      <element label="Recipient" name="recipient" revIntegrity="own" revLabel="Orders" target="nms:recipient" type="link"/></element></srcSchema>`,
    );
    const again = await logOn(mock);
    const schema = between(await compiled(again, 'cus:order'), '<schema ', '</pdomDoc>');
    expect(schema).toContain(`label="Foreign key of 'Recipient' link ('id' field)"`);
    for (const column of [
      'sqltable="CusOrder"',
      'sqlname="iOrderId"',
      'sqlname="iRecipientId"',
      'sqlname="tsDate"',
      'sqlname="dTotal"',
    ])
      expect(schema).toContain(column);
    await again.write(
      '<r xtkschema="nms:recipient" _key="@email" email="bruno.nowak@newsletter.example"><order number="1" total="9.5"/><order number="2"/></r>',
    );
    const totals = `<queryDef schema="cus:order" operation="select"><select><node expr="@number"/><node expr="@total"/><node expr="[recipient/@lastName]"/></select></queryDef>`;
    expect(await again.query(totals)).toBe(
      '<order-collection><order number="1" total="9.5"><recipient lastName="Nowak"/></order><order number="2" total="0"><recipient lastName="Nowak"/></order></order-collection>',
    );
    await again.write(
      '<r xtkschema="nms:recipient" _operation="delete" _key="@email" email="bruno.nowak@newsletter.example"/>',
    );
    expect(mock.rows('cus:order')).toEqual([]);
  });

  it('make an overflow table whose key is its link', async () => {
    covers('campaign', '3.3 Grammar', 'keys over links (xlink)');
    await using mock = await openMock();
    const session = await logOn(mock);
    await build(
      session,
      `<srcSchema label="Overflow" name="overflow" namespace="cus" xtkschema="xtk:srcSchema"><element name="overflow">
      <key internal="true" name="id"><keyfield xlink="recipient"/></key><attribute label="Children" name="children" type="byte"/>
      <element label="Customer" name="recipient" revCardinality="single" revIntegrity="own" revExternalJoin="true" target="nms:recipient" type="link"/></element></srcSchema>`,
    );
    const again = await logOn(mock);
    const save = (children: number) =>
      again.write(
        `<o xtkschema="cus:overflow" children="${children}"><recipient _operation="none" _key="@email" email="bruno.nowak@newsletter.example"/></o>`,
      );
    await save(1);
    await save(3);
    expect(mock.rows('cus:overflow')).toMatchObject([{ children: 3 }]);
    const body =
      await again.query(`<queryDef schema="nms:recipient" operation="get"><select><node expr="[overflow/@children]"/></select>
      <where><condition expr="@email = 'bruno.nowak@newsletter.example'"/></where></queryDef>`);
    expect(body).toBe('<recipient><overflow children="3"/></recipient>');
  });
});
