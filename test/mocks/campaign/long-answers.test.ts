import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import { TextPieces } from '../../../mocks/campaign/text-pieces.js';
import { childrenNamed, parseXml } from '../../../mocks/campaign/xml.js';
import { logOn, output, post, type RawSession } from './soap-client.js';

const ROWS = 3_000;
const QUERY = `<queryDef schema="nms:recipient" operation="select" lineCount="5000"><select><node expr="@email"/><node expr="@text1"/>
  <node expr="[folder/@name]"/></select><where><condition expr="@email LIKE '%@long.example'"/></where><orderBy><node expr="@id"/></orderBy></queryDef>`;

describe('a long answer of the Campaign mock', () => {
  let mock: CampaignMock;
  let session: RawSession;

  beforeAll(async () => {
    mock = await createCampaignMock();
    session = await logOn(mock);
    const records = Array.from({ length: ROWS }, (_, at) => `<r email="é${at}@long.example" text1="&lt;${at}&gt;"/>`);
    await session.writeCollection(`<c xtkschema="nms:recipient">${records.join('')}</c>`);
  });
  afterAll(() => mock.close());

  it('is sent in pieces that make one document, every row in its place', async () => {
    const headers = { cookie: `__sessiontoken=${session.sessionToken}`, 'x-security-token': session.securityToken };
    const answer = await post(mock, 'xtk:queryDef#ExecuteQuery', `<sessiontoken/><d>${QUERY}</d>`, headers);
    expect(answer.headers.get('transfer-encoding')).toBe('chunked');
    const rows = childrenNamed(parseXml(output(answer.body)), 'recipient');
    expect(rows.map(({ attributes }) => attributes)).toEqual(
      Array.from({ length: ROWS }, (_, at) => ({ email: `é${at}@long.example`, text1: `<${at}>` })),
    );
    expect(rows.every(({ children }) => children[0]?.attributes.name === 'nmsRootFolder')).toBe(true);
  });

  it('breaks off in its middle where the mock is told so', async () => {
    mock.changeSettings({ truncateOnCall: 1 });
    await expect(session.query(QUERY)).rejects.toThrow('terminated');
    expect((await session.query(QUERY)).match(/<recipient /g)).toHaveLength(ROWS);
  });

  it('is a fault and nothing else where a row in its middle cannot be computed', async () => {
    const expr = `Iif(@text1 = '&lt;2500&gt;', ${'Replace('.repeat(15)}'aaaaaaaaaa'${", 'a', 'aaaaaaaaaa')".repeat(15)}, '')`;
    const answer = await session.query(QUERY.replace('<node expr="@text1"/>', `<node expr="${expr}" alias="@x"/>`));
    expect(answer).toContain('ODB-240000');
    expect(answer).not.toContain('long.example');
  });

  it('keeps a text of many pieces as it was written', () => {
    const texts = Array.from({ length: 5_000 }, (_, at) => `piece ${at} `.repeat(at % 40));
    const pieces = new TextPieces();
    for (const text of texts) pieces.add(text);
    expect(pieces.pieces().length).toBeGreaterThan(10);
    expect(new TextPieces().add('<').addAll(pieces).add('>').toString()).toBe(`<${texts.join('')}>`);
  });
});
