import { createHash } from 'node:crypto';
import { md5Of } from '../compile-schema.js';
import { formatEntity } from '../entity.js';
import { MethodError, unknownNode, unknownSchema } from '../errors.js';
import { formatXml, type XmlElement } from '../xml.js';
import type { MethodCall } from './method.js';

/** A document that clients may keep, and by whose md5 they tell whether theirs is current. */
export interface Entity {
  readonly document: XmlElement;
  /** Upper-case hexadecimal. */
  readonly md5: string;
}

/** An entity by `<schema>|<namespace>:<name>`, or `<schema>|<name>` for those known by name alone; undefined where there is none. */
export function findEntity(pk: string, call: MethodCall): Entity | undefined {
  const at = pk.indexOf('|');
  const type = pk.slice(0, at);
  const name = pk.slice(at + 1);
  if (at < 0) throw new MethodError([`XSV-350000 The identifier '${pk}' is not of the form '<schema>|<name>'.`]);
  if (type === 'xtk:schema') {
    const schema = call.view.lookup(name);
    return schema && { document: schema.document, md5: schema.md5 };
  }
  if (type === 'xtk:srcSchema') {
    const document = call.engine.registry.source(name);
    return document && { document, md5: document.attributes.md5 ?? md5Of(document) };
  }
  const document = findByName(type, name, call);
  return document && { document, md5: createHash('md5').update(formatXml(document)).digest('hex').toUpperCase() };
}

function findByName(type: string, name: string, call: MethodCall): XmlElement | undefined {
  const schema = call.view.lookup(type);
  if (!schema) throw unknownSchema(type);
  if (!schema.root?.attributes.has('name')) {
    throw new MethodError([
      unknownNode('Attribute', 'name', schema),
      `XSV-350000 Unable to load the document '${type}|${name}'.`,
    ]);
  }
  const [row] = call.view.tableOf(schema).findSame(['name'], [name]);
  return row && formatEntity(schema, row, call.view);
}
