import { describe, expect, it } from 'vitest';
import type { CampaignMock } from '../../../mocks/campaign/server.js';
import { parseXml } from '../../../mocks/campaign/xml.js';
import { covers } from '../compatibility.js';
import { logOn, openMock, post } from './soap-client.js';

function send(mock: CampaignMock, body: string, headers: Record<string, string>) {
  return fetch(`${mock.url}/nl/jsp/soaprouter.jsp?soapAction=xtk%3Asession%23Logon`, { method: 'POST', headers, body });
}

describe('a request to the Campaign mock', () => {
  it.each(['text/xml; charset=utf-8', 'application/soap+xml', 'application/xml'])(
    'may have any prefixes, any argument names and the content type %s',
    async (contentType) => {
      covers('campaign', '4.2 Requests', 'any namespace prefix and content type');
      await using mock = await openMock();
      const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="urn:other"><s:Header/><s:Body>
        <u:Logon><u:a/><u:b>admin</u:b><u:c>admin</u:c><u:d/></u:Logon></s:Body></s:Envelope>`;
      const answer = await send(mock, body, { 'content-type': contentType, soapaction: '"xtk:session#Logon"' });
      expect(await answer.text()).toContain('<pstrSessionToken ');
    },
  );

  it.each([
    ['ISO-8859-1', 'text/xml', 'latin1'],
    ['UTF-16', 'text/xml', 'utf16le'],
    ['UTF-8', 'text/xml; charset=iso-8859-1', 'latin1'],
    ['nonsense', 'text/xml', 'utf8'],
  ] as const)('declared as %s and sent as %s is read in the encoding %s', async (declared, contentType, encoding) => {
    covers('campaign', '4.2 Requests', 'encodings by byte order mark, content type and XML declaration');
    await using mock = await openMock({ allowUserPassword: true, sessionTokenOnly: true });
    const write =
      '<Write><t>admin/admin</t><d><r xtkschema="nms:recipient" email="m@p.example" lastName="Mül"/></d></Write>';
    const text = `<?xml version="1.0" encoding="${declared}"?><Envelope><Body>${write}</Body></Envelope>`;
    const body = Buffer.from(encoding === 'utf16le' ? `\ufeff${text}` : text, encoding);
    const headers = { 'content-type': contentType, soapaction: 'xtk:persist#Write' };
    await fetch(`${mock.url}/nl/jsp/soaprouter.jsp`, { method: 'POST', headers, body });
    expect(mock.rows('nms:recipient').find((row) => row.email === 'm@p.example')?.lastName).toBe('Mül');
  });

  it('is routed by its SOAPAction header, whatever its body says', async () => {
    covers('campaign', '4.2 Requests', 'routing by SOAPAction, quoted or not; interface|schema');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const write = '<d><recipient xtkschema="nms:recipient" email="x@p.example"/></d>';
    for (const service of ['xtk:persist', 'xtk:persist|xtk:session', 'xtk:persist|nms:recipient']) {
      expect(await call(`${service}#Write`, write)).toContain(`<WriteResponse xmlns='urn:${service}'`);
    }
    expect(await call('xtk:persist|nms:nothing#Write', write)).toContain('SOP-330006');
  });

  it('is refused where header and body name two methods', async () => {
    await using mock = await openMock();
    const body = '<Envelope><Body><Logoff><t/></Logoff></Body></Envelope>';
    const text = await (await send(mock, body, { soapaction: 'xtk:session#TestCnx' })).text();
    expect(text).toContain("The XML SOAP message is invalid (service 'xtk:session', method 'TestCnx').");
    expect(text).toContain("The body calls 'Logoff', the SOAPAction header 'TestCnx'.");
  });
});

describe('an answer of the Campaign mock', () => {
  it('has the envelope, the encodings and the types that clients compare literally', async () => {
    covers('campaign', '4.3 Responses', 'SOAP-ENV prefix, unprefixed response element, xsi:type of each output');
    await using mock = await openMock();
    const body = await (await logOn(mock)).call('xtk:session#GetServerTime');
    const envelope = parseXml(body);
    const response = envelope.children[0]?.children[0];
    expect([envelope.name, envelope.children[0]?.name, response?.name]).toEqual([
      'SOAP-ENV:Envelope',
      'SOAP-ENV:Body',
      'GetServerTimeResponse',
    ]);
    expect(response?.attributes['SOAP-ENV:encodingStyle']).toBe('http://schemas.xmlsoap.org/soap/encoding/');
    expect(response?.children[0]?.attributes['xsi:type']).toBe('xsd:dateTime');
  });

  it('holds a document as literal XML', async () => {
    await using mock = await openMock();
    const body = await (await logOn(mock)).call('xtk:session#GetUserInfo');
    expect(body).toMatch(
      /<pUserInfo xsi:type='ns:Element' SOAP-ENV:encodingStyle='http:\/\/xml\.apache\.org\/xml-soap\/literalxml'><userInfo /,
    );
  });

  it('tells a fault by code, text and detail, with HTTP 200', async () => {
    covers('campaign', '4.12 Faults', 'faultcode, faultstring, detail with HTTP 200');
    await using mock = await openMock();
    const { sessionToken, securityToken } = await logOn(mock);
    const args = `<t>${sessionToken}</t><d><recipient xtkschema="nms:recipient" nothing="1"/></d>`;
    const answer = await post(mock, 'xtk:persist#Write', args, { 'x-security-token': securityToken });
    const fault = parseXml(answer.body).children[0]?.children[0];
    expect([answer.status, fault?.name, ...(fault?.children ?? []).map(({ text }) => text)]).toEqual([
      200,
      'SOAP-ENV:Fault',
      'SOAP-ENV:Server',
      "SOP-330011 Error while executing the method 'Write' of service 'xtk:persist'.",
      "XTK-170036 Attribute 'nothing' unknown (see definition of schema 'Recipients (nms:recipient)').\n" +
        "XSV-350023 Unable to save document of type 'Recipients (nms:recipient)'.",
    ]);
  });
});

describe('an option of the Campaign mock', () => {
  it.each([
    [1, 'longValue="8"', '8'],
    [2, 'longValue="-16"', '-16'],
    [3, 'longValue="32"', '32'],
    [15, 'longValue="1"', '1'],
    [4, 'doubleValue="1.5"', '1.5'],
    [5, 'doubleValue="2.25"', '2.25'],
    [6, 'stringValue="text"', 'text'],
    [7, 'timeStampValue="2026-01-31T10:00:00Z"', '2026-01-31 10:00:00.000Z'],
    [10, 'timeStampValue="2026-01-31"', '2026-01-31 00:00:00.000Z'],
  ])('of the type %i is read from its own attribute', async (type, attribute, value) => {
    covers(
      'campaign',
      '4.7 Options',
      'GetOption by type: byte, short, long, boolean, float, double, string, datetime, date',
    );
    await using mock = await openMock();
    const { call, write } = await logOn(mock);
    await write(`<option xtkschema="xtk:option" _key="@name" name="X" dataType="${type}" ${attribute}/>`);
    expect(await call('xtk:session#GetOption', '<n>X</n>')).toContain(
      `<pstrValue xsi:type='xsd:string'>${value}</pstrValue><pbtType xsi:type='xsd:byte'>${type}</pbtType>`,
    );
  });

  it.each([12, 13])('of the type %i is a long text', async (type) => {
    covers('campaign', '4.7 Options', 'GetOption of memo and CDATA');
    await using mock = await openMock();
    const { call, write } = await logOn(mock);
    await write(
      `<option xtkschema="xtk:option" name="M" dataType="${type}"><memoValue>long &lt;text&gt;</memoValue></option>`,
    );
    expect(await call('xtk:session#GetOption', '<n>M</n>')).toContain('>long &lt;text&gt;</pstrValue>');
  });
});
