import { isElement, type XmlElement, type XmlNode } from '../../src/model/xml.js';

/** An element as indented text without escapes, for a test to show what it expects. */
export function xmlText(element: XmlElement, indent = ''): string {
  const attributes = Object.entries(element.attributes).map(([name, value]) => ` ${name}="${value}"`);
  const open = `${indent}<${element.name}${attributes.join('')}`;
  if (element.children.length === 0) return `${open}/>`;
  const children = element.children.map((child) => nodeText(child, `${indent}  `));
  return [`${open}>`, ...children, `${indent}</${element.name}>`].join('\n');
}

function nodeText(node: XmlNode, indent: string): string {
  return isElement(node) ? xmlText(node, indent) : indent + node;
}
