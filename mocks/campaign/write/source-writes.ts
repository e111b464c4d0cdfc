import { SchemaError } from '../compile-schema.js';
import type { Engine } from '../engine.js';
import { accessDenied, databaseError, notSaved } from '../errors.js';
import { sourceId } from '../schemas.js';
import type { Session } from '../session.js';
import { formatMoment } from '../values.js';
import type { XmlElement } from '../xml.js';
import { SCHEMAS_APART } from './write-context.js';
import { withOwnPrefixes } from './xml-content.js';

const DISPLAY_NAME = 'Source schemas (xtk:srcSchema)';

/** Writes or deletes source schemas, all or none. They have no effect until they are built. */
export function writeSources(documents: readonly XmlElement[], engine: Engine, session: Session): void {
  engine.registry.atomically(() => {
    for (const { attributes } of documents) assertSource(attributes.xtkschema);
    for (const document of documents) writeSource(withOwnPrefixes(document), engine, session);
  });
}

/** A member of a collection of sources has no need to say what it is, but nor may it be anything else. */
function assertSource(schemaId = 'xtk:srcSchema'): void {
  if (schemaId !== 'xtk:srcSchema') throw accessDenied(SCHEMAS_APART);
}

function writeSource(document: XmlElement, engine: Engine, session: Session): void {
  const { registry } = engine;
  const id = sourceId(document);
  const existing = registry.source(id);
  const { _operation: operation = 'insertOrUpdate', _key, ...attributes } = document.attributes;
  try {
    if (operation === 'delete') return void registry.remove(id);
    if (operation === 'none' || (operation === 'update' && !existing)) return;
    if (operation === 'insert' && existing) {
      const message = `ERROR: duplicate key value violates unique constraint: schema '${id}' already exists.`;
      throw notSaved(databaseError(message), DISPLAY_NAME);
    }
    const now = formatMoment(engine.clock.now());
    const audit = {
      entitySchema: 'xtk:srcSchema',
      xtkschema: 'xtk:srcSchema',
      created: existing?.attributes.created ?? now,
      'createdBy-id': existing?.attributes['createdBy-id'] ?? String(session.operator.id),
      lastModified: now,
      'modifiedBy-id': String(session.operator.id),
    };
    registry.write({ ...document, attributes: { ...attributes, ...audit } });
  } catch (error) {
    if (error instanceof SchemaError) throw notSaved(`XTK-170024 ${error.message}`, DISPLAY_NAME);
    throw error;
  }
}
