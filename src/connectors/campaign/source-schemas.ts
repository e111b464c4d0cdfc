import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import { type XmlElement, xml } from '../../model/xml.js';
import type { SoapCaller } from './client.js';
import { persist } from './persist.js';
import { fetchEntity } from './schemas.js';

/** The source schema of this name as it was authored, or null. */
export function readSourceSchema(client: SoapCaller, name: string, options?: CallOptions): Promise<XmlElement | null> {
  return fetchEntity(client, `xtk:srcSchema|${name}`, options);
}

/**
 * Writes a source schema, then has the compiled one built from it, as the console does on saving. A failure between the two
 * is mended by writing again. The tables of the database are not touched: that is the database update wizard's.
 */
export async function writeSourceSchema(
  client: SoapCaller,
  document: XmlElement,
  options?: CallOptions,
): Promise<void> {
  const name = fullName(document);
  const entity = { ...document, attributes: { ...document.attributes, ...WRITTEN_AS } };
  await persist(client, 'Write', entity, options);
  await callBuilder(client, 'BuildSchemaFromId', [name], options);
}

const WRITTEN_AS = { xtkschema: 'xtk:srcSchema', _operation: 'insertOrUpdate', _key: '@name,@namespace' };

/** Removes a source schema and what was built from it; nothing where there is none. */
export async function deleteSourceSchema(client: SoapCaller, name: string, options?: CallOptions): Promise<void> {
  const document = await readSourceSchema(client, name, options);
  if (document === null) return;
  const [namespace, ownName] = name.split(':');
  const extendedSchema = document.attributes.extendedSchema ?? '';
  const row = xml('srcSchema', { _operation: 'delete', namespace, name: ownName, extendedSchema });
  await persist(client, 'WriteCollection', xml('srcSchema-collection', { xtkschema: 'xtk:srcSchema' }, [row]), options);
  await callBuilder(client, 'RemoveSchemaLinkRef', [name, extendedSchema], options);
}

function fullName(document: XmlElement): string {
  const { namespace, name } = document.attributes;
  if (document.name === 'srcSchema' && namespace && name) return `${namespace}:${name}`;
  throw new RequestError('BAD_USER_INPUT', 'A source schema is a <srcSchema> element with a namespace and a name.');
}

async function callBuilder(
  client: SoapCaller,
  method: 'BuildSchemaFromId' | 'RemoveSchemaLinkRef',
  values: readonly string[],
  options?: CallOptions,
): Promise<void> {
  const names = ['schemaId', 'extendedSchema'];
  const parameters = values.map((value, index) => ({ name: names[index] ?? 'value', value }));
  await client.call({ service: 'xtk:builder', method, parameters, idempotent: true }, options);
}
