import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import { covers } from '../compatibility.js';
import { logOn, openMock, type RawSession } from './soap-client.js';

const PEOPLE = `
  <recipient-collection xtkschema="nms:recipient">
    <recipient email="ada@q.example" lastName="Lovelace" gender="2" birthDate="1815-12-10" text1="100%" boolean1="true"/>
    <recipient email="bob@q.example" lastName="Bernard" gender="1" birthDate="1953-02-01" text1="O'Neil"/>
    <recipient email="cyd@q.example" lastName="Charisse" gender="2" text1="back\\slash"/>
    <recipient email="Dan@q.example" lastName="" gender="1" birthDate="1960-06-15"/>
  </recipient-collection>`;

describe('a query of the Campaign mock', () => {
  let mock: CampaignMock;
  let session: RawSession;

  beforeAll(async () => {
    mock = await createCampaignMock();
    session = await logOn(mock);
    await session.writeCollection(PEOPLE);
  });
  afterAll(() => mock.close());

  /** First letters of the addresses that a condition finds among the four above, in alphabetical order. */
  async function found(condition: string): Promise<string> {
    const body = await session.query(
      `<queryDef schema="nms:recipient" operation="select"><select><node expr="@email"/></select><where>
        <condition expr="@email LIKE '%@q.example'"/>${condition}</where><orderBy><node expr="Lower(@email)"/></orderBy></queryDef>`,
    );
    if (body.includes('faultstring')) throw new Error(body);
    return [...body.matchAll(/email="(.)/g)].map((match) => match[1]).join('');
  }

  it.each([
    ["@lastName = 'Bernard'", 'b'],
    ["@lastName = 'bernard'", ''],
    ["@lastName <> 'Bernard'", 'acD'],
    ["@lastName IN ('Bernard', 'Charisse')", 'bc'],
    ["@lastName NOT IN ('Bernard', 'Charisse')", 'aD'],
    ["@lastName LIKE '%e%' and @gender = 2", 'ac'],
    ["@lastName NOT LIKE 'B%'", 'acD'],
    ["@email LIKE 'd__@q%'", ''],
    ["@email LIKE 'D__@q%'", 'D'],
    ["@text1 = 'O\\'Neil'", 'b'],
    ["@text1 = 'back\\\\slash'", 'c'],
    ["@text1 LIKE '%0\\\\%'", 'a'],
    ['@lastName IS NULL', 'D'],
    ['@lastName IS NOT NULL', 'abc'],
    ['@birthDate IS NULL', 'c'],
    ['@birthDate < #1950-01-01#', 'a'],
    ['@birthDate >= #1953-02-01 00:00:00.000Z# AND @birthDate < #1960-06-15T00:00:00Z#', 'b'],
    ['NOT (@birthDate < #1950-01-01#)', 'bD'],
    ['@boolean1 = true', 'a'],
    ['@boolean1 = 0', 'bcD'],
    ["@gender = 1 OR @lastName = 'Lovelace'", 'abD'],
    ['(@gender = 1 OR @gender = 2) AND NOT @boolean1 = 1', 'bcD'],
    ["[folder/@name] = 'nmsRootFolder'", 'abcD'],
    ["[folder/@name] = 'other'", ''],
    ['[@folder-id] > 0 and 2 * @gender - 1 = 3', 'ac'],
    ["@lastName + '/' + @gender = 'Bernard/1'", 'b'],
    ["Upper(Left(@email, 1)) = 'D'", 'D'],
    ["@domain = 'q.example' and Year(@birthDate) = 1953", 'b'],
    ["Iif(@gender = 1, 'man', 'woman') = 'woman'", 'ac'],
    ["Case(When(@gender = 1, 'm'), Else('f')) = 'm'", 'bD'],
    ['@email IN ()', ''],
  ])('finds by %s', async (expr, expected) => {
    covers('campaign', '4.5 Queries', 'expressions: operators, functions, literals of text, numbers and dates');
    const escaped = expr.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    expect(await found(`<condition expr="${escaped}"/>`)).toBe(expected);
  });

  it('joins each condition to the next by its own operator, AND before OR', async () => {
    const either = `<condition expr="@gender = 1" boolOperator="OR"/><condition expr="@lastName = 'Lovelace'"/>`;
    expect(await found(`<condition>${either}</condition>`)).toBe('abD');
    const mixed = `<condition expr="@gender = 1" bool-operator="OR"/><condition expr="@gender = 2" boolOperator="AND"/>
      <condition expr="@lastName = 'Charisse'" boolOperator="OR"/>`;
    expect(await found(`<condition>${mixed}</condition>`)).toBe('bcD');
  });

  it('skips conditions that are to be ignored', async () => {
    covers('campaign', '4.5 Queries', 'ignore on a condition');
    expect(await found('<condition expr="@gender = 1" ignore="true"/><condition/>')).toBe('abcD');
  });

  it('looks into collections with EXISTS, and at their values directly', async () => {
    covers('campaign', '4.5 Queries', 'setOperator EXISTS and NOT EXISTS on a collection');
    const query = (where: string) =>
      session.query(`<queryDef schema="xtk:enum" operation="select"><select><node expr="@name"/></select>
        <where>${where}</where></queryDef>`);
    const salutation = '<enum-collection><enum name="salutation"/></enum-collection>';
    expect(
      await query(`<condition expr="value" setOperator="EXISTS"><condition expr="@name = 'Dr'"/></condition>`),
    ).toBe(salutation);
    expect(await query(`<condition expr="[value/@name] = 'Dr'"/>`)).toBe(salutation);
    expect(await query(`<condition expr="value" setOperator="NOT EXISTS"/>`)).toContain('name="neoIndustry"');
  });

  it('takes the values of a nested query', async () => {
    const body = await session.query(`<queryDef schema="xtk:enumValue" operation="count"><where>
      <condition expr="[@enum-id]" setOperator="IN"><subQuery schema="xtk:enum"><select><node expr="@id"/></select>
        <where><condition expr="@name = 'origin'"/></where></subQuery></condition></where></queryDef>`);
    expect(body).toBe('<enumValue count="4"/>');
  });

  it.each([
    ['IN', 'nms:recipient', '@email', '@gender = 2', 'ac'],
    ['NOT IN', 'nms:recipient', '@email', '@gender = 2', 'bD'],
    ['EXISTS', 'xtk:enum', '@id', "@name = 'origin'", 'abcD'],
    ['NOT EXISTS', 'xtk:enum', '@id', "@name = 'origin'", ''],
    ['MAX', 'nms:recipient', '@email', "@email LIKE '%@q.example'", 'c'],
    ['MIN', 'nms:recipient', '@email', "@email LIKE '%@q.example'", 'D'],
  ])('compares with what a subQuery gives by %s', async (operator, schema, node, where, expected) => {
    covers('campaign', '4.5 Queries', 'setOperator IN, NOT IN, EXISTS, NOT EXISTS, MIN, MAX with a subQuery');
    const subQuery = `<subQuery schema="${schema}"><select><node expr="${node}"/></select><where><condition expr="${where}"/></where></subQuery>`;
    expect(await found(`<condition expr="@email" setOperator="${operator}">${subQuery}</condition>`)).toBe(expected);
  });

  it('does not run a subQuery for more different rows than it can', async () => {
    await using other = await openMock();
    const { writeCollection, query } = await logOn(other);
    const many = Array.from({ length: 1_001 }, (_, at) => `<r email="s${at}@q.example"/>`).join('');
    await writeCollection(`<c xtkschema="nms:recipient">${many}</c>`);
    const subQuery = `<subQuery schema="xtk:enum"><select><node expr="@id"/></select><where><condition expr="@label = [../@email]"/></where></subQuery>`;
    const where = `<where><condition setOperator="NOT EXISTS">${subQuery}</condition></where>`;
    expect(await query(`<queryDef schema="nms:recipient" operation="count">${where}</queryDef>`)).toContain(
      'XTK-170006 The subQuery would have to be run more than 1000 times.',
    );
  });

  it.each([
    ['COUNT', '@gender', 'ac'],
    ['AVG', '@gender', ''],
    ['SUM', '@boolean1', 'bD'],
  ])('compares with the %s of what a subQuery gives', async (operator, node, expected) => {
    covers('campaign', '4.5 Queries', 'setOperator COUNT, SUM, AVG with a subQuery');
    const where = `<where><condition expr="@email IN ('ada@q.example', 'bob@q.example')"/></where>`;
    const subQuery = `<subQuery schema="nms:recipient"><select><node expr="${node}"/></select>${where}</subQuery>`;
    expect(await found(`<condition expr="@gender" setOperator="${operator}">${subQuery}</condition>`)).toBe(expected);
  });

  it.each([
    [`setOperator="IN" expr="@email"`, '', 'needs a subQuery'],
    [`setOperator="EXISTS" expr="@email"`, '', 'is not a link of schema'],
    [
      `setOperator="NEAR" expr="@email"`,
      '<subQuery schema="xtk:enum"><select><node expr="@id"/></select></subQuery>',
      "Unknown set operator 'NEAR'",
    ],
    [`setOperator="IN" expr="@email"`, '<subQuery schema="xtk:enum"/>', 'A subQuery selects one expression.'],
    [`sql="1 = 1"`, '', 'Conditions in SQL are not allowed'],
    [`filter-name="missing"`, '', "Document of identifier 'missing' and type 'nms:filter' does not exist"],
  ])('refuses a condition with %s', async (attributes, content, message) => {
    await expect(found(`<condition ${attributes}>${content}</condition>`)).rejects.toThrow(message);
  });

  it('applies conditions where their enabledIf holds for whoever asks', async () => {
    covers('campaign', '4.5 Queries', 'enabledIf by rights and operator');
    expect(await found(`<condition enabledIf="hasNamedRight('admin') = false" expr="@gender = 1"/>`)).toBe('abcD');
    expect(await found(`<condition enabledIf="$(login) = 'admin'" expr="@gender = 1"/>`)).toBe('bD');
    expect(await found(`<condition enabledIf="$(loginId) = 0" expr="@gender = 1"/>`)).toBe('abcD');
  });

  it('reads parameters from its own document', async () => {
    covers('campaign', '4.5 Queries', 'parameters $(name)');
    const body = await session.query(`<queryDef schema="nms:recipient" operation="select" from="1950-01-01">
      <ignored gender="1"/><param name="domain" value="q.example"/><select><node expr="@email"/></select><where>
      <condition expr="@domain = $(domain) and @birthDate &gt; $(@from)"/><condition expr="@gender = $long(/ignored/@gender)"/>
      </where><orderBy><node expr="@birthDate" sortDesc="true"/></orderBy></queryDef>`);
    expect(body).toMatch(
      /^<recipient-collection><recipient email="Dan@[^>]*><recipient email="bob@[^>]*><\/recipient-collection>$/,
    );
    await expect(found('<condition expr="@gender = $(nothing)"/>')).rejects.toThrow(
      "The parameter 'nothing' has no value here.",
    );
  });

  it('applies predefined filters by their name, with their parameters', async () => {
    covers('campaign', '4.5 Queries', 'filter-name (predefined filters of nms:filter)');
    const where = `<where><condition expr="@gender = $long(@wanted)"/></where>`;
    await session.write(
      `<filter xtkschema="nms:filter" name="byGender" schema="nms:recipient"><data>${where.replaceAll('<', '&lt;')}</data></filter>`,
    );
    expect(await found('<condition filter-name="byGender" wanted="1"/>')).toBe('bD');
    expect(await found('<condition filter-name="byGender" wanted="2" expr="@boolean1 = 1"/>')).toBe('a');
  });

  it('filters and orders the members of a collection by the where and orderBy of its node', async () => {
    const body = await session.query(`<queryDef schema="xtk:enum" operation="get"><select><node expr="value">
      <node expr="@name"/><where><condition expr="@order &gt; 1"/></where><orderBy><node expr="@name"/></orderBy></node>
      </select><where><condition expr="@name = 'leadRating'"/></where></queryDef>`);
    expect(body).toBe('<enum><value name="Cold"/><value name="Warm"/></enum>');
  });

  it('groups as its groupBy says, and keeps what having lets through', async () => {
    const counts = (clauses: string) =>
      session.query(`<queryDef schema="nms:recipient" operation="select"><select><node expr="@gender"/>
        <node expr="count(@email)" alias="@n"/></select><where><condition expr="@email LIKE '%@q.example' and @birthDate IS NOT NULL"/></where>
        ${clauses}</queryDef>`);
    const by = (name: string) => `<${name}><node expr="@gender"/></${name}>`;
    const expected = '<recipient-collection><recipient gender="1" n="2"/></recipient-collection>';
    expect(await counts(`${by('groupBy')}<having><condition expr="count(@email) &gt; 1"/></having>`)).toBe(expected);
    expect(await counts(`${by('groupby')}<having><condition expr="count(@email) &gt; 1"/></having>`)).toBe(expected);
  });

  it('counts different rows with distinct', async () => {
    const body = await session.query(`<queryDef schema="nms:recipient" operation="count" distinct="true"><select>
      <node expr="@gender"/></select><where><condition expr="@email LIKE '%@q.example'"/></where></queryDef>`);
    expect(body).toBe('<recipient count="2"/>');
  });

  it('nests links and elements, relocates aliases, and explains enumerations', async () => {
    covers('campaign', '4.5 Queries', 'analyze');
    const body = await session.query(`<queryDef schema="nms:recipient" operation="get"><select>
      <node expr="@gender" analyze="true"/><node expr="[folder/@label]"/><node expr="[location/@city]"/>
      <node expr="[country/@label]" alias="[location/@country]"/><node expr="Lower(@lastName)" alias="@lower"/>
      </select><where><condition expr="@email = 'bruno.nowak@newsletter.example'"/></where></queryDef>`);
    expect(body).toBe(
      '<recipient gender="2" genderName="female" genderLabel="Female" lower="nowak"><folder label="Recipients"/>' +
        '<location city="Milano" country="Italy"/></recipient>',
    );
  });

  it('gives a linked element with empty values where a link leads nowhere', async () => {
    covers('campaign', '4.14 Value formats', 'null as empty text, 0 for numbers');
    const body = await session.query(`<queryDef schema="nms:recipient" operation="get"><select>
      <node expr="@birthDate"/><node expr="[country/@label]"/><node expr="[emailInfo/@id]"/></select>
      <where><condition expr="@email = 'cyd@q.example'"/></where></queryDef>`);
    expect(body).toBe('<recipient birthDate=""><country label=""/><emailInfo id="0"/></recipient>');
  });

  it('gives one element for each member of a collection', async () => {
    const members = (select: string) =>
      session.query(`<queryDef schema="xtk:enum" operation="get"><select>${select}</select>
        <where><condition expr="@name = 'leadRating'"/></where></queryDef>`);
    const expected = '<enum name="leadRating"><value name="Hot"/><value name="Warm"/><value name="Cold"/></enum>';
    expect(await members('<node expr="@name"/><node expr="[value/@name]"/>')).toBe(expected);
    expect(await members('<node expr="@name"/><node expr="value"><node expr="@name"/></node>')).toBe(expected);
  });

  it('pages by lineCount and startLine, in order', async () => {
    covers('campaign', '4.5 Queries', 'lineCount, startLine and orderBy');
    const page = (start: number) =>
      session.query(`<queryDef schema="nms:recipient" operation="select" lineCount="2" startLine="${start}">
        <select><node expr="@email"/></select><where><condition expr="@email LIKE '%@q.example'"/></where>
        <orderBy><node expr="@gender" sortDesc="true"/><node expr="@email"/></orderBy></queryDef>`);
    expect(await page(0)).toMatch(/ada.*cyd/);
    expect(await page(2)).toMatch(/Dan.*bob/);
    expect(await page(4)).toBe('<recipient-collection/>');
  });

  it('groups, counts and sums', async () => {
    const body = await session.query(`<queryDef schema="nms:recipient" operation="select"><select>
      <node expr="@gender" groupBy="true"/><node expr="Count(@id)" alias="@count"/><node expr="Max(@birthDate)" alias="@last"/>
      </select><where><condition expr="@email LIKE '%@q.example'"/></where><orderBy><node expr="@gender"/></orderBy></queryDef>`);
    expect(body).toBe(
      '<recipient-collection><recipient gender="1" count="2" last="1960-06-15"/>' +
        '<recipient gender="2" count="2" last="1815-12-10"/></recipient-collection>',
    );
  });

  it('gives each different row once with distinct', async () => {
    covers('campaign', '4.5 Queries', 'distinct');
    const body = await session.query(`<queryDef schema="nms:recipient" operation="select" distinct="true"><select>
      <node expr="@gender"/></select><where><condition expr="@email LIKE '%@q.example'"/></where></queryDef>`);
    expect(body).toBe('<recipient-collection><recipient gender="2"/><recipient gender="1"/></recipient-collection>');
  });

  it('lists schemas, with extendedSchema on source schemas alone', async () => {
    covers('campaign', '3.1 Schemas', 'queries on xtk:schema and xtk:srcSchema; extendedSchema on the latter alone');
    const list = (schema: string, node: string) =>
      session.query(`<queryDef schema="${schema}" operation="select"><select><node expr="@label"/><node expr="@entitySchema"/>
        ${node}</select><where><condition expr="@namespace = 'nms' and @name = 'recipient'"/></where></queryDef>`);
    expect(await list('xtk:schema', '')).toContain('<schema label="Recipients" entitySchema="xtk:schema"/>');
    expect(await list('xtk:srcSchema', '<node expr="@extendedSchema"/>')).toContain('extendedSchema=""');
    expect(await list('xtk:schema', '<node expr="@extendedSchema"/>')).toContain('XTK-170036');
  });

  it.each([
    ['@nothing = 1', "Attribute 'nothing' unknown (see definition of schema 'Recipients (nms:recipient)')."],
    ['[folder/@nothing] = 1', "Attribute 'nothing' unknown (see definition of schema 'Folders (xtk:folder)')."],
    ['@folder-id = 1', "Attribute 'folder' unknown (see definition of schema 'Recipients (nms:recipient)')."],
    ["@email = 'open", 'The text that begins at position 9 has no closing quote.'],
    ['@gender = ', 'Unexpected end at position 10.'],
    ['Nothing(@gender) = 1', "The function 'Nothing' is unknown."],
    ['constructor(@gender) = 1', "The function 'constructor' is unknown."],
    ["@gender = 'male'", 'invalid input syntax for type number: "male"'],
    ['@birthDate = #2026-02-31#', 'date/time field value out of range: "2026-02-31"'],
  ])('faults with XTK-170036 for %s', async (expr, detail) => {
    covers('campaign', '4.5 Queries', 'faults for unknown attributes, elements and functions');
    const body = await session.query(`<queryDef schema="nms:recipient" operation="count"><where>
      <condition expr="${expr}"/></where></queryDef>`);
    expect(body).toContain("<faultstring xsi:type='xsd:string'>XTK-170036 Unable to parse expression");
    expect(body).toContain(`<detail xsi:type='xsd:string'>${detail}`);
  });

  it('faults with XFR-180000 for a schema that does not exist', async () => {
    covers('campaign', '6.3 Errors', 'unknown schema in a query or a write: XFR-180000');
    expect(await session.query('<queryDef schema="cus:nothing" operation="count"/>')).toContain('XFR-180000');
  });
});

describe('the order of a query', () => {
  const ids = async (session: RawSession, order: string, rest = '') => {
    const body =
      await session.query(`<queryDef schema="nms:recipient" operation="select" ${rest}><select><node expr="@id"/></select>
      ${order}</queryDef>`);
    return [...body.matchAll(/ id="(\d+)"/g)].map((match) => Number(match[1]));
  };

  it('is the same by index as by sorting, in both directions, with pages and further orders', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    const rows = [...mock.rows('nms:recipient')];
    for (const [sortDesc, sign] of [
      ['false', 1],
      ['true', -1],
    ] as const) {
      const order = `<orderBy><node expr="@gender" sortDesc="${sortDesc}"/><node expr="@birthDate" sortDesc="true"/></orderBy>`;
      const expected = rows
        .toSorted(
          (a, b) =>
            (Number(a.gender) - Number(b.gender)) * sign || (String(a.birthDate) < String(b.birthDate) ? 1 : -1),
        )
        .map((row) => row.id);
      expect(await ids(session, order)).toEqual(expected);
      expect(await ids(session, order, 'lineCount="7" startLine="15"')).toEqual(expected.slice(15, 22));
    }
  });

  it('holds while rows come, change and go', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    const order = `<where><condition expr="@lastName &gt;= 'M' and @lastName &lt; 'O'"/></where><orderBy><node expr="@lastName" sortDesc="true"/></orderBy>`;
    const names = async () => {
      const found = await ids(session, order);
      return found.map((id) => mock.rows('nms:recipient').find((row) => row.id === id)?.lastName);
    };
    expect(new Set(await names())).toEqual(new Set(['Nowak', 'Marchetti']));
    await session.write('<r xtkschema="nms:recipient" _key="@email" email="new@o.example" lastName="Muster"/>');
    await session.write(
      `<r xtkschema="nms:recipient" _key="@email" email="bruno.nowak@newsletter.example" lastName="Mu"/>`,
    );
    await session.write(
      '<r xtkschema="nms:recipient" _operation="delete" _key="@email" email="chloe.nowak@newsletter.example"/>',
    );
    const found = await names();
    expect(found).toEqual([...found].sort().reverse());
    expect([found.length, found.includes('Mu'), found.includes('Muster')]).toEqual([18, true, true]);
  });
});

describe('a system filter', () => {
  it('hides rows, and forbids to write those it does not let through', async () => {
    covers('campaign', '3.3 Grammar', 'sysFilter with readAccess and writeAccess');
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(`<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="secret"><element name="secret" autopk="true">
      <sysFilter name="readAccess"><condition expr="@hidden = 0" boolOperator="OR"/>
        <condition enabledIf="hasNamedRight('admin') = false" expr="FALSE"/></sysFilter>
      <sysFilter name="writeAccess"><condition enabledIf="$(loginId) != 0" expr="@locked = 0"/></sysFilter>
      <attribute name="code"/><attribute name="hidden" type="boolean"/><attribute name="locked" type="boolean"/></element></srcSchema>`);
    await session.call('xtk:builder#BuildSchemaFromId', '<id>cus:secret</id>');
    const again = await logOn(mock);
    await again.writeCollection('<c xtkschema="cus:secret"><s code="a"/><s code="b" hidden="1"/></c>');
    expect(await again.query('<queryDef schema="cus:secret" operation="count"/>')).toBe('<secret count="1"/>');
    expect(await again.write('<s xtkschema="cus:secret" code="c" locked="1"/>')).toContain('XTK-170019 Access denied.');
    expect(mock.rows('cus:secret')).toHaveLength(2);
  });
});

describe('the fidelity switches of queries', () => {
  it('caps rows where no lineCount is given', async () => {
    covers('campaign', '4.5 Queries', 'row cap where lineCount is missing');
    await using mock = await openMock({ rowCap: 5 });
    const query = (attributes: string) =>
      logOn(mock).then(({ query }) =>
        query(
          `<queryDef schema="nms:recipient" operation="select" ${attributes}><select><node expr="@id"/></select></queryDef>`,
        ),
      );
    expect((await query('')).match(/<recipient /g)).toHaveLength(5);
    expect((await query('lineCount="7"')).match(/<recipient /g)).toHaveLength(7);
  });

  it('repeats the last row of a page where it is told to', async () => {
    await using mock = await openMock({ startLineOffByOne: true });
    const session = await logOn(mock);
    const names = async (startLine: number) => {
      const body =
        await session.query(`<queryDef schema="xtk:enum" operation="select" lineCount="2" startLine="${startLine}">
        <select><node expr="@name"/></select><orderBy><node expr="@name"/></orderBy></queryDef>`);
      return [...body.matchAll(/name="(\w+)"/g)].map((match) => match[1]);
    };
    expect(await names(0)).toEqual(['leadRating', 'neoIndustry']);
    expect(await names(2)).toEqual(['neoIndustry', 'origin']);
  });
});
