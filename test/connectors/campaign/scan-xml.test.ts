import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanXml } from '../../../src/connectors/campaign/scan-xml.js';
import { parseAnyXml, parseXml, writeXml } from '../../../src/connectors/campaign/xml-text.js';
import { type XmlElement, xml } from '../../../src/model/xml.js';

const PIECES = [
  '<a>',
  '</a>',
  '<b x="1">',
  "<b y='&lt;2'/>",
  '</b>',
  '<b',
  '/>',
  '>',
  ' z="&#10;"',
  " z='",
  '"',
  'text',
  ' ',
  '\n',
  '\r\n',
  '&amp;',
  '&',
  '&#x41;',
  '&#0;',
  '&none;',
  '<![CDATA[c <]]>',
  ']]>',
  '<!-- note -->',
  '<!-- -- -->',
  '<?pi x?>',
  '<?xml version="1.0"?>',
  '<!DOCTYPE a>',
  'é',
  '<é/>',
  '\u0001',
];

const trees = fc.letrec<{ tree: XmlElement }>((tie) => ({
  tree: fc
    .tuple(
      fc.constantFrom('row', 'SOAP-ENV:Body', 'a.b'),
      fc.dictionary(fc.constantFrom('id', 'xsi:type', '_cs'), fc.string({ maxLength: 8 }).filter(isPlain)),
      fc.array(fc.oneof({ maxDepth: 3 }, fc.string({ maxLength: 6 }).filter(isPlain), tie('tree')), { maxLength: 3 }),
    )
    .map(([name, attributes, children]) => xml(name, attributes, children)),
})).tree;

function isPlain(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold these
  return !/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/.test(text);
}

function read(parse: (text: string) => XmlElement, text: string): XmlElement | 'refused' {
  try {
    return parse(text);
  } catch {
    return 'refused';
  }
}

describe('the scanner of XML', () => {
  it('reads whatever is written as the reader that knows all of XML does', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const text = `<?xml version="1.0" encoding="UTF-8"?>${writeXml(tree)}`;
        expect(parseXml(text)).toEqual(parseAnyXml(text));
      }),
    );
  });

  it('refuses what the other reader refuses, however the parts of a document stand', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 9 }), (pieces) => {
        for (const text of [pieces.join(''), `<a>${pieces.join('')}</a>`])
          expect(read(parseXml, text), text).toEqual(read(parseAnyXml, text));
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads elements of one name as the other reader does, whichever attributes they have', () => {
    const rarely = (usual: readonly string[], rare: readonly string[]) =>
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });
    const attribute = fc
      .tuple(
        rarely([' '], ['\n', '', '']),
        rarely(['a', 'ab', 'b'], ['constructor']),
        rarely(['="1"', "=''", ' = "2"'], ['="<"', '="&lt;"', '=1', '="']),
      )
      .map((parts) => parts.join(''));
    const row = fc.array(attribute, { maxLength: 3 }).map((attributes) => `<row${attributes.join('')}/>`);
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 4 }), (rows) => {
        const text = `<a>${rows.join('')}</a>`;
        expect(read(parseXml, text), text).toEqual(read(parseAnyXml, text));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is not misled by tags in comments and sections of characters', () => {
    const text = '<a><!-- <b x="1"> --><b x="1"/><![CDATA[<b x="2">]]><b x="3"/></a>';
    expect(parseXml(text)).toEqual(parseAnyXml(text));
    expect(scanXml(text, { open: () => undefined, text: () => undefined, close: () => undefined })).toBe(true);
  });

  it('does not give up on an answer of Campaign', () => {
    const answer = `<?xml version='1.0'?>
      <SOAP-ENV:Envelope xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'><SOAP-ENV:Body>
      <ExecuteQueryResponse xmlns='urn:xtk:queryDef' SOAP-ENV:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'>
      <pdomOutput xsi:type='ns:Element'><recipient-collection><recipient email="o'neill@example.com" name='&quot;Söhne&quot; &#10;'/>
      <!-- none --></recipient-collection></pdomOutput></ExecuteQueryResponse></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
    const names: string[] = [];
    const handler = { open: (name: string) => names.push(name), text: () => undefined, close: () => undefined };
    expect(scanXml(answer, handler)).toBe(true);
    expect(names.at(-1)).toBe('recipient');
  });
});
