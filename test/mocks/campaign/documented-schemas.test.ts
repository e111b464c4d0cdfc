import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import { covers } from '../compatibility.js';
import { between, logOn, type RawSession } from './soap-client.js';

const SAVED = '<WriteResponse ';

/*
 * The examples of schemas that the documentation of Campaign prints, each with the outcome that it tells, in schemas of our own. A describe
 * names its page below https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/
 */

let mock: CampaignMock;
let session: RawSession;

beforeAll(async () => {
  mock = await createCampaignMock();
  session = await logOn(mock);
});
afterAll(() => mock.close());

/** Writes and builds a source schema, and logs on anew to see it; gives the compiled schema. */
async function build(name: string, content: string, attributes = ''): Promise<string> {
  const source = `<srcSchema xtkschema="xtk:srcSchema" namespace="doc" name="${name}" ${attributes}>${content}</srcSchema>`;
  const answers = [
    await session.write(source),
    await session.call('xtk:builder#BuildSchemaFromId', `<id>doc:${name}</id>`),
  ];
  const fault = answers.find((answer) => answer.includes('Fault'));
  if (fault !== undefined) throw new Error(fault);
  session = await logOn(mock);
  return compiled(/extendedSchema="([\w:]+)"/.exec(attributes)?.[1] ?? `doc:${name}`);
}

async function compiled(id: string): Promise<string> {
  const args = `<pk>xtk:schema|${id}</pk><md5/><mustExist>true</mustExist>`;
  return between(await session.call('xtk:persist#GetEntityIfMoreRecent', args), '<schema ', '</pdomDoc>');
}

function key(name: string, ...xpaths: string[]): string {
  return `${name}">${xpaths.map((xpath) => `<keyfield xpath="${xpath}"/>`).join('')}<`;
}

function select(schema: string, ...exprs: string[]): Promise<string> {
  const nodes = exprs.map((expr) => `<node expr="${expr}"/>`).join('');
  return session.query(`<queryDef schema="${schema}" operation="select"><select>${nodes}</select></queryDef>`);
}

describe('editing-schemas/examples-of-schemas-edition', () => {
  it('extends a table by another with a link of cardinality 1-1, whose row goes with its owner', async () => {
    covers('campaign', '3.3 Grammar', 'extension tables (revCardinality single, integrity own)');
    await build(
      'traits',
      '<element name="traits" autopk="true"><attribute name="pets" type="byte"/><attribute name="nick" length="100"/></element>',
    );
    const recipient = await build(
      'recipient',
      `<element name="recipient"><element name="traits" label="Traits" type="link" target="doc:traits" integrity="own" revCardinality="single" revLink="person"/></element>`,
      'extendedSchema="nms:recipient"',
    );
    expect(recipient).toMatch(/<attribute [^>]*name="traits-id"[^>]*sqlname="iTraitsId"/);
    expect(recipient).toContain(key('traitsId', '@traits-id'));
    expect(await compiled('doc:traits')).toMatch(/<element [^>]*belongsTo="nms:recipient"[^>]*name="person"/);
    const person = (content: string, more = '') =>
      session.write(`<r xtkschema="nms:recipient" _key="@email" email="traits@doc.example" ${more}>${content}</r>`);
    expect(await person('<traits pets="3" nick="Bo"/>')).toContain(SAVED);
    expect(await select('doc:traits', '@pets', '[person/@email]')).toBe(
      '<traits-collection><traits pets="3"><person email="traits@doc.example"/></traits></traits-collection>',
    );
    expect(await person('', '_operation="delete"')).toContain(SAVED);
    expect(mock.rows('doc:traits')).toEqual([]);
  });

  it('relates two tables N-N by a table whose key is both its links', async () => {
    covers('campaign', '3.3 Grammar', 'relation tables (N-N)');
    covers('campaign', '3.3 Grammar', 'compute-string, also the one made of the primary key');
    await build(
      'team',
      '<element name="team" autopk="true"><key name="name"><keyfield xpath="@name"/></key><attribute name="name"/></element>',
    );
    const relation = await build(
      'membership',
      `<element name="membership"><key internal="true" name="id"><keyfield xlink="team"/><keyfield xlink="person"/></key>
        <element name="person" label="Person" type="link" target="nms:recipient" integrity="neutral" revIntegrity="own" revLabel="Teams"/>
        <element name="team" label="Team" type="link" target="doc:team" integrity="neutral" revIntegrity="own" revLink="members"/></element>`,
    );
    expect(relation).toContain(`<compute-string expr="ToString([@team-id]) + ',' + ToString([@person-id])"/>`);
    expect(relation).toContain(
      `<dbindex name="id" unique="true"><keyfield xpath="@team-id"/><keyfield xpath="@person-id"/><`,
    );
    expect(relation).toContain(key('teamId', '@team-id'));
    expect(relation).toContain(key('personId', '@person-id'));
    expect(relation).toMatch(/<element [^>]*name="person"[^>]*revLink="membership"/);
    expect(relation).toContain(`label="Foreign key of 'Person' link ('id' field)"`);
    for (const team of ['Red', 'Blue']) await session.write(`<t xtkschema="doc:team" name="${team}"/>`);
    const join = `<m><person _operation="none" _key="@email" email="bruno.nowak@newsletter.example"/><team name="Red" _operation="none"/></m>`;
    const all = `<c xtkschema="doc:membership">${join}${join}${join.replace('Red', 'Blue')}</c>`;
    expect(await session.writeCollection(all)).toContain('<WriteCollectionResponse ');
    expect(mock.rows('doc:membership')).toHaveLength(2);
    expect(await select('doc:team', '@name', '[members/person/@firstName]')).toContain('<person firstName="Bruno"/>');
    await session.write('<t xtkschema="doc:team" _operation="delete" name="Red"/>');
    expect(mock.rows('doc:membership')).toHaveLength(1);
  });

  it('keeps a list of values in a table with a key of its own, which a link shows as a field', async () => {
    covers('campaign', '3.3 Grammar', 'reference tables (displayAsField, noDbIndex)');
    await build(
      'bank',
      `<element name="bank"><compute-string expr="@name"/><key name="id"><keyfield xpath="@id"/></key>
        <attribute name="id" type="short"/><attribute name="name" length="64"/></element>`,
    );
    const account = await build(
      'account',
      `<element name="account" autopk="true"><attribute name="owner"/>
        <element name="bank" label="Bank" type="link" target="doc:bank" displayAsField="true" noDbIndex="true"/></element>`,
    );
    expect(account).toMatch(/<attribute [^>]*name="bank-id"[^>]*type="short"[^>]*sqlname="iBankId"/);
    expect(account).toMatch(/<element name="bank"[^>]*displayAsField="true"/);
    expect(account).not.toContain('name="bankId"');
    await session.write('<b xtkschema="doc:bank" id="7" name="First"/>');
    await session.write('<a xtkschema="doc:account" owner="Ann"><bank id="7" _operation="none"/></a>');
    expect(await select('doc:account', '@owner', 'bank')).toBe(
      '<account-collection><account owner="Ann"><bank id="7" _cs="First"/></account></account-collection>',
    );
  });
});

const PERSON = `<enumeration name="sex" basetype="byte"><value name="unknown" value="0"/><value name="male" value="1"/><value name="female" value="2"/></enumeration>
  <element name="person"><attribute name="mail" type="string" length="80" label="Mail"/><attribute name="made" type="datetime" default="GetDate()"/>
  <attribute name="sex" type="byte" enum="sex"/><element name="place" label="Place"><attribute name="town" type="string" length="50" userEnum="town"/></element></element>`;

describe('schema-reference/database-mapping', () => {
  it('names the table after namespace and schema, and columns after type and name', async () => {
    covers('campaign', '3.3 Grammar', 'SQL names of tables and columns');
    const schema = await build('person', PERSON);
    for (const column of ['sMail', 'tsMade', 'iSex', 'sTown']) expect(schema).toContain(`sqlname="${column}"`);
    expect(schema).toMatch(/<element [^>]*name="person"[^>]*sqltable="DocPerson"/);
    expect(schema).toContain('mappingType="sql"');
    expect(await session.write('<p xtkschema="doc:person" _operation="insert" mail="a@doc.example"/>')).toContain(
      SAVED,
    );
    expect(await select('doc:person', '@mail', '@sex', '[place/@town]')).toBe(
      '<person-collection><person mail="a@doc.example" sex="0"><place town=""/></person></person-collection>',
    );
  });

  it('takes names of tables and columns that the schema gives', async () => {
    const schema = await build(
      'individual',
      '<element name="individual" sqltable="people"><key internal="true" name="id"><keyfield xpath="@id"/></key><attribute name="id" type="long"/><attribute name="surname" length="100" sqlname="Last_Name"/></element>',
    );
    expect(schema).toMatch(/sqltable="people"[\s\S]*sqlname="iIndividualId"[\s\S]*sqlname="Last_Name"/);
  });

  it('keeps memos and HTML as XML, without columns', async () => {
    covers('campaign', '3.3 Grammar', 'XML fields of types memo and html');
    const schema = await build(
      'note',
      `<element name="note" autopk="true"><element name="comment" xml="true" type="memo" label="Comment"/>
        <element name="page" xml="true" type="html" label="Page"/></element>`,
    );
    expect(schema).not.toMatch(/name="(comment|page)"[^>]*sqlname/);
    await session.write(
      '<n xtkschema="doc:note"><comment>two\nlines</comment><page><![CDATA[<p>x &amp; y</p>]]></page></n>',
    );
    expect(await select('doc:note', 'comment', 'page')).toBe(
      '<note-collection><note><comment>two\nlines</comment><page>&lt;p&gt;x &amp;amp; y&lt;/p&gt;</page></note></note-collection>',
    );
  });

  it('makes indexes of several fields, and unique ones that refuse a value twice', async () => {
    covers('campaign', '3.3 Grammar', 'dbindex');
    const schema = await build(
      'indexed',
      `<element name="indexed"><dbindex name="ref" unique="true"><keyfield xpath="@ref"/></dbindex>
        <dbindex name="mail"><keyfield xpath="@mail"/><keyfield xpath="place/@town"/></dbindex>
        <attribute name="ref" type="long"/><attribute name="mail"/><element name="place"><attribute name="town"/></element></element>`,
    );
    expect(schema).toContain(key('mail', '@mail', 'place/@town'));
    const insert = (ref: number) =>
      session.write(`<i xtkschema="doc:indexed" _operation="insert" ref="${ref}" mail="m"/>`);
    expect([await insert(1), await insert(2)].every((answer) => answer.includes(SAVED))).toBe(true);
    expect(await insert(1)).toContain('violates unique constraint "DocIndexed_ref"');
  });
});

describe('schema-reference/database-keys', () => {
  it('indexes a key of several fields, and finds by it', async () => {
    covers('campaign', '3.3 Grammar', 'keys, with the unique index that each has');
    const schema = await build(
      'keyed',
      `<element name="keyed"><key name="mail"><keyfield xpath="@mail"/><keyfield xpath="place/@town"/></key>
        <attribute name="mail"/><attribute name="note"/><element name="place"><attribute name="town"/></element></element>`,
    );
    expect(schema).toContain(
      '<dbindex name="mail" unique="true"><keyfield xpath="@mail"/><keyfield xpath="place/@town"/>',
    );
    const write = (town: string, note: string) =>
      session.write(`<k xtkschema="doc:keyed" mail="m" note="${note}"><place town="${town}"/></k>`);
    for (const [town, note] of [
      ['Ulm', '1'],
      ['Bonn', '2'],
      ['Ulm', '3'],
    ] as const)
      await write(town, note);
    expect(mock.rows('doc:keyed').map((row) => row.note)).toEqual(['3', '2']);
  });

  it('has no index for a key that wants none', async () => {
    const schema = await build(
      'internal',
      `<element name="internal"><key name="id" internal="true"><keyfield xpath="@id"/></key><key name="mail" noDbIndex="true"><keyfield xpath="@mail"/></key>
        <attribute name="id" type="long"/><attribute name="mail"/></element>`,
    );
    expect(schema).toContain('<dbindex name="id" unique="true"><keyfield xpath="@id"/>');
    expect(schema).not.toContain('<dbindex name="mail"');
    for (const id of [1, 2]) await session.write(`<i xtkschema="doc:internal" id="${id}" mail="same"/>`);
    expect(mock.rows('doc:internal')).toHaveLength(2);
  });

  it('makes the id of an autopk from a sequence', async () => {
    covers('campaign', '3.3 Grammar', 'autopk and pkSequence');
    const schema = await build('counted', '<element name="counted" autopk="true"/>');
    expect(schema).toMatch(/<element [^>]*autopk="true"[^>]*pkSequence="XtkNewId"/);
    expect(schema).toMatch(/<attribute name="id" type="long"[^>]*desc="Internal primary key"[^>]*sqlname="iCountedId"/);
    expect(await build('sequenced', '<element name="sequenced" autopk="true" pkSequence="DocOtherId"/>')).toContain(
      'pkSequence="DocOtherId"',
    );
    for (const _ of [1, 2]) await session.write('<c xtkschema="doc:counted" _operation="insert"/>');
    const [first, second] = mock.rows('doc:counted').map((row) => Number(row.id));
    expect(second).toBeGreaterThan(first ?? 0);
  });
});

describe('schema-reference/database-links', () => {
  beforeAll(async () => {
    await build(
      'firm',
      '<element name="firm" autopk="true"><key name="name"><keyfield xpath="@name"/></key><attribute name="name"/></element>',
    );
  });

  it('names the other end after the schema, and forbids to delete what it defines', async () => {
    covers('campaign', '3.3 Grammar', 'reverse links, with belongsTo, and integrity define');
    const employee = await build(
      'employee',
      `<element name="employee" autopk="true"><attribute name="name"/><element name="firm" label="Firm" type="link" target="doc:firm" revIntegrity="define" revLabel="Staff"/></element>`,
    );
    expect(employee).toMatch(
      /<element [^>]*name="firm"[^>]*revLink="employee"[^>]*><join xpath-dst="@id" xpath-src="@firm-id"\/>/,
    );
    expect(employee).toContain(key('firmId', '@firm-id'));
    expect(await compiled('doc:firm')).toMatch(
      /<element [^>]*belongsTo="doc:employee"[^>]*integrity="define" label="Staff" name="employee" revLink="firm" target="doc:employee" type="link" unbound="true"><join xpath-dst="@firm-id" xpath-src="@id"\/>/,
    );
    await session.write('<f xtkschema="doc:firm" name="Acme"><employee name="Ann"/></f>');
    const remove = () => session.write('<f xtkschema="doc:firm" _operation="delete" name="Acme"/>');
    expect(await remove()).toContain('violates foreign key constraint');
    await session.call('xtk:persist#DeleteCollection', '<s>doc:employee</s><w/><i>false</i>');
    expect(await remove()).toContain(SAVED);
  });

  it('joins by fields that the link names, and gives nothing where there is nothing', async () => {
    covers('campaign', '3.3 Grammar', 'joins by other fields than keys (externalJoin)');
    await build(
      'address',
      '<element name="address"><key name="address"><keyfield xpath="@address"/></key><attribute name="address"/><attribute name="quality" type="long"/></element>',
    );
    const contact = await build(
      'contact',
      `<element name="contact" autopk="true"><attribute name="mail"/><element name="mailInfo" type="link" target="doc:address" integrity="neutral" revIntegrity="neutral" revLink="contact" externalJoin="true">
        <join xpath-dst="@address" xpath-src="@mail"/></element></element>`,
    );
    expect(contact).not.toContain('mailInfo-');
    await session.writeCollection('<c xtkschema="doc:contact"><c mail="a@doc.example"/><c mail="b@doc.example"/></c>');
    await session.write('<a xtkschema="doc:address" address="a@doc.example" quality="5"/>');
    expect(await select('doc:contact', '@mail', '[mailInfo/@quality]')).toBe(
      '<contact-collection><contact mail="a@doc.example"><mailInfo quality="5"/></contact><contact mail="b@doc.example"><mailInfo quality="0"/></contact></contact-collection>',
    );
    expect(await select('doc:address', '[contact/@mail]')).toContain('<contact mail="a@doc.example"/>');
    await session.write('<a xtkschema="doc:address" _operation="delete" address="a@doc.example"/>');
    expect(mock.rows('doc:contact').map((row) => row.mail)).toEqual(['a@doc.example', 'b@doc.example']);
  });

  it('fills a link to a folder with the default folder of its model', async () => {
    covers('campaign', '3.3 Grammar', 'DefaultFolder as the default of a link');
    await build(
      'filed',
      `<element name="filed" autopk="true"><attribute name="name"/><element name="folder" type="link" target="xtk:folder" default="DefaultFolder('nmsFolder')" revDesc="What is filed" revIntegrity="own" revLabel="Filed"/></element>`,
    );
    expect(await compiled('xtk:folder')).toMatch(
      /belongsTo="doc:filed" desc="What is filed"[^>]*integrity="own" label="Filed"/,
    );
    await session.write('<f xtkschema="doc:filed" name="x"/>');
    expect(await select('doc:filed', '[folder/@name]')).toContain('<folder name="nmsRootFolder"/>');
  });

  it('makes a key over a link of its foreign key', async () => {
    const member = await build(
      'member',
      `<element name="member"><key name="firmMail"><keyfield xpath="@mail"/><keyfield xlink="firm"/></key><attribute name="mail" length="80"/><attribute name="note"/>
        <element name="firm" label="Firm" type="link" target="doc:firm" revIntegrity="define" revLabel="Members"/></element>`,
    );
    for (const holder of ['<dbindex name="firmMail" unique="true">', '<key name="firmMail">'])
      expect(member).toContain(`${holder}<keyfield xpath="@mail"/><keyfield xpath="@firm-id"/>`);
    await session.writeCollection('<c xtkschema="doc:firm"><f name="One"/><f name="Two"/></c>');
    const write = (firm: string, note: string) =>
      session.write(`<m xtkschema="doc:member" mail="m" note="${note}"><firm name="${firm}" _operation="none"/></m>`);
    for (const [firm, note] of [
      ['One', '1'],
      ['Two', '2'],
      ['One', '3'],
    ] as const)
      await write(firm, note);
    expect(mock.rows('doc:member').map((row) => row.note)).toEqual(['3', '2']);
    const second = await build(
      'badge',
      '<element name="badge" autopk="true"><element name="member" type="link" target="doc:member"/></element>',
    );
    expect(second).toContain(
      '<join xpath-dst="@mail" xpath-src="@member-mail"/><join xpath-dst="@firm-id" xpath-src="@member-firm-id"/>',
    );
  });

  it('refuses a key over a link that is not there', async () => {
    await expect(
      build(
        'broken',
        '<element name="broken"><key name="k"><keyfield xlink="firm"/></key><attribute name="a"/></element>',
      ),
    ).rejects.toThrow("key 'k' names '@firm-id', which does not exist");
  });
});

describe('schema-reference/elements-attributes', () => {
  it('key: of a key that may be empty in part one part is enough', async () => {
    covers('campaign', '3.3 Grammar', 'allowEmptyPart');
    await build(
      'node',
      '<element name="node"><key name="node" allowEmptyPart="true"><keyfield xpath="@expr"/><keyfield xpath="@alias"/></key><attribute name="expr"/><attribute name="alias"/><attribute name="note"/></element>',
    );
    const write = (given: string) => session.write(`<n xtkschema="doc:node" ${given}/>`);
    for (const given of [
      'expr="a" note="1"',
      'alias="b" note="2"',
      'expr="a" note="3"',
      'expr="a" alias="b" note="4"',
      'note="5"',
      'note="6"',
    ])
      expect(await write(given)).toContain(SAVED);
    expect(mock.rows('doc:node').map((row) => row.note)).toEqual(['3', '2', '4', '5', '6']);
  });

  it('key: a text may be the primary key, which nobody takes twice', async () => {
    await build(
      'named',
      '<element name="named"><key name="primary" internal="true"><keyfield xpath="@name"/></key><attribute name="name"/></element>',
    );
    const insert = () => session.write('<n xtkschema="doc:named" _operation="insert" name="x"/>');
    expect(await insert()).toContain(SAVED);
    expect(await insert()).toContain('violates unique constraint "DocNamed_primary"');
  });

  it('enumeration: values without a value stand for their names, numbers have labels', async () => {
    covers('campaign', '3.4 Enumerations', 'enumerations of texts and of numbers, with default');
    const schema = await build(
      'choice',
      `<enumeration name="plain"><value name="one" label="First"/></enumeration>
       <enumeration basetype="byte" default="mail" name="channel"><value label="Mail" name="mail" value="0"/><value label="Téléphone" name="phone" value="1"/></enumeration>
       <element name="choice" autopk="true"><attribute name="plain" enum="plain"/><attribute name="channel" type="byte" enum="doc:choice:channel"/><attribute name="stored" dbEnum="plain" length="100"/></element>`,
    );
    expect(schema).toContain('<enumeration basetype="byte" default="mail" name="channel">');
    expect(schema).toContain('<attribute name="stored" dbEnum="plain" length="100"');
    await session.write('<c xtkschema="doc:choice" plain="one" channel="1" stored="anything"/>');
    const body = await session.query(
      `<queryDef schema="doc:choice" operation="get"><select><node expr="@plain" analyze="true"/><node expr="@channel" analyze="true"/></select></queryDef>`,
    );
    expect(body).toBe(
      '<choice plain="one" plainName="one" plainLabel="First" channel="1" channelName="phone" channelLabel="Téléphone"/>',
    );
  });

  it('compute-string: builds a name of several fields and of what a link leads to', async () => {
    covers('campaign', '3.3 Grammar', 'compute-string, also the one made of the primary key');
    await build(
      'titled',
      `<element name="titled" autopk="true"><compute-string expr="@title + Iif(@code = '', '', ' (' + [folder/@label] + ')')"/><attribute name="title"/><attribute name="code"/>
        <element name="folder" type="link" target="xtk:folder"/></element>`,
    );
    await build(
      'reader',
      '<element name="reader" autopk="true"><element name="titled" type="link" target="doc:titled"/></element>',
    );
    const folder = '<folder name="nmsRootFolder" _operation="none"/>';
    for (const code of ['', 'x'])
      await session.write(
        `<r xtkschema="doc:reader"><titled title="T" code="${code}" _operation="insert">${folder}</titled></r>`,
      );
    expect((await select('doc:reader', 'titled')).match(/_cs="[^"]*"/g)).toEqual(['_cs="T"', '_cs="T (Recipients)"']);
  });

  it('join: a filter restricts what a link leads to', async () => {
    covers('campaign', '3.3 Grammar', 'dstFilterExpr of a join');
    await build(
      'stock',
      `<element name="stock" autopk="true"><attribute name="code"/><attribute name="country"/></element>`,
    );
    const shop = (filter: string) =>
      build(
        'outlet',
        `<element name="outlet" autopk="true"><attribute name="code"/><element name="stockEN" type="link" target="doc:stock" revLink="outlets" revCardinality="single">
          <join xpath-dst="@code" xpath-src="@code" dstFilterExpr="${filter}"/></element></element>`,
      );
    await expect(shop('@nothing = 1')).rejects.toThrow("the dstFilterExpr of link 'stockEN' is wrong");
    expect(await shop(`@country = 'EN'`)).toContain(`dstFilterExpr="@country = 'EN'"`);
    await session.writeCollection(
      '<c xtkschema="doc:stock"><s code="A" country="FR"/><s code="A" country="EN"/><s code="B" country="FR"/></c>',
    );
    await session.writeCollection('<c xtkschema="doc:outlet"><o code="A"/><o code="B"/></c>');
    expect(await select('doc:outlet', '@code', '[stockEN/@country]')).toBe(
      '<outlet-collection><outlet code="A"><stockEN country="EN"/></outlet><outlet code="B"><stockEN country=""/></outlet></outlet-collection>',
    );
    const count = (expr: string) =>
      session.query(
        `<queryDef schema="doc:outlet" operation="count"><where><condition expr="${expr}"/></where></queryDef>`,
      );
    await shop("[outlets/stockEN/@country] = 'EN'");
    expect(await count("[stockEN/@country] = 'EN'")).toContain("The filter of link 'stockEN' refers to itself.");
    await shop("@country = 'EN'");
    expect([await count("[stockEN/@country] = 'EN'"), await count("[stockEN/@country] = 'FR'")]).toEqual([
      '<outlet count="1"/>',
      '<outlet count="0"/>',
    ]);
  });

  it('sysFilter: holds where its enabledIf does, and looks at whoever asks', async () => {
    await build(
      'local',
      `<element name="local" autopk="true"><sysFilter><condition enabledIf="HasNamedRight('admin')=false" expr="@keeper=[currentOperator/@name]"/></sysFilter><attribute name="keeper"/></element>`,
    );
    await session.writeCollection('<c xtkschema="doc:local"><l keeper="profiles"/><l keeper="admin"/></c>');
    const seen = async (login: string) =>
      (await logOn(mock, login)).query('<queryDef schema="doc:local" operation="count"/>');
    expect([await seen('admin'), await seen('profiles')]).toEqual(['<local count="2"/>', '<local count="1"/>']);
  });
});

describe('editing-schemas: data-schemas, schema-structure, extending-a-schema, schema-of-an-existing-table', () => {
  it('makes a table of contracts with a qualified enumeration and a unique number', async () => {
    await build(
      'deals',
      `<enumeration basetype="byte" name="kind"><value label="Home" name="home" value="0"/><value label="Pension fund" name="pension fund" value="2"/></enumeration>
       <element autopk="true" name="deals" label="Deals" labelSingular="Deal"><attribute name="holderName"/><attribute name="co-holderName"/><attribute name="date" type="date"/>
        <attribute enum="doc:deals:kind" name="kind" type="byte"/><attribute name="number" type="long"/><dbindex name="number" unique="true"><keyfield xpath="@number"/></dbindex></element>`,
    );
    expect(
      await session.write('<d xtkschema="doc:deals" number="5" co-holderName="B" date="2026-01-31" kind="2"/>'),
    ).toContain(SAVED);
    expect(await session.write('<d xtkschema="doc:deals" number="5"/>')).toContain('DocDeals_number');
    expect(await select('doc:deals', '[@co-holderName]', '@date')).toContain(
      '<deals co-holderName="B" date="2026-01-31"/>',
    );
  });

  it('repeats the element of a collection', async () => {
    await build(
      'listed',
      '<element name="listed" autopk="true"><element name="group" unbound="true" xml="true"><attribute name="label"/></element></element>',
    );
    await session.write('<l xtkschema="doc:listed"><group label="A"/><group label="B"/></l>');
    expect(await select('doc:listed', 'group')).toBe(
      '<listed-collection><listed><group label="A"/><group label="B"/></listed></listed-collection>',
    );
  });

  it('tells in the extended schema who extended it, and by which fields', async () => {
    covers('campaign', '3.1 Schemas', 'dependingSchemas and belongsTo of an extended schema');
    const schema = await build(
      'branch',
      '<element name="service"><attribute name="branchCode" label="Branch code" type="long"/></element>',
      'extendedSchema="nms:service"',
    );
    expect(schema).toContain('dependingSchemas="doc:branch"');
    expect(schema).toMatch(/<attribute belongsTo="doc:branch"[^>]*name="branchCode"[^>]*sqlname="iBranchCode"/);
    expect(schema).not.toMatch(/belongsTo="doc:branch"[^>]*name="label"/);
  });

  it('describes a table that exists without making one', async () => {
    covers('campaign', '3.3 Grammar', 'view of an existing table');
    const schema = await build(
      'legacy',
      '<element name="legacy" sqltable="dbsrv.people"><key name="mail"><keyfield xpath="@mail"/></key><attribute name="mail" length="80" sqlname="email"/></element>',
      'view="true"',
    );
    expect(schema).toMatch(/sqltable="dbsrv.people"[\s\S]*sqlname="email"/);
    expect(await session.write('<l xtkschema="doc:legacy" mail="a"/>')).toContain(SAVED);
  });
});
