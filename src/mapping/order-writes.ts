import type { XmlElement } from '../model/xml.js';
import { linkedKeys, withoutLinksTo } from './links.js';
import { sameElement } from './schema-document.js';

/** A source schema as it is to be after one step: written where there is a document, removed where it is null. */
export interface SchemaWrite {
  readonly name: string;
  readonly document: XmlElement | null;
}

/**
 * The steps that bring source schemas from what they are to what they are to be. Campaign builds no link to a schema that is not there, so a
 * schema that links to one written after it is written without that link first and whole at the end, unless Campaign has built a link to the
 * same key before; what is to be removed goes last, when nothing links to it any more. `documents` are those to write, by name; null
 * removes one. `before` are those that are there.
 */
export function orderWrites(
  documents: ReadonlyMap<string, XmlElement | null>,
  before: ReadonlyMap<string, XmlElement>,
): readonly SchemaWrite[] {
  const written = new Set<string>();
  const first: SchemaWrite[] = [];
  const whole: SchemaWrite[] = [];
  const kept = [...documents].flatMap(([name, document]) => (document ? [{ name, document }] : []));
  const isBuilt = builtKeys(before);
  for (const { name, document } of kept) {
    const waitsFor = (schema: string, key: string) =>
      !isBuilt(schema, key) && holdersOf(schema, documents).some((one) => one !== name && !written.has(one));
    const isWaiting = linkedKeys(document).some(({ schema, key }) => waitsFor(schema, key));
    const step = isWaiting ? withoutLinksTo(document, waitsFor) : document;
    const held = before.get(name);
    if (!isWaiting || !held || !sameElement(held, step)) first.push({ name, document: step });
    if (isWaiting) whole.push({ name, document });
    written.add(name);
  }
  const removals = [...documents]
    .filter(([, document]) => document === null)
    .map(([name]) => ({ name, document: null }));
  return [...first, ...whole, ...removals];
}

/** Tells whether a link leads to a key already, of a schema that is there still. */
function builtKeys(before: ReadonlyMap<string, XmlElement>): (schema: string, key: string) => boolean {
  const held = new Set([...before].map(([name, document]) => document.attributes.extendedSchema || name));
  const linked = [...before.values()].flatMap(linkedKeys).filter(({ schema }) => held.has(schema));
  const built = new Set(linked.map(({ schema, key }) => `${schema} ${key}`));
  return (schema, key) => built.has(`${schema} ${key}`);
}

/** The source schemas of these that make or extend a schema. */
function holdersOf(schema: string, documents: ReadonlyMap<string, XmlElement | null>): readonly string[] {
  return [...documents].flatMap(([name, document]) => {
    const makes = name === schema || document?.attributes.extendedSchema === schema;
    return document && makes ? [name] : [];
  });
}
