import { describe, expect, it } from 'vitest';
import {
  decodeBody,
  documentOutput,
  readAnswer,
  soapAction,
  textOutput,
  writeEnvelope,
} from '../../../src/connectors/campaign/soap.js';
import { parseXml } from '../../../src/connectors/campaign/xml-text.js';
import { childElements, xml } from '../../../src/model/xml.js';

const EXECUTE = {
  service: 'xtk:queryDef',
  method: 'ExecuteQuery',
  parameters: [{ name: 'entity', value: xml('queryDef', { schema: 'nms:recipient' }) }],
};

function envelope(body: string, prefix = 'SOAP-ENV'): string {
  return `<?xml version='1.0'?><${prefix}:Envelope><${prefix}:Body>${body}</${prefix}:Body></${prefix}:Envelope>`;
}

describe('SOAP', () => {
  it('puts the session token before the parameters of a call', () => {
    const [body] = childElements(parseXml(writeEnvelope(EXECUTE, '___token')));
    const call = body && childElements(body)[0];
    expect(call?.name).toBe('m:ExecuteQuery');
    expect(call?.attributes['xmlns:m']).toBe('urn:xtk:queryDef');
    expect(call?.children).toMatchObject([
      { name: 'sessiontoken', children: ['___token'] },
      { name: 'entity', children: [{ name: 'queryDef', attributes: { schema: 'nms:recipient' } }] },
    ]);
    expect(soapAction(EXECUTE)).toBe('xtk:queryDef#ExecuteQuery');
  });

  it('tells the type of each simple parameter', () => {
    const parameters = [
      { name: 'count', value: 2 },
      { name: 'sequence', value: 'XtkNewId' },
      { name: 'exact', value: true },
    ];
    const envelope = writeEnvelope({ service: 'xtk:persist', method: 'GetNewIdsEx', parameters }, '');
    expect(envelope).toContain(
      '<count xsi:type="xsd:int">2</count><sequence xsi:type="xsd:string">XtkNewId</sequence>',
    );
    expect(envelope).toContain('<exact xsi:type="xsd:boolean">true</exact>');
  });

  it('reads outputs in order, whatever the prefix and namespace', () => {
    const body = `<LogonResponse xmlns='urn:wpp:default'><token>___t</token><info><sessionInfo/></info></LogonResponse>`;
    for (const prefix of ['SOAP-ENV', 'soap']) {
      const answer = readAnswer(envelope(body, prefix));
      if (answer.kind !== 'outputs') throw new Error(answer.kind);
      expect(textOutput(answer.outputs[0])).toBe('___t');
      expect(documentOutput(answer.outputs[1])?.name).toBe('sessionInfo');
    }
  });

  it('reads a fault with its detail', () => {
    const fault = `<SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode><faultstring>XTK-170036 Unable to parse expression.</faultstring><detail>Attribute 'x' unknown</detail></SOAP-ENV:Fault>`;
    expect(readAnswer(envelope(fault))).toEqual({
      kind: 'fault',
      summary: 'XTK-170036 Unable to parse expression.',
      detail: "Attribute 'x' unknown",
    });
  });

  it('hands on as text what is not SOAP', () => {
    for (const text of [
      'XSV-350008 Session has expired.',
      '<html><body>503</body></html>',
      '',
      '<redir status="OK"/>',
    ]) {
      expect(readAnswer(text)).toEqual({ kind: 'other', text });
    }
  });

  it('reads an answer in the character set that its header or its first line names', () => {
    const latin = Buffer.from(`<?xml version='1.0' encoding='ISO-8859-1'?><a b="é"/>`, 'latin1');
    expect(decodeBody(latin, 'text/xml')).toContain('é');
    expect(decodeBody(Buffer.from('é', 'latin1'), 'text/xml; charset=iso-8859-1')).toBe('é');
    expect(decodeBody(Buffer.from('é'), 'text/xml; charset=unheard-of')).toBe('é');
  });
});
