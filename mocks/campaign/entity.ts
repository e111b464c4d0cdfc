import { type CompiledSchema, type ElementNode, linksBelow } from './schema-model.js';
import { followLink, type SessionView } from './session-view.js';
import type { Row, RowValues } from './store.js';
import { formatValue } from './values.js';
import { storedContent } from './write/xml-content.js';
import { type XmlElement, xml } from './xml.js';

/** A whole document of a row: its attributes, its memos, and the members of the collections that it owns. */
export function formatEntity(schema: CompiledSchema, row: Row, view: SessionView): XmlElement {
  if (!schema.root) return xml(schema.name);
  const own = formatValues(schema.root, schema.name, row.values);
  const collections = linksBelow(schema.root).filter((link) => link.unbound && link.integrity === 'own');
  const members = collections.flatMap((link) => {
    const target = view.lookup(link.target);
    // A folder owns what lies in it, but its document does not hold all that.
    if (!target?.root || schema.id === 'xtk:folder') return [];
    const { root } = target;
    return followLink(view, row, link).map((member) => formatValues(root, link.name, member.values));
  });
  return { ...own, children: [...own.children, ...members] };
}

/** The stored values below an element node; values that were never written are left out. */
export function formatValues(node: ElementNode, name: string, values: RowValues): XmlElement {
  const attributes: Record<string, string> = {};
  for (const attribute of node.attributes.values()) {
    const value = values[attribute.path];
    if (value !== undefined && value !== null) attributes[attribute.name] = formatValue(value);
  }
  const children = [...node.children.values()].flatMap((child) => {
    const content = storedContent(child, values);
    if (content) return content;
    if (child.kind === 'link') return [];
    if (child.kind === 'value') {
      const text = formatValue(values[child.path]);
      return text === '' ? [] : [xml(child.name, {}, [], text)];
    }
    const inner = formatValues(child, child.name, values);
    return Object.keys(inner.attributes).length + inner.children.length === 0 ? [] : [inner];
  });
  return xml(name, attributes, children);
}
