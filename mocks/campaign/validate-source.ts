import { SchemaError } from './compile-schema.js';
import { isKnownType } from './values.js';
import { childrenNamed, isTrue, type XmlElement } from './xml.js';

/**
 * Namespaces of Adobe's own schemas, in which nobody else may make one. `mscrm` is not among them: the CRM wizard writes there.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/about-schema-reference.html
 */
const RESERVED: ReadonlySet<string> = new Set(['xtk', 'nl', 'nms', 'ncm', 'temp', 'ncl', 'crm', 'xxl']);

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const NODE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const MAX_NAMESPACE = 16;
const MAX_NAME = 64;

/** Checks what can be told from a source schema alone. Throws `SchemaError` with a message that names the element. */
export function assertValidSource(source: XmlElement): void {
  const { namespace = '', name = '' } = source.attributes;
  const id = `${namespace}:${name}`;
  if (!NAME.test(namespace) || namespace.length > MAX_NAMESPACE) fail(id, `namespace '${namespace}' is not valid`);
  if (!NAME.test(name) || name.length > MAX_NAME) fail(id, `name '${name}' is not valid`);
  if (RESERVED.has(namespace)) fail(id, `namespace '${namespace}' is reserved; use a customer namespace such as 'cus'`);
  for (const enumeration of childrenNamed(source, 'enumeration')) checkEnumeration(enumeration, id);
  checkChildren(source, id, '');
  for (const holder of source.children) {
    if (holder.name === 'methods' || holder.name === 'interface') checkMethods(holder, source, id);
  }
}

const DOCUMENT_TYPES: ReadonlySet<string> = new Set(['DOMDocument', 'DOMElement', 'int']);
const DIRECTIONS: ReadonlySet<string> = new Set(['in', 'out', 'inout']);

function checkMethods(holder: XmlElement, source: XmlElement, id: string): void {
  if (holder.name === 'interface' && !NODE_NAME.test(holder.attributes.name ?? ''))
    fail(id, 'an interface has no valid name');
  const names = childrenNamed(holder, 'method').map((method) => method.attributes.name ?? '');
  names.forEach((name, index) => {
    if (!NODE_NAME.test(name)) fail(id, `a method has no valid name ('${name}')`);
    if (names.indexOf(name) !== index) fail(id, `method '${name}' is declared twice`);
  });
  for (const method of childrenNamed(holder, 'method')) checkParameters(method, source, id);
}

/** A parameter may be of a type that is an element of the schema: `sessionUserInfo` is `userInfo` of `xtk:session`. */
function checkParameters(method: XmlElement, source: XmlElement, id: string): void {
  const elements = childrenNamed(source, 'element').map((it) => (it.attributes.name ?? '').toLowerCase());
  const own = new Set(elements.map((name) => (source.attributes.name ?? '').toLowerCase() + name));
  for (const holder of childrenNamed(method, 'parameters')) {
    for (const { attributes } of childrenNamed(holder, 'param')) {
      const { name = '', type = 'string', inout = 'in' } = attributes;
      const subject = `parameter '${name}' of method '${method.attributes.name}'`;
      if (!NODE_NAME.test(name)) fail(id, `${subject} has no valid name`);
      const isKnown = isKnownType(type) || DOCUMENT_TYPES.has(type) || own.has(type.toLowerCase());
      if (!isKnown) fail(id, `${subject} has the unknown type '${type}'`);
      if (!DIRECTIONS.has(inout)) fail(id, `${subject} has the direction '${inout}', not in, out or inout`);
    }
  }
}

function checkEnumeration(enumeration: XmlElement, id: string): void {
  const name = enumeration.attributes.name ?? '';
  if (!NODE_NAME.test(name)) fail(id, `an enumeration has no valid name ('${name}')`);
  const values = childrenNamed(enumeration, 'value').map((value) => value.attributes.name);
  values.forEach((value, index) => {
    if (value === undefined) fail(id, `a value of enumeration '${name}' has no name`);
    if (values.indexOf(value) !== index) fail(id, `enumeration '${name}' has the value '${value}' twice`);
  });
}

function checkChildren(parent: XmlElement, id: string, path: string): void {
  const seen = new Set<string>();
  for (const child of parent.children) {
    if (child.name !== 'attribute' && child.name !== 'element') continue;
    const name = child.attributes.name ?? '';
    const subject = `${child.name} '${path}${name}'`;
    if (!NODE_NAME.test(name) && child.attributes.aggregate === undefined) fail(id, `${subject} has no valid name`);
    if (seen.has(`${child.name} ${name}`)) fail(id, `${subject} is declared twice`);
    seen.add(`${child.name} ${name}`);
    checkNode(child, id, subject);
    if (child.name === 'element') checkChildren(child, id, `${path}${name}/`);
  }
}

function checkNode(node: XmlElement, id: string, subject: string): void {
  const { type, length, target, name } = node.attributes;
  if (type === 'link') {
    if (node.name === 'attribute') fail(id, `${subject} cannot be a link; declare an element`);
    if (!target) fail(id, `${subject} is a link without a target`);
    return;
  }
  if (type !== undefined && !isKnownType(type)) fail(id, `${subject} has the unknown type '${type}'`);
  if (length !== undefined && !/^[1-9]\d*$/.test(length))
    fail(id, `${subject} has the length '${length}', not a number`);
  if (isTrue(node.attributes.autopk) && childrenNamed(node, 'attribute').some((it) => it.attributes.name === 'id')) {
    const own = childrenNamed(node, 'attribute').find((it) => it.attributes.name === 'id');
    if (own?.attributes.type !== 'long' && own?.attributes.type !== 'int64') {
      fail(id, `attribute '${name}/@id' must be a long, as the element has autopk`);
    }
  }
  for (const key of childrenNamed(node, 'key')) checkKey(key, id, subject);
}

function checkKey(key: XmlElement, id: string, subject: string): void {
  const fields = childrenNamed(key, 'keyfield');
  const named = `key '${key.attributes.name ?? ''}' of ${subject}`;
  if (fields.length === 0) fail(id, `${named} has no keyfield`);
  if (fields.some((field) => !field.attributes.xpath && !field.attributes.xlink)) {
    fail(id, `a keyfield of ${named} has neither xpath nor xlink`);
  }
}

function fail(id: string, problem: string): never {
  throw new SchemaError(`Schema '${id}' is not valid: ${problem}.`);
}
