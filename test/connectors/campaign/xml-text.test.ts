import { describe, expect, it } from 'vitest';
import { parseXml, writeXml } from '../../../src/connectors/campaign/xml-text.js';
import { childElements, textOf, xml } from '../../../src/model/xml.js';

describe('reading and writing XML', () => {
  it('keeps every character that XML can hold on its way there and back', () => {
    const text = `<O'Neill> & "Söhne"\t\r\n]]> 日本 😀`;
    const read = parseXml(writeXml(xml('row', { name: text }, [xml('memo', {}, [text])])));
    expect(read.attributes.name).toBe(text);
    expect(childElements(read).map(textOf)).toEqual([text]);
  });

  it('leaves out the white space between elements and keeps it where it is the value', () => {
    const read = parseXml('<a>\n  <b> </b>\n  <c>x</c>\n</a>');
    expect(read.children).toEqual([
      { name: 'b', attributes: {}, children: [' '] },
      { name: 'c', attributes: {}, children: ['x'] },
    ]);
  });

  it('joins text and CDATA of one element', () => {
    expect(textOf(parseXml('<memo>1 &lt; 2<![CDATA[ & 3 < 4]]></memo>'))).toBe('1 < 2 & 3 < 4');
  });

  it('refuses a document type definition', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>';
    expect(() => parseXml(bomb)).toThrow('document type definition');
  });

  it('refuses a document that is too deep or has too many elements', () => {
    const limits = { depth: 3, elements: 5 };
    expect(() => parseXml('<a><a><a><a/></a></a></a>', limits)).toThrow('over 3 levels deep');
    expect(() => parseXml('<a><b/><b/><b/><b/><b/></a>', limits)).toThrow('over 5 elements');
  });

  it('refuses a document that is cut short', () => {
    expect(() => parseXml('<a><b/>')).toThrow();
    expect(() => parseXml('')).toThrow();
  });

  it('refuses to write characters that XML cannot hold', () => {
    for (const text of ['\u0000', '\u001b', '\ud800', '\uffff']) {
      expect(() => writeXml(xml('row', { name: `a${text}` }))).toThrow(
        expect.objectContaining({ code: 'BAD_USER_INPUT' }),
      );
    }
  });

  it('refuses names that would break out of their tag', () => {
    expect(() => writeXml(xml('row', { 'a="1" b': '2' }))).toThrow('cannot be the name');
    expect(() => writeXml(xml('row><x', {}))).toThrow('cannot be the name');
  });
});
