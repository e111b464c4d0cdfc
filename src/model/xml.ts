/** An XML element as plain data. Comments, processing instructions and white space between elements are not kept. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
}

export type XmlNode = XmlElement | string;

/** Makes an element; children that are undefined or null are left out. */
export function xml(
  name: string,
  attributes: Readonly<Record<string, string | number | boolean | null | undefined>> = {},
  children: readonly (XmlNode | null | undefined)[] = [],
): XmlElement {
  const kept: Record<string, string> = {};
  for (const key in attributes) {
    const value = attributes[key];
    if (value !== null && value !== undefined) kept[key] = String(value);
  }
  return { name, attributes: kept, children: children.filter((child) => child !== null && child !== undefined) };
}

export function isElement(node: XmlNode): node is XmlElement {
  return typeof node !== 'string';
}

/** The child elements, those of one name where a name is given. */
export function childElements(element: XmlElement, name?: string): readonly XmlElement[] {
  return element.children.filter(isElement).filter((child) => name === undefined || child.name === name);
}

/** The text directly inside an element. */
export function textOf(element: XmlElement): string {
  return element.children.filter((node) => !isElement(node)).join('');
}

/** Writes an element as indented XML text; elements with text stay on one line. */
export function formatXml(element: XmlElement, indent = ''): string {
  const attributes = Object.entries(element.attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('');
  if (element.children.length === 0) return `${indent}<${element.name}${attributes}/>`;
  const open = `${indent}<${element.name}${attributes}>`;
  if (element.children.some((node) => !isElement(node))) {
    const content = element.children.map((node) => (isElement(node) ? formatXml(node) : escapeXml(node))).join('');
    return `${open}${content}</${element.name}>`;
  }
  const content = childElements(element).map((child) => formatXml(child, `${indent}  `));
  return [open, ...content, `${indent}</${element.name}>`].join('\n');
}

/** Escapes text for an attribute or for element content; line ends survive in both. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, (character) => XML_ESCAPES[character] ?? character);
}

const XML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 leaves out, https://www.w3.org/TR/xml/#charsets
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;

/** Tells whether XML can hold a text: it has no control characters and no lone surrogates. */
export function isXmlText(text: string): boolean {
  return !NOT_XML.test(text) && text.isWellFormed();
}
