import { describe, expect, it } from 'vitest';
import { formatXml, parseXml, XmlError, xml } from '../../../mocks/campaign/xml.js';

describe('XML of the Campaign mock', () => {
  it.each(['a < b & "c"', "it's", 'line\nbreak\tand tab', 'carriage\rreturn', ' spaces ', 'é 漢 🚀'])(
    'keeps %j through writing and reading, as an attribute and as text',
    (text) => {
      const read = parseXml(formatXml(xml('e', { a: text }, [], text)));
      expect([read.attributes.a, read.text]).toEqual([text, text]);
    },
  );

  it('drops characters that XML cannot hold', () => {
    expect(parseXml(formatXml(xml('e', { a: 'a\u0000b\u001fc' }))).attributes.a).toBe('abc');
  });

  it('takes CDATA as text and white space around elements as none', () => {
    const read = parseXml('<e>\n  <f><![CDATA[<raw> & more]]></f>\n</e>');
    expect([read.text, read.children[0]?.text]).toEqual(['', '<raw> & more']);
  });

  it.each(['', '<a>', '<a></b>', '<a b=c/>', '<!DOCTYPE a><a/>', '<a>&unknown;</a>'])('refuses %j', (text) => {
    expect(() => parseXml(text)).toThrow(XmlError);
  });
});
