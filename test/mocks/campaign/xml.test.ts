import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { readXml } from '../../../mocks/campaign/read-xml.js';
import {
  ElementBuilder,
  formatXml,
  parseXml,
  replayXml,
  type XmlElement,
  XmlError,
  type XmlEvents,
  xml,
} from '../../../mocks/campaign/xml.js';

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

  it('reads line ends, references and white space in attributes as XML has them', () => {
    const read = parseXml(
      '\ufeff<?xml version="1.0"?><!-- c --><e a="x&#x1F680;\ty&#9;z" >1\r\n2\r3&amp;<?pi x?><!-- c --></e>\n',
    );
    expect([read.attributes.a, read.text]).toEqual(['x🚀 y\tz', '1\n2\n3&']);
  });

  it('keeps attributes named like parts of every object', () => {
    const [first, second] = parseXml('<c><e constructor="1" toString="2"/><e constructor="3"/></c>').children;
    expect([first, second].map((element) => JSON.stringify(element?.attributes))).toEqual([
      '{"constructor":"1","toString":"2"}',
      '{"constructor":"3"}',
    ]);
  });

  it('takes what a second reader takes and refuses what it refuses', () => {
    const piece = fc.constantFrom(
      ...'<>/="\'&;!?-[] \r\n'.split(''),
      'a',
      'é',
      '<a',
      '</a>',
      'b="1"',
      '&lt;',
      '&#',
      'x41;',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?p',
      '?>',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = `<r>${pieces.join('')}</r>`;
        expect(isTaken(() => parseXml(text))).toBe(isTaken(() => readBySaxes(text)));
      }),
      { numRuns: 3_000, seed: 20_260_301 },
    );
  });

  it('tells an element as the events by which it was read', () => {
    const name = fc.constantFrom('a', 'b', 'constructor');
    const text = fc.string({ unit: fc.constantFrom('x', '<', '&', '"', 'é'), maxLength: 3 });
    const attributes = fc.dictionary(fc.constantFrom('c', 'd', '__proto__', 'toString'), text, { maxKeys: 3 });
    const make = (children: fc.Arbitrary<XmlElement[]>) =>
      fc
        .tuple(name, attributes, children, text)
        .map(([tag, given, inner, own]) => ({ name: tag, attributes: given, children: inner, text: own }));
    const leaf = make(fc.constant<XmlElement[]>([]));
    const branch = make(fc.array(leaf, { maxLength: 3 }));
    const element = make(fc.array(branch, { maxLength: 3 }));
    const property = fc.property(element, (given) => {
      const [read, replayed] = [new EventList(), new EventList()];
      readXml(formatXml(given), read);
      replayXml(given, replayed);
      expect(replayed.events).toEqual(read.events);
    });
    fc.assert(property, { numRuns: 500, seed: 20_260_301 });
  });

  it('reads attributes alike whatever the elements before had', () => {
    const few = ['a', 'b', 'c', 'd', 'e'];
    const names = fc.oneof(fc.subarray(few), fc.subarray([...few, ...Array.from({ length: 60 }, (_, at) => `f${at}`)]));
    const shuffled = names.chain((some) => fc.shuffledSubarray(some, { minLength: some.length }));
    const property = fc.property(
      fc.array(fc.tuple(shuffled, fc.constantFrom(' ', '  ', '\n')), { maxLength: 8 }),
      (all) => {
        const texts = all.map(([given, space]) => `<e${given.map((name, at) => `${space}${name}="${at}"`).join('')}/>`);
        const together = parseXml(`<r>${texts.join('')}</r>`).children.map(({ attributes }) =>
          Object.entries(attributes),
        );
        expect(together).toEqual(texts.map((text) => Object.entries(parseXml(text).attributes)));
      },
    );
    fc.assert(property, { numRuns: 1_000, seed: 20_260_301 });
  });

  it.each([
    '<e a="1" b="2"/><e a="1" a="2"/>',
    '<e a="1" b="2"/><e b="1" a="2" b="3"/>',
    '<e a="1" b="2"/><e b="1"a="2"/>',
  ])('finds what is wrong with an element also where it knows what to expect: %s', (elements) => {
    expect(() => parseXml(`<r>${elements}</r>`)).toThrow(XmlError);
  });

  it.each(['<e/>', '<e a4998=""/>', '<e b=""/>'])(
    'is not held up by %s after one with thousands of attributes',
    (element) => {
      const wide = `<e ${Array.from({ length: 4_999 }, (_, at) => `a${at}=""`).join(' ')}/>`;
      let attributes = 0;
      const count = {
        open: (_: string, names: readonly string[]) => (attributes += names.length),
        text() {},
        close() {},
      };
      readXml(`<r>${wide}${element.repeat(1_000_000)}</r>`, count);
      expect(attributes).toBe(4_999 + (element === '<e/>' ? 0 : 1_000_000));
    },
  );

  it('gathers no more elements and attributes than it is told to', () => {
    expect(() => readXml('<a b=""><c/></a>', new ElementBuilder(3))).not.toThrow();
    expect(() => readXml('<a b=""><c/><d/></a>', new ElementBuilder(3))).toThrow('more than 3 elements and attributes');
  });

  it.each(['', '<a>', '<a></b>', '<a b=c/>', '<!DOCTYPE a><a/>', '<a>&unknown;</a>'])('refuses %j', (text) => {
    expect(() => parseXml(text)).toThrow(XmlError);
  });
});

/** Events as texts; the reader's own lists are not to be kept. */
class EventList implements XmlEvents {
  readonly events: string[] = [];

  open(name: string, names: readonly string[], values: readonly string[]): void {
    this.events.push(`<${name}${names.map((it, at) => ` ${it}=${values[at]}`).join('')}>`);
  }

  text(piece: string): void {
    this.events.push(piece);
  }

  close(name: string): void {
    this.events.push(`</${name}>`);
  }
}

function isTaken(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

function readBySaxes(text: string): void {
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(text).close();
}
