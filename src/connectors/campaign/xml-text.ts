import { SaxesParser } from 'saxes';
import { RequestError } from '../../model/errors.js';
import { isElement, isXmlText, type XmlElement, type XmlNode } from '../../model/xml.js';
import { scanXml, type XmlHandler } from './scan-xml.js';

/** Bounds of a document that is read. */
export interface XmlLimits {
  readonly depth: number;
  readonly elements: number;
}

/** Far above the largest stock schema and a page of 5,000 records, far below what fills the memory. */
export const XML_LIMITS: XmlLimits = { depth: 100, elements: 500_000 };

/**
 * Reads a document into plain data. Document type definitions are refused: Campaign sends none, and they are how a document makes its
 * reader grow or reach out. Throws an `Error` that tells what is wrong and where.
 */
export function parseXml(text: string, limits: XmlLimits = XML_LIMITS): XmlElement {
  const builder = new TreeBuilder(limits);
  return scanXml(text, builder) ? builder.root() : parseAnyXml(text, limits);
}

/** Reads a document as `parseXml` does, with a reader that knows all of XML and decides what is well formed. */
export function parseAnyXml(text: string, limits: XmlLimits = XML_LIMITS): XmlElement {
  const parser = new SaxesParser();
  const builder = new TreeBuilder(limits);
  parser.on('doctype', () => {
    throw new Error('The document has a document type definition, which is refused.');
  });
  parser.on('opentag', (tag) => builder.open(tag.name, { ...tag.attributes }));
  parser.on('closetag', () => builder.close());
  parser.on('text', (value) => builder.text(value));
  parser.on('cdata', (value) => builder.text(value));
  parser.write(text).close();
  return builder.root();
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  children: XmlNode[];
}

class TreeBuilder implements XmlHandler {
  private readonly ancestors: OpenElement[] = [];
  private count = 0;
  private finished: XmlElement | null = null;

  constructor(private readonly limits: XmlLimits) {}

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (++this.count > this.limits.elements) throw new Error(`The document has over ${this.limits.elements} elements.`);
    if (this.ancestors.length >= this.limits.depth)
      throw new Error(`The document is over ${this.limits.depth} levels deep.`);
    this.ancestors.push({ name, attributes, children: NO_CHILDREN });
  }

  text(value: string): void {
    const element = this.ancestors.at(-1);
    if (!element) return;
    const last = element.children.at(-1);
    if (typeof last === 'string') element.children.splice(-1, 1, last + value);
    else add(element, value);
  }

  close(): void {
    const element = this.ancestors.pop();
    if (element === undefined) return;
    if (element.children !== NO_CHILDREN) element.children = withoutIndentation(element.children);
    const parent = this.ancestors.at(-1);
    if (parent) add(parent, element);
    else this.finished = element;
  }

  root(): XmlElement {
    if (this.finished === null) throw new Error('The document has no element.');
    return this.finished;
  }
}

/** Shared by all elements that have none, as most rows of an answer. */
const NO_CHILDREN: XmlNode[] = [];

function add(element: OpenElement, child: XmlNode): void {
  if (element.children === NO_CHILDREN) element.children = [child];
  else element.children.push(child);
}

/** White space beside elements is indentation; alone in an element it is the value. */
function withoutIndentation(children: XmlNode[]): XmlNode[] {
  if (!children.some(isElement) || children.every(isElement)) return children;
  return children.filter((child) => isElement(child) || child.trim() !== '');
}

/**
 * Writes an element as text. Line breaks and tabs in attributes are written as character references, as a reader would otherwise
 * turn them into spaces. Throws `BAD_USER_INPUT` for a text that XML cannot hold.
 */
export function writeXml(element: XmlElement): string {
  let text = `<${checkedName(element.name)}`;
  for (const name in element.attributes) {
    text += ` ${checkedName(name)}="${escapeText(element.attributes[name] ?? '')}"`;
  }
  if (element.children.length === 0) return `${text}/>`;
  text += '>';
  for (const child of element.children) text += isElement(child) ? writeXml(child) : escapeText(child);
  return `${text}</${element.name}>`;
}

const PLAIN_NAME = /^[A-Za-z_][\w.:-]*$/;
const NAME = /^[\p{L}_][\p{L}\p{N}_.:-]*$/u;

function checkedName(name: string): string {
  if (!PLAIN_NAME.test(name) && !NAME.test(name))
    throw new RequestError('BAD_USER_INPUT', `"${name}" cannot be the name of an XML element or attribute.`);
  return name;
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escapeText(text: string): string {
  if (!isXmlText(text)) {
    throw new RequestError(
      'BAD_USER_INPUT',
      'A text holds a control character or half a character, which Campaign cannot receive. Remove it.',
    );
  }
  return SPECIAL.test(text) ? text.replace(EACH_SPECIAL, (character) => REFERENCES[character] ?? character) : text;
}

const SPECIAL = /[&<>"\t\n\r]/;
const EACH_SPECIAL = /[&<>"\t\n\r]/g;
