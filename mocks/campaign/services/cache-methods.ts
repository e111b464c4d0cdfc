import { MethodError } from '../errors.js';
import { castMoment, ValueError } from '../values.js';
import { type XmlElement, xml } from '../xml.js';
import { findEntity } from './entities.js';
import { type MethodCall, type Methods, requiredElement } from './method.js';
import { rowSchema, textOf } from './records.js';
import { VERSION } from './session-methods.js';

/** What clients that cache entities ask to learn which of them have changed. */
export const CACHE_METHODS: Methods = {
  /**
   * Tells which schemas or options changed since a moment. A client that was never told a moment, or that knew another build, is
   * told to empty its cache.
   */
  GetModifiedEntities: (call) => {
    const asked = requiredElement(call, 0, 'The list of entities');
    const { buildNumber, lastModified } = asked.attributes;
    const isNew = buildNumber !== VERSION.build || lastModified === undefined;
    const attributes = {
      buildNumber: VERSION.build,
      time: call.view.now().toISOString(),
      emptyCache: isNew ? 'true' : undefined,
    };
    const since = isNew ? '' : moment(lastModified);
    const changed = isNew ? [] : asked.children.flatMap((type) => modifiedEntities(type.name, since, call));
    return [{ name: 'pdomDirtyEntities', type: 'element', element: xml('cache', attributes, changed) }];
  },

  /** Tells which of the entities that a client names, each with the md5 it knows, are not as it knows them. */
  GetDirtyCacheEntities: (call) => {
    const asked = requiredElement(call, 0, 'The list of entities');
    const dirty = asked.children.filter(({ attributes }) => {
      const entity = findEntity(attributes.pk ?? '', call);
      return entity?.md5 !== (attributes.md5 ?? '').toUpperCase();
    });
    const element = xml('cache', { buildNumber: VERSION.build, time: call.view.now().toISOString() }, dirty);
    return [{ name: 'pdomDirtyEntities', type: 'element', element }];
  },
};

function modifiedEntities(type: string, since: string, call: MethodCall): XmlElement[] {
  const entity = (pk: string, md5: string | undefined, lastModified: string) =>
    xml('entityCache', { lastModified, md5, pk, schema: type });
  if (type === 'xtk:schema') {
    const { registry } = call.engine;
    return registry
      .modifiedSince(since)
      .map(({ id, at }) => entity(`${type}|${id}`, registry.current.schema(id)?.md5, at));
  }
  const schema = rowSchema(type, call);
  if (!schema.root.attributes.has('name')) throw new MethodError([`XTK-170006 '${type}' cannot be cached by name.`]);
  const rows = [...call.view.tableOf(schema).rows()].filter((row) => textOf(row, 'lastModified') >= since);
  return rows.map((row) => {
    const pk = `${type}|${textOf(row, 'name')}`;
    return entity(pk, findEntity(pk, call)?.md5, textOf(row, 'lastModified'));
  });
}

function moment(text: string): string {
  try {
    return castMoment(text);
  } catch (error) {
    if (error instanceof ValueError) throw new MethodError([`XTK-170006 '${text}' is not a date and time.`]);
    throw error;
  }
}
