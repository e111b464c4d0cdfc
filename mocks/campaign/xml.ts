import { SaxesParser } from 'saxes';

/** A light XML element. Text directly inside an element is kept as one string; its place among the children is not. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** Thrown for text that is not well-formed XML, declares a document type, or is nested too deep. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

const MAX_DEPTH = 200;

/** Makes an element; attributes that are undefined are left out. */
export function xml(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  children: readonly XmlElement[] = [],
  text = '',
): XmlElement {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) kept[key] = value;
  return { name, attributes: kept, children, text };
}

interface OpenElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

/**
 * Reads a document from a stream of parser events into a light tree. Names keep their prefixes.
 * Document types are refused, and with them every entity but the five of XML itself.
 */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  parser.on('error', (error) => {
    throw new XmlError(error.message);
  });
  parser.on('doctype', () => {
    throw new XmlError('A document type is not allowed.');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length >= MAX_DEPTH) throw new XmlError(`Elements are nested deeper than ${MAX_DEPTH}.`);
    const element: OpenElement = { name, attributes, children: [], text: '' };
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
    open.push(element);
  });
  parser.on('closetag', () => {
    const closed = open.pop();
    // White space around child elements is layout, not text.
    if (closed && closed.children.length > 0) closed.text = closed.text.trim();
  });
  const append = (piece: string) => {
    const current = open.at(-1);
    if (current) current.text += piece;
  };
  parser.on('text', append);
  parser.on('cdata', append);
  parser.write(text).close();
  if (!root) throw new XmlError('The document is empty.');
  return root;
}

/** Writes an element and all below it, without a declaration. */
export function formatXml(element: XmlElement): string {
  let out = `<${element.name}`;
  for (const name in element.attributes) out += ` ${name}="${escapeAttribute(element.attributes[name] ?? '')}"`;
  if (element.children.length === 0 && element.text === '') return `${out}/>`;
  out += `>${escapeText(element.text)}`;
  for (const child of element.children) out += formatXml(child);
  return `${out}</${element.name}>`;
}

const SPECIAL_IN_ATTRIBUTE = /[&<>"\n\r\t]/;
const SPECIAL_IN_TEXT = /[&<>\r]/;
// XML 1.0 has no way to write these characters, not even as references: https://www.w3.org/TR/xml/#charsets
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Escapes a value for an attribute in double quotes; line breaks and tabs survive as references. */
export function escapeAttribute(value: string): string {
  const legal = value.replace(NOT_XML, '');
  if (!SPECIAL_IN_ATTRIBUTE.test(legal)) return legal;
  return escapeText(legal).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** Escapes text between tags. */
export function escapeText(value: string): string {
  const legal = value.replace(NOT_XML, '');
  if (!SPECIAL_IN_TEXT.test(legal)) return legal;
  return legal.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
}

/** The name without its namespace prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

export function childNamed(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

export function childrenNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** Tells whether an attribute holds `true` or `1`, the two ways in which Campaign documents write it. */
export function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}
