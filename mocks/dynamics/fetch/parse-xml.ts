import { SaxesParser } from 'saxes';
import { fetchError } from './errors.js';

/** An element of a query in XML. Text between elements means nothing but inside `<value>`. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** Deeper texts could only be meant to exhaust the stack. */
const MAX_DEPTH = 50;

/**
 * Parses a query in XML to its root element.
 *
 * @throws DynamicsError 400 where the text is not well formed.
 */
export function parseXml(text: string): XmlElement {
  const document: OpenElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [document];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw fetchError('invalidXml', `Invalid XML: ${error.message}`);
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length > MAX_DEPTH)
      throw fetchError('invalidXml', `Invalid XML: elements are nested more than ${MAX_DEPTH} deep.`);
    const element: OpenElement = { name, attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (part) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(text).close();
  const [root] = document.children;
  if (root === undefined) throw fetchError('invalidXml', 'Invalid XML: Root element is missing.');
  return root;
}
