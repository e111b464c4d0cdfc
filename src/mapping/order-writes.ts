import type { XmlElement } from '../model/xml.js';
import { linkedSchemas, withoutLinksTo } from './links.js';
import { sameElement } from './schema-document.js';

/** A source schema as it is to be after one step: written where there is a document, removed where it is null. */
export interface SchemaWrite {
  readonly name: string;
  readonly document: XmlElement | null;
}

/**
 * The steps that bring source schemas from what they are to what they are to be. Campaign builds no link to a schema that is not there, so a
 * schema that links to one written after it is written without that link first and whole at the end; what is to be removed goes last,
 * when nothing links to it any more. `documents` are those to write, by name; null removes one.
 */
export function orderWrites(
  documents: ReadonlyMap<string, XmlElement | null>,
  before: ReadonlyMap<string, XmlElement>,
): readonly SchemaWrite[] {
  const written = new Set<string>();
  const first: SchemaWrite[] = [];
  const whole: SchemaWrite[] = [];
  const kept = [...documents].flatMap(([name, document]) => (document ? [{ name, document }] : []));
  for (const { name, document } of kept) {
    const waitsFor = (schema: string) => holdersOf(schema, documents).some((one) => one !== name && !written.has(one));
    const isWaiting = linkedSchemas(document).some(waitsFor);
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

/** The source schemas of these that make or extend a schema. */
function holdersOf(schema: string, documents: ReadonlyMap<string, XmlElement | null>): readonly string[] {
  return [...documents].flatMap(([name, document]) => {
    const makes = name === schema || document?.attributes.extendedSchema === schema;
    return document && makes ? [name] : [];
  });
}
