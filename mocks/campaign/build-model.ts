import type {
  CompiledSchema,
  ElementNode,
  LinkNode,
  SchemaEnumeration,
  SchemaKey,
  SchemaNode,
  UniqueRule,
  ValueNode,
} from './schema-model.js';
import { isKnownType, kindOf } from './values.js';
import { childNamed, childrenNamed, isTrue, type XmlElement } from './xml.js';

/** Reads a compiled `schema` element into the form that queries and writes use. */
export function buildModel(document: XmlElement): CompiledSchema {
  const { namespace = '', name = '', label = name, md5 = '' } = document.attributes;
  const root = childrenNamed(document, 'element').find((child) => child.attributes.name === name);
  const keys = root ? childrenNamed(root, 'key').map(readKey) : [];
  return {
    id: `${namespace}:${name}`,
    name,
    label,
    document,
    md5,
    root: root ? readElement(root, '') : null,
    table: root?.attributes.sqltable ?? null,
    keys,
    unique: root ? readUniqueRules(root) : [],
    autopk: isTrue(root?.attributes.autopk),
    computeString: (root && childNamed(root, 'compute-string')?.attributes.expr) ?? null,
    sysFilters: readSysFilters(root),
    enumerations: new Map(childrenNamed(document, 'enumeration').map(readEnumeration)),
  };
}

function readElement(element: XmlElement, path: string): ElementNode {
  const attributes = new Map<string, ValueNode>();
  const children = new Map<string, SchemaNode>();
  for (const child of element.children) {
    const name = child.attributes.name ?? '';
    const childPath = path === '' ? name : `${path}/${name}`;
    if (child.name === 'attribute') attributes.set(name, readValue(child, childPath));
    if (child.name === 'element') children.set(name, readChild(child, path, childPath));
  }
  const { name = '' } = element.attributes;
  return { kind: 'element', name, path, unbound: isTrue(element.attributes.unbound), attributes, children };
}

function readChild(child: XmlElement, parentPath: string, path: string): SchemaNode {
  if (child.attributes.type === 'link') return readLink(child, parentPath, path);
  const holdsValue = child.attributes.type !== undefined && isKnownType(child.attributes.type);
  return holdsValue ? readValue(child, path) : readElement(child, path);
}

function readValue(node: XmlElement, path: string): ValueNode {
  const { name = '', type = 'string', length, expr, dataPolicy, sqlname } = node.attributes;
  return {
    kind: 'value',
    name,
    path,
    isElement: node.name === 'element',
    type,
    length: kindOf(type) === 'text' && length !== undefined ? Number(length) : null,
    default: node.attributes.default ?? null,
    expr: expr ?? null,
    enumeration: node.attributes.enum ?? null,
    required: isTrue(node.attributes.required) || isTrue(node.attributes.notNull),
    dataPolicy: dataPolicy ?? null,
    column: sqlname ?? null,
  };
}

function readLink(link: XmlElement, parentPath: string, path: string): LinkNode {
  const fromRoot = (xpath: string) =>
    (parentPath === '' || xpath.startsWith('/') ? xpath : `${parentPath}/${xpath}`)
      .replace(/^\//, '')
      .replaceAll('@', '');
  const filters = childrenNamed(link, 'join').flatMap(({ attributes }) => attributes.dstFilterExpr || []);
  return {
    kind: 'link',
    name: link.attributes.name ?? '',
    path,
    target: link.attributes.target ?? '',
    unbound: isTrue(link.attributes.unbound),
    joins: childrenNamed(link, 'join').map(({ attributes }) => ({
      source: fromRoot(attributes['xpath-src'] ?? ''),
      destination: (attributes['xpath-dst'] ?? '').replace(/^\//, '').replaceAll('@', ''),
    })),
    filter: filters.length > 0 ? filters.map((expr) => `(${expr})`).join(' and ') : null,
    integrity: link.attributes.integrity ?? 'neutral',
    default: link.attributes.default ?? null,
  };
}

function readKey(key: XmlElement): SchemaKey {
  return {
    name: key.attributes.name ?? '',
    internal: isTrue(key.attributes.internal),
    allowEmptyPart: isTrue(key.attributes.allowEmptyPart),
    fields: fieldsOf(key),
  };
}

/** Each key has a unique index unless it says `noDbIndex`; an index of its own may be unique too. */
function readUniqueRules(root: XmlElement): UniqueRule[] {
  const keys = childrenNamed(root, 'key').filter((key) => !isTrue(key.attributes.noDbIndex));
  const indexes = childrenNamed(root, 'dbindex').filter((index) => isTrue(index.attributes.unique));
  const rules = [...keys, ...indexes].map((node) => ({ name: node.attributes.name ?? '', fields: fieldsOf(node) }));
  return [...new Map(rules.map((rule) => [rule.fields.join(), rule])).values()];
}

/** Paths of the key fields. */
function fieldsOf(node: XmlElement): string[] {
  return childrenNamed(node, 'keyfield').map(({ attributes }) =>
    (attributes.xpath ?? '').replace(/^\//, '').replaceAll('@', ''),
  );
}

function readSysFilters(root: XmlElement | undefined): string[] {
  const filters = root ? childrenNamed(root, 'sysFilter') : [];
  return filters.map(joinConditions).filter((expression) => expression !== '');
}

/** One expression of nested conditions; the operator of each joins it to the next. */
function joinConditions(parent: XmlElement): string {
  let text = '';
  let operator = '';
  for (const condition of childrenNamed(parent, 'condition')) {
    const own = condition.attributes.expr ?? '';
    const nested = joinConditions(condition);
    const expression = [own, nested]
      .filter((part) => part !== '')
      .map((part) => `(${part})`)
      .join(' and ');
    if (expression === '' || isTrue(condition.attributes.ignore)) continue;
    text += text === '' ? `(${expression})` : ` ${operator} (${expression})`;
    operator = (condition.attributes.boolOperator ?? condition.attributes['bool-operator'] ?? 'AND').toLowerCase();
  }
  return text;
}

function readEnumeration(element: XmlElement): [string, SchemaEnumeration] {
  const name = element.attributes.name ?? '';
  const isNumeric = !['string', undefined].includes(element.attributes.basetype);
  const values = childrenNamed(element, 'value').map(({ attributes }) => ({
    name: attributes.name ?? '',
    value: attributes.value ?? (isNumeric ? '0' : (attributes.name ?? '')),
    label: attributes.label ?? attributes.name ?? '',
  }));
  return [name, { name, values }];
}
