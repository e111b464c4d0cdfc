import type { CallOptions } from '../../model/call.js';
import type { CampaignSchema } from '../../model/campaign-schema.js';
import { childElements, type XmlElement, xml } from '../../model/xml.js';
import type { MetadataChanges } from '../connector.js';
import type { SoapCaller } from './client.js';
import { unexpectedAnswer } from './errors.js';
import { documentOutput } from './soap.js';

const METHOD = 'xtk:session#GetModifiedEntities';

/**
 * Asks which schemas have changed, as clients do that keep them: Campaign is told the build and the time of its last answer, and says to
 * forget everything where it knows no better. A mark is those two.
 * Adobe's own client does so: https://github.com/adobe/acc-js-sdk
 */
export async function readMetadataChanges(
  client: SoapCaller,
  known: readonly CampaignSchema[],
  mark: string | null,
  options?: CallOptions,
): Promise<MetadataChanges> {
  const [buildNumber, lastModified] = mark?.split(' ') ?? [];
  const asked = xml('cache', { buildNumber, lastModified }, [xml('xtk:schema', { 'xmlns:xtk': 'urn:xtk:schema' })]);
  const call = {
    service: 'xtk:session',
    method: 'GetModifiedEntities',
    parameters: [{ name: 'cacheEntities', value: asked }],
    idempotent: true,
  };
  const answer = documentOutput((await client.call(call, options))[0]);
  if (!answer?.attributes.time) throw unexpectedAnswer(METHOD, 'no time');
  const next = `${answer.attributes.buildNumber} ${answer.attributes.time}`;
  if (mark === null || answer.attributes.emptyCache === 'true') return { mark: next, changed: null };
  const changed = childElements(answer, 'entityCache').flatMap(schemaName);
  return { mark: next, changed: [...new Set([...changed, ...sharing(known, changed)])] };
}

/** `xtk:schema|nms:recipient` → `nms:recipient` */
function schemaName({ attributes: { pk = '' } }: XmlElement): readonly string[] {
  const [entity, name] = pk.split('|');
  return entity === 'xtk:schema' && name ? [name] : [];
}

/** Schemas that have an enumeration of a changed one, as `nms:recipient:gender` of `nms:recipient`. */
function sharing(known: readonly CampaignSchema[], changed: readonly string[]): readonly string[] {
  const isOfChanged = (enumeration: string) => changed.some((name) => enumeration.startsWith(`${name}:`));
  return known.filter(({ enumerations }) => enumerations.some(({ name }) => isOfChanged(name))).map(({ name }) => name);
}
