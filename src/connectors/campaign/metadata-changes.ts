import type { CallOptions } from '../../model/call.js';
import type { CampaignSchema } from '../../model/campaign-schema.js';
import { RemoteError } from '../../model/errors.js';
import { childElements, type XmlElement, xml } from '../../model/xml.js';
import type { MetadataChanges } from '../connector.js';
import type { SoapCaller } from './client.js';
import { unexpectedAnswer } from './errors.js';
import { fetchSchemaRows } from './schemas.js';
import { documentOutput } from './soap.js';

const METHOD = 'xtk:session#GetModifiedEntities';

/** Of builds that do not have the method. */
const UNKNOWN_METHOD: ReadonlySet<string | null> = new Set(['SOP-330005', 'SOP-330006']);

/**
 * Asks which schemas have changed, as clients do that keep them: Campaign is told the build and the time of its last answer, and says to
 * forget everything where it knows no better. A mark is those two. A build that cannot tell lists its schemas instead, with the times of
 * their last changes. Adobe's own client asks likewise: https://github.com/adobe/acc-js-sdk
 */
export async function readMetadataChanges(
  client: SoapCaller,
  known: readonly CampaignSchema[],
  mark: string | null,
  options?: CallOptions,
): Promise<MetadataChanges> {
  const { mark: next, changed } = await askForChanges(client, mark, options).catch((error: unknown) => {
    const isMissing = error instanceof RemoteError && UNKNOWN_METHOD.has(error.upstream.code);
    if (isMissing) return listChanges(client, known, mark, options);
    throw error;
  });
  return { mark: next, changed: changed && [...new Set([...changed, ...sharing(known, changed)])] };
}

async function askForChanges(
  client: SoapCaller,
  mark: string | null,
  options: CallOptions | undefined,
): Promise<MetadataChanges> {
  const [buildNumber, lastModified] = mark === null || listedUntil(mark) !== null ? [] : mark.split(' ');
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
  if (buildNumber === undefined || answer.attributes.emptyCache === 'true') return { mark: next, changed: null };
  return { mark: next, changed: childElements(answer, 'entityCache').flatMap(schemaName) };
}

/** A mark of the list is the time of the latest change in it, behind this word in place of a build. */
const LIST = 'list ';

function listedUntil(mark: string | null): string | null {
  return mark?.startsWith(LIST) ? mark.slice(LIST.length) : null;
}

async function listChanges(
  client: SoapCaller,
  known: readonly CampaignSchema[],
  mark: string | null,
  options: CallOptions | undefined,
): Promise<MetadataChanges> {
  const rows = await fetchSchemaRows(client, ['@lastModified', '@md5'], options);
  const until = listedUntil(mark);
  const latest = rows.map(({ attributes }) => attributes.lastModified ?? '').reduce(later, until ?? '');
  if (until === null) return { mark: LIST + latest, changed: null };
  const checksums = new Map(known.map(({ name, md5 }) => [name, md5]));
  // What was written in the moment of the last look, but behind it, is told by its checksum.
  const changed = rows.filter(({ name, attributes: { lastModified = '', md5 = null } }) =>
    lastModified === until ? checksums.has(name) && md5 !== checksums.get(name) : lastModified > until,
  );
  const listed = new Set(rows.map(({ name }) => name));
  const gone = known.filter(({ name }) => !listed.has(name));
  return { mark: LIST + latest, changed: [...changed, ...gone].map(({ name }) => name) };
}

/** Campaign writes all times in one form and in UTC, so that they sort as texts. */
function later(one: string, other: string): string {
  return one > other ? one : other;
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
