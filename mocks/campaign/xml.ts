import { readXml, XmlError, type XmlEvents } from './read-xml.js';

export { XmlError, type XmlEvents } from './read-xml.js';

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
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/** Elements and attributes of a document that is gathered as a whole. */
const MAX_GATHERED = 500_000;

/** Gathers the events of small documents into elements: what a service looks at as a whole, and what is stored as XML. */
export class ElementBuilder implements XmlEvents {
  private readonly document: OpenElement = { name: '', attributes: {}, children: [], text: '' };
  private readonly ancestors: OpenElement[] = [];
  private current = this.document;
  private size = 0;

  /** `limit` is how many elements and attributes it takes together. */
  constructor(private readonly limit = MAX_GATHERED) {}

  /** The first element that was gathered. */
  get root(): XmlElement | undefined {
    return this.document.children[0];
  }

  /** Throws `XmlError` beyond the limit. */
  open(name: string, names: readonly string[], values: readonly string[]): void {
    this.size += 1 + names.length;
    if (this.size > this.limit)
      throw new XmlError(
        `The document has more than ${this.limit} elements and attributes: too many for one argument.`,
      );
    const element: OpenElement = { name, attributes: attributeRecord(names, values), children: [], text: '' };
    this.current.children.push(element);
    this.ancestors.push(this.current);
    this.current = element;
  }

  text(piece: string): void {
    this.current.text += piece;
  }

  close(): void {
    // White space around child elements is layout, not text.
    if (this.current.children.length > 0) this.current.text = this.current.text.trim();
    this.current = this.ancestors.pop() ?? this.document;
  }
}

/** The attributes of a start tag by name. */
export function attributeRecord(names: readonly string[], values: readonly string[]): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? '';
    const value = values[index] ?? '';
    if (name !== '__proto__') attributes[name] = value;
    // An assignment would set what every object has instead.
    else Object.defineProperty(attributes, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return attributes;
}

/** Collects the events of a document into a light tree. Names keep their prefixes. Throws `XmlError`. */
export function parseXml(text: string): XmlElement {
  const builder = new ElementBuilder(Number.POSITIVE_INFINITY);
  readXml(text, builder);
  return builder.root ?? xml('');
}

/** Tells an element as the events that reading it would give. */
export function replayXml(element: XmlElement, events: XmlEvents): void {
  events.open(element.name, Object.keys(element.attributes), Object.values(element.attributes));
  if (element.text !== '') events.text(element.text);
  for (const child of element.children) replayXml(child, events);
  events.close(element.name);
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

// XML 1.0 has no way to write these characters, not even as references: https://www.w3.org/TR/xml/#charsets
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
// What a text is looked through for; most texts have none of it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const SPECIAL = /[\u0000-\u001f\ufffe\uffff&<>"]/;

/** Escapes a value for an attribute in double quotes; line breaks and tabs survive as references. */
export function escapeAttribute(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return escapeText(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** Escapes text between tags. */
export function escapeText(value: string): string {
  if (!SPECIAL.test(value)) return value;
  const legal = value.replace(NOT_XML, '');
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
