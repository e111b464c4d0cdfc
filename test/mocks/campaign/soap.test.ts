import { describe, expect, it } from 'vitest';
import { readCall } from '../../../mocks/campaign/soap.js';
import { ElementBuilder, formatXml } from '../../../mocks/campaign/xml.js';

const ACTION = { service: 'xtk:persist', method: 'Write' };

function envelope(content: string): string {
  return `<s:Envelope xmlns:s="urn:soap">${content}</s:Envelope>`;
}

function message(args: string): string {
  return envelope(`<s:Body><Write><token> t </token>${args}</Write></s:Body>`);
}

/** Reads a message with a method that is told its document, and one that is given elements. */
function readBoth(text: string) {
  const told = new ElementBuilder();
  const tokens: string[] = [];
  const streamed = readCall(ACTION, text, (token) => {
    tokens.push(token);
    return told;
  });
  return { gathered: readCall(ACTION, text), streamed, tokens, document: told.root };
}

describe('the reader of SOAP calls', () => {
  it('tells a method its document as events, and shows it the root without its content', () => {
    const { gathered, streamed, tokens, document } = readBoth(message('<d> <r a="1">x<c/></r> </d>'));
    expect(tokens).toEqual(['t']);
    expect(document).toEqual(gathered.args[0]?.children[0]);
    expect(streamed.args.map(formatXml)).toEqual(['<d><r a="1"/></d>']);
  });

  it('tells the first document alone, and shows that there is another', () => {
    const { streamed, document } = readBoth(message('<d><r/><q><x/></q><p/></d>'));
    expect(document).toMatchObject({ name: 'r', children: [] });
    expect(streamed.args.map(formatXml)).toEqual(['<d><r/><q/></d>']);
  });

  it('gathers what follows the document', () => {
    const { streamed, document } = readBoth(message('<d><r/></d><more><e>1</e></more>'));
    expect(document?.name).toBe('r');
    expect(streamed.args.map(formatXml)).toEqual(['<d><r/></d>', '<more><e>1</e></more>']);
  });

  it('asks for nobody to tell where the body calls another method, or there is no document', () => {
    const asked: string[] = [];
    const open = (token: string) => void asked.push(token);
    const other = envelope('<s:Body><Delete><token/><d><r/></d></Delete></s:Body>');
    expect(() => readCall(ACTION, other, open)).toThrow('is invalid');
    expect(readCall(ACTION, message(''), open).args).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('takes the first call of the first body, whatever stands around it', () => {
    const around = '<s:Header><a><b><c/></b></a></s:Header>';
    const text = envelope(
      `${around}<s:Body><Write><t>1</t><d><r/></d></Write><Write><t>2</t></Write></s:Body>${around}<s:Body><Write><t>3</t></Write></s:Body>`,
    );
    const { gathered, streamed, tokens } = readBoth(text);
    expect([gathered.token, streamed.token, tokens]).toEqual(['1', '1', ['1']]);
    expect(gathered.args.map(formatXml)).toEqual(['<d><r/></d>']);
  });

  it('refuses an argument that is too large to be gathered', () => {
    const many = '<e/>'.repeat(500_000);
    expect(() => readCall(ACTION, message(`<d><r>${many}</r></d>`))).toThrow(
      expect.objectContaining({ detail: expect.stringContaining('more than 500000 elements and attributes') }),
    );
  });
});
