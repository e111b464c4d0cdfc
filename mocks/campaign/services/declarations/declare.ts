import { childrenNamed, parseXml, type XmlElement, xml } from '../../xml.js';
import { BUSINESS_DECLARATIONS } from './business-declarations.js';
import { JOB_DECLARATIONS } from './job-declarations.js';
import { SESSION_DECLARATIONS } from './session-declarations.js';
import { TOOL_DECLARATIONS } from './tool-declarations.js';

/**
 * Adds the methods that the mock carries out to the stock schemas, and the schemas that exist for them. A schema that is there keeps
 * its elements, and gets the attributes that it lacks; a method declared here takes the place of one of its name.
 */
export function withDeclarations(stock: readonly XmlElement[]): readonly XmlElement[] {
  const schemas = new Map(stock.map((schema) => [idOf(schema), schema]));
  const texts = [...SESSION_DECLARATIONS, ...TOOL_DECLARATIONS, ...JOB_DECLARATIONS, ...BUSINESS_DECLARATIONS];
  for (const text of texts) {
    const declared = parseXml(text.trim());
    const id = idOf(declared);
    const schema = schemas.get(id);
    schemas.set(id, schema ? mergeMethods(schema, declared) : withIdentity(declared));
  }
  return [...schemas.values()];
}

function idOf({ attributes }: XmlElement): string {
  return `${attributes.namespace ?? ''}:${attributes.name ?? ''}`;
}

function withIdentity(schema: XmlElement): XmlElement {
  const about = { entitySchema: 'xtk:srcSchema', xtkschema: 'xtk:srcSchema' };
  return { ...schema, attributes: { ...schema.attributes, ...about } };
}

function mergeMethods(schema: XmlElement, declared: XmlElement): XmlElement {
  const interfaces = childrenNamed(declared, 'interface').map((holder) => mergeHolder(schema, holder));
  const methods = childrenNamed(declared, 'methods').map((holder) => mergeHolder(schema, holder));
  const others = schema.children.filter(
    (child) => ![...interfaces, ...methods].some((holder) => isSameHolder(child, holder)),
  );
  const { implements: adopts = schema.attributes.implements } = declared.attributes;
  const attributes = adopts === undefined ? schema.attributes : { ...schema.attributes, implements: adopts };
  const completed = others.map((child) => withAttributes(child, declared));
  return { ...schema, attributes, children: [...interfaces, ...completed, ...methods] };
}

/** Adds what the methods need of an element that is declared in both, where it is not there. */
function withAttributes(element: XmlElement, declared: XmlElement): XmlElement {
  const same = childrenNamed(declared, 'element').find((other) => isSameHolder(element, other));
  const names = new Set(childrenNamed(element, 'attribute').map((attribute) => attribute.attributes.name));
  const missing = same ? childrenNamed(same, 'attribute').filter((it) => !names.has(it.attributes.name)) : [];
  return missing.length === 0 ? element : { ...element, children: [...element.children, ...missing] };
}

function mergeHolder(schema: XmlElement, holder: XmlElement): XmlElement {
  const names = new Set(holder.children.map((method) => method.attributes.name));
  const existing = schema.children.find((child) => isSameHolder(child, holder)) ?? xml(holder.name);
  const kept = existing.children.filter((method) => !names.has(method.attributes.name));
  return { ...holder, children: [...holder.children, ...kept] };
}

function isSameHolder(left: XmlElement, right: XmlElement): boolean {
  return left.name === right.name && left.attributes.name === right.attributes.name;
}
