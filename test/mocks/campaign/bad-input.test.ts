import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import { parseXml } from '../../../mocks/campaign/xml.js';
import { covers } from '../compatibility.js';
import { logOn, post, type RawSession } from './soap-client.js';

const RUNS = { numRuns: 250, seed: 20_260_301 };
const INVALID = 'The XML SOAP message is invalid (service';
const ENVELOPE = `<SOAP-ENV:Envelope xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'><SOAP-ENV:Body>`;
const END = '</SOAP-ENV:Body></SOAP-ENV:Envelope>';

describe('bad input to the Campaign mock', () => {
  let mock: CampaignMock;
  let session: RawSession;
  let headers: Record<string, string>;

  beforeAll(async () => {
    mock = await createCampaignMock();
    session = await logOn(mock);
    headers = { cookie: `__sessiontoken=${session.sessionToken}`, 'x-security-token': session.securityToken };
  });
  afterAll(() => mock.close());

  const everything = () =>
    JSON.stringify(['nms:recipient', 'xtk:option', 'xtk:folder', 'xtk:enumValue'].map((id) => mock.rows(id)));

  async function send(action: string, body: string): Promise<{ status: number; text: string }> {
    const url = `${mock.url}/nl/jsp/soaprouter.jsp`;
    const response = await fetch(url, {
      method: 'POST',
      // Some of these calls take seconds of a busy machine, after which a connection that was kept may just be closing.
      headers: { connection: 'close', 'content-type': 'text/xml', soapaction: action, ...headers },
      body,
    });
    return { status: response.status, text: await response.text() };
  }

  const writeEnvelope = (document: string) =>
    `${ENVELOPE}<Write><sessiontoken/><domDoc>${document}</domDoc></Write>${END}`;

  it.each([
    ['no XML', 'hello'],
    ['nothing', ''],
    ['broken XML', writeEnvelope('<recipient xtkschema="nms:recipient"').replace('</domDoc>', '')],
    ['a document type', `<!DOCTYPE x>${writeEnvelope('<o xtkschema="xtk:option" name="x"/>')}`],
    [
      'an external entity',
      `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${writeEnvelope('<o xtkschema="xtk:option" name="x" label="&e;"/>')}`,
    ],
    [
      'entities that expand',
      `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${writeEnvelope('<o xtkschema="xtk:option" name="&b;"/>')}`,
    ],
    ['an entity that is not declared', writeEnvelope('<o xtkschema="xtk:option" name="&nbsp;"/>')],
    ['elements nested too deep', writeEnvelope(`${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}`)],
    [
      'an element with more attributes than any has',
      writeEnvelope(`<o xtkschema="xtk:option" ${Array.from({ length: 50_000 }, (_, at) => `a${at}=""`).join(' ')}/>`),
    ],
    ['no envelope', '<Write><sessiontoken/><domDoc><o xtkschema="xtk:option" name="x"/></domDoc></Write>'],
    ['no body', '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"/>'],
    ['an empty body', `${ENVELOPE}${END}`],
    [
      'the body of another method',
      writeEnvelope('<o xtkschema="xtk:option" name="x"/>').replaceAll('Write>', 'Delete>'),
    ],
  ])('is refused as an invalid message: %s', async (_, body) => {
    covers('campaign', '6.3 Errors', 'message that is not XML, or has no valid envelope');
    const before = everything();
    const { status, text } = await send('xtk:persist#Write', body);
    expect([status, text.includes(INVALID), text.includes('root:')]).toEqual([200, true, false]);
    expect(everything()).toBe(before);
  });

  it('changes nothing where a message ends before its last character, wherever that is', async () => {
    covers('campaign', '4.6 Writes', 'a message that breaks off after some of its documents: nothing is written');
    const collection = `<c xtkschema="nms:recipient"><r _key="@email" email="first@cut.example"><location city="Ulm"/></r>
      <r email="second@cut.example"><folder _operation="none" name="nmsRootFolder"/></r></c>`;
    const message = `${ENVELOPE}<WriteCollection><sessiontoken/><domDoc>${collection}</domDoc></WriteCollection>${END}`;
    const before = everything();
    for (let length = message.indexOf('<c '); length < message.length; length += 3) {
      const { text } = await send('xtk:persist#WriteCollection', message.slice(0, length));
      expect(text).toContain(INVALID);
      expect(everything()).toBe(before);
    }
    expect((await send('xtk:persist#WriteCollection', message)).text).toContain('WriteCollectionResponse');
    expect(everything()).not.toBe(before);
  });

  it.each([
    ['a character that XML does not have', '<r email="x@late.example"/>\u0001', INVALID],
    ['an entity that is not declared', '<r email="&late;"/>', INVALID],
    ['a document too many', '</c><c>', INVALID],
    ['a value of no type', '<r email="x@late.example" gender="many"/>', 'invalid input syntax'],
    ['an attribute of no schema', '<r email="x@late.example" nope="1"/>', 'XTK-170036'],
    ['a link to nothing', '<r email="x@late.example"><folder _operation="none" name="nope"/></r>', 'XSV-350000'],
    ['an operation that is none', '<r _operation="drop" email="x@late.example"/>', 'XTK-170006'],
    ['an id that is taken', '<r _operation="insert" id="4711"/><r _operation="insert" id="4711"/>', 'duplicate key'],
  ])('undoes the documents that were written before %s', async (_, last, cause) => {
    covers('campaign', '4.6 Writes', 'all or nothing');
    const many = Array.from({ length: 50 }, (_unused, at) => `<r _key="@email" email="r${at}@late.example"/>`).join('');
    const changed = '<r _key="@email" email="bruno.nowak@newsletter.example" lastName="Changed"/>';
    const before = everything();
    const answer = await session.writeCollection(`<c xtkschema="nms:recipient">${many}${changed}${last}</c>`);
    expect(answer).toContain(cause);
    expect(everything()).toBe(before);
  });

  it.each([
    ['linked documents', `<g xtkschema="nms:group" name="x">${'<rcpGrpRel/>'.repeat(100_001)}</g>`, 'XTK-170006'],
    [
      'content kept as XML',
      `<w xtkschema="xtk:workflow"><activities>${'<a/>'.repeat(500_001)}</activities></w>`,
      INVALID,
    ],
    ['source of a schema', `<s xtkschema="xtk:srcSchema">${'<a/>'.repeat(500_001)}</s>`, INVALID],
  ])('is refused with more %s than a document can hold', async (_, document, cause) => {
    const before = everything();
    expect(await session.write(document)).toContain(cause);
    expect(everything()).toBe(before);
  });

  it('is told what it has no right to before what else is wrong with its documents', async () => {
    const { writeCollection } = await logOn(mock, 'profiles');
    const before = everything();
    const answer = await writeCollection(
      '<c xtkschema="nms:recipient"><r email="a@right.example"/><r gender="many"/><r xtkschema="xtk:option" name="x"/></c>',
    );
    expect(answer).toContain("needs the named right 'admin'");
    expect(everything()).toBe(before);
  });

  it('is refused with 413 where a body is larger than any message', async () => {
    const { status } = await send('xtk:persist#Write', writeEnvelope('x'.repeat(64 * 1024 * 1024)));
    expect(status).toBe(413);
    expect(await session.query('<queryDef schema="xtk:enum" operation="count"/>')).toBe('<enum count="4"/>');
  });

  it.each([
    ['nothing#Nothing', '', 'SOP-330006'],
    ['xtk:persist#Nothing', '', 'SOP-330006'],
    ['xtk:persist|cus:nothing#Write', '', 'SOP-330006'],
    ['xtk:persist#Write', '', INVALID],
    ['xtk:persist#Write', '<domDoc/><another/>', INVALID],
    ['xtk:persist#Write', '<domDoc>text</domDoc>', 'XSV-350063'],
    ['xtk:persist#Write', '<domDoc><recipient email="a@b.example"/></domDoc>', 'XFR-180000'],
    ['xtk:persist#WriteCollection', '<domDoc><c><recipient email="a@b.example"/></c></domDoc>', 'XFR-180000'],
    ['xtk:persist#WriteCollection', '<domDoc><recipient-collection/></domDoc>', 'XFR-180000'],
    ['xtk:persist#WriteCollection', '<domDoc><c xtkschema="nms:nothing"/></domDoc>', 'XFR-180000'],
    ['xtk:persist#Write', '<domDoc><recipient xtkschema="nms:recipient" gender="0x1"/></domDoc>', 'ODB-240000'],
    ['xtk:persist#DeleteCollection', '', INVALID],
    ['xtk:persist#DeleteCollection', '<s>cus:nothing</s><w/><i>false</i>', 'XFR-180000'],
    ['xtk:persist#DeleteCollection', '<s>xtk:option</s><w/><i>perhaps</i>', INVALID],
    [
      'xtk:persist#DeleteCollection',
      '<s>nms:recipient</s><w><where><condition expr="@nope = 1"/></where></w><i/>',
      'XTK-170036',
    ],
    ['xtk:queryDef#ExecuteQuery', '', INVALID],
    ['xtk:queryDef#ExecuteQuery', '<document/>', 'XSV-350063'],
    ['xtk:queryDef#ExecuteQuery', '<document><queryDef/></document>', 'XFR-180000'],
    [
      'xtk:queryDef#ExecuteQuery',
      '<document><queryDef schema="nms:recipient"><select><node expr="@id" alias="@a b"/></select></queryDef></document>',
      'XTK-170036',
    ],
    [
      'xtk:queryDef#ExecuteQuery',
      '<document><queryDef schema="nms:recipient" operation="drop"/></document>',
      'XTK-170006',
    ],
    [
      'xtk:queryDef#ExecuteQuery',
      '<document><queryDef schema="nms:recipient" lineCount="-1"/></document>',
      'XTK-170006',
    ],
    [
      'xtk:queryDef#ExecuteQuery',
      '<document><queryDef schema="nms:recipient" startLine="many"/></document>',
      'XTK-170006',
    ],
    [
      'xtk:queryDef#ExecuteQuery',
      '<document><queryDef schema="xtk:session" operation="count"/></document>',
      'XSV-350063',
    ],
  ])('is answered by the fault of the vendor: %s with %s', async (action, args, code) => {
    covers('campaign', '6.3 Errors', 'unknown services, wrong arguments and documents without xtkschema');
    const before = everything();
    const { status, body } = await post(mock, action, `<sessiontoken/>${args}`, headers);
    expect([status, body.includes('SOAP-ENV:Fault'), body.includes(code)]).toEqual([200, true, true]);
    expect(everything()).toBe(before);
  });

  it.each([
    ['arithmetic without end', `@id = ${Array.from({ length: 100_000 }, () => '1').join('+')}`, 'XTK-170036'],
    ['parentheses without end', `${'('.repeat(100_000)}@id = 1${')'.repeat(100_000)}`, 'XTK-170036'],
    [
      'a pattern with many ways to match',
      `'${'a'.repeat(3_000)}' LIKE '${'%a'.repeat(60)}%b'`,
      '<recipient-collection/>',
    ],
    ['a pattern with any characters', `'${'a'.repeat(3_000)}' LIKE '${'%a_'.repeat(60)}%b'`, '<recipient-collection/>'],
    [
      'a text that grows without end',
      `${'Replace('.repeat(15)}'aaaaaaaaaa'${", 'a', 'aaaaaaaaaa')".repeat(15)} = ''`,
      'ODB-240000',
    ],
  ])('does not hold it up: %s', async (_, expr, outcome) => {
    const where = `<where><condition expr="${expr}"/></where>`;
    const query = `<document><queryDef schema="nms:recipient" operation="select">${where}</queryDef></document>`;
    const { status, body } = await post(mock, 'xtk:queryDef#ExecuteQuery', `<sessiontoken/>${query}`, headers);
    expect([status, body.includes(outcome)]).toEqual([200, true]);
  });

  it('does not hold it up: collections of collections', async () => {
    const path = `[${'folder/recipient/'.repeat(8)}@id]`;
    const found = await session.query(`<queryDef schema="nms:recipient" operation="count">
      <where><condition expr="${path} = -1"/></where></queryDef>`);
    expect(found).toBe('<recipient count="0"/>');
    const selected = await session.query(`<queryDef schema="nms:recipient" operation="select">
      <select><node expr="${path}"/></select></queryDef>`);
    expect(selected).toContain('XTK-170006 The collections of the query have more than 500000 members.');
  });

  /** Whatever came, the answer is well-formed: a result or a fault, and a fault changed nothing. */
  async function assertAnswered(action: string, body: string): Promise<void> {
    const before = everything();
    const { status, text } = await send(action, body);
    expect([200, 403]).toContain(status);
    if (status === 200) expect(parseXml(text).name).toBe('SOAP-ENV:Envelope');
    if (text.includes('SOAP-ENV:Fault')) expect(everything()).toBe(before);
  }

  it('never stops it: messages torn and stitched together anew', async () => {
    covers(
      'campaign',
      '6.3 Errors',
      'fuzzed messages, queries and documents: a fault, the store unchanged, the process up',
    );
    const message = writeEnvelope(
      '<r xtkschema="nms:recipient" _key="@email" email="f@z.example"><location city="X"/><folder name="nmsRootFolder" _operation="none"/></r>',
    );
    const cut = fc.tuple(fc.nat(message.length), fc.nat(message.length), fc.string({ unit: 'binary', maxLength: 6 }));
    const property = fc.asyncProperty(cut, ([from, to, insert]) =>
      assertAnswered('xtk:persist#Write', message.slice(0, from) + insert + message.slice(to)),
    );
    await fc.assert(property, RUNS);
  });

  it('never stops it: collections torn and stitched together anew', async () => {
    const message = `${ENVELOPE}<WriteCollection><sessiontoken/><domDoc><c xtkschema="nms:recipient"><r _key="@email" email="f@z.example"><location city="X"/></r><r email="g@z.example" _operation="delete" _key="@email"/><o xtkschema="xtk:option" name="z"/></c></domDoc></WriteCollection>${END}`;
    const cut = fc.tuple(fc.nat(message.length), fc.nat(message.length), fc.string({ unit: 'binary', maxLength: 6 }));
    const property = fc.asyncProperty(cut, ([from, to, insert]) =>
      assertAnswered('xtk:persist#WriteCollection', message.slice(0, from) + insert + message.slice(to)),
    );
    await fc.assert(property, RUNS);
  });

  it('never stops it: queries of any shape', async () => {
    const expr = fc.oneof(
      fc.constantFrom(
        '@email',
        '@nope',
        '[folder/@name]',
        'folder',
        'subscription',
        '[',
        '@id = 1',
        'Count(@id)',
        "@email LIKE '%'",
        '$(x)',
        '@birthDate > 1',
        'data',
        '@age',
        '',
      ),
      fc.string({ maxLength: 12 }),
    );
    const attributes = fc.dictionary(
      fc.constantFrom(
        'expr',
        'alias',
        'groupBy',
        'analyze',
        'sortDesc',
        'setOperator',
        'boolOperator',
        'enabledIf',
        'ignore',
        'filter-name',
        'sql',
      ),
      fc.oneof(expr, fc.constantFrom('true', 'EXISTS', 'IN', 'MAX', 'OR', '@x/y')),
      { maxKeys: 4 },
    );
    const name = fc.constantFrom('select', 'where', 'orderBy', 'groupBy', 'having', 'node', 'condition', 'subQuery');
    const element = nested((children) =>
      fc
        .tuple(name, attributes, children)
        .map(([tag, given, inner]) => `<${tag}${formatAttributes(given)}>${inner}</${tag}>`),
    );
    const property = fc.asyncProperty(
      fc.constantFrom('select', 'get', 'getIfExists', 'count'),
      fc.array(element, { maxLength: 5 }),
      fc.boolean(),
      (operation, content, distinct) =>
        assertAnswered(
          'xtk:queryDef#ExecuteQuery',
          `${ENVELOPE}<ExecuteQuery><sessiontoken/><d><queryDef schema="nms:recipient" operation="${operation}" distinct="${distinct}">${content.join('')}</queryDef></d></ExecuteQuery>${END}`,
        ),
    );
    await fc.assert(property, RUNS);
  });

  it('never stops it: documents of any shape', async () => {
    const name = fc.constantFrom(
      'email',
      'id',
      'gender',
      'birthDate',
      'folder-id',
      'nope',
      '_operation',
      '_key',
      'created',
      'location',
      'folder',
      'country',
      'subscription',
      'data',
      'constructor',
      '__proto__',
    );
    const value = fc.oneof(
      fc.constantFrom(
        '',
        '0',
        '-1',
        '1e9',
        'insert',
        'delete',
        'none',
        'update',
        '@email',
        '[folder/@name], @email',
        '2026-02-31',
        'true',
      ),
      fc.string({ maxLength: 8 }),
    );
    const element = nested((children) =>
      fc
        .tuple(name, fc.dictionary(name, value, { maxKeys: 4 }), children, value)
        .map(([tag, given, inner, text]) => `<${tag}${formatAttributes(given)}>${inner}${escaped(text)}</${tag}>`),
    );
    const record = fc.tuple(fc.dictionary(name, value, { maxKeys: 5 }), fc.array(element, { maxLength: 4 }));
    const property = fc.asyncProperty(record, ([given, children]) =>
      assertAnswered(
        'xtk:persist#Write',
        writeEnvelope(`<r xtkschema="nms:recipient"${formatAttributes(given)}>${children.join('')}</r>`),
      ),
    );
    await fc.assert(property, RUNS);
    const collections = fc.asyncProperty(fc.array(record, { maxLength: 4 }), (records) => {
      const all = records.map(([given, children]) => `<r${formatAttributes(given)}>${children.join('')}</r>`).join('');
      return assertAnswered(
        'xtk:persist#WriteCollection',
        writeEnvelope(`<c xtkschema="nms:recipient">${all}</c>`).replaceAll('Write>', 'WriteCollection>'),
      );
    });
    await fc.assert(collections, RUNS);
    expect(await session.query('<queryDef schema="xtk:enum" operation="count"/>')).toBe('<enum count="4"/>');
  });
});

/** Elements three levels deep. */
function nested(make: (children: fc.Arbitrary<string>) => fc.Arbitrary<string>): fc.Arbitrary<string> {
  const several = (element: fc.Arbitrary<string>) => fc.array(element, { maxLength: 2 }).map((all) => all.join(''));
  return make(several(make(several(make(fc.constant(''))))));
}

function formatAttributes(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
