import type { CallOptions } from '../../model/call.js';
import type { XmlElement } from '../../model/xml.js';
import type { SoapCaller } from './client.js';

/**
 * Writes a document (`Write`) or a collection of them (`WriteCollection`). Each record says by `_operation` what to do with it and by
 * `_key` what it is found by. Repeating is harmless unless a record has the operation `insert`.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 */
export async function persist(
  client: SoapCaller,
  method: 'Write' | 'WriteCollection',
  document: XmlElement,
  options?: CallOptions,
): Promise<void> {
  const idempotent = !inserts(document);
  await client.call(
    { service: 'xtk:persist', method, parameters: [{ name: 'domDoc', value: document }], idempotent },
    options,
  );
}

function inserts(node: XmlElement | string): boolean {
  if (typeof node === 'string') return false;
  return node.attributes._operation === 'insert' || node.children.some(inserts);
}
