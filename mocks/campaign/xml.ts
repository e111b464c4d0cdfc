import { readXml } from './read-xml.js';

export { XmlError } from './read-xml.js';

/** A light XML element. Text directly inside an element is kept as one string; its place among the children is not. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

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

/** Collects the events of a document into a light tree. Names keep their prefixes. Throws `XmlError`. */
export function parseXml(text: string): XmlElement {
  const document: OpenElement = { name: '', attributes: {}, children: [], text: '' };
  const open: OpenElement[] = [document];
  let current = document;
  readXml(text, {
    open(name, attributes) {
      const element: OpenElement = { name, attributes, children: [], text: '' };
      current.children.push(element);
      open.push(element);
      current = element;
    },
    text(piece) {
      current.text += piece;
    },
    close() {
      // White space around child elements is layout, not text.
      if (current.children.length > 0) current.text = current.text.trim();
      open.pop();
      current = open.at(-1) ?? document;
    },
  });
  return document.children[0] ?? document;
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

/** Tells whether a text can name an element or attribute; without a prefix, which would need a namespace. */
export function isXmlName(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(text);
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
