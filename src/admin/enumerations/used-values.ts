import type { CampaignConnector } from '../../connectors/campaign/campaign-connector.js';
import { valueAt } from '../../mapping/compare.js';
import { plainValue } from '../../mapping/convert.js';
import type { CallOptions } from '../../model/call.js';
import { type CampaignSchema, findAttribute, neutralPath, type SchemaAttribute } from '../../model/campaign-schema.js';
import { chunks } from '../../model/chunks.js';
import type { Filter } from '../../model/query.js';

/** An attribute whose records may hold the values of an enumeration. */
export interface ValuePlace {
  readonly schema: CampaignSchema;
  /** Path of the attribute, with or without `@`. */
  readonly path: string;
  /** True where it holds several values at once, as in `1,3`. */
  readonly several: boolean;
}

/** Which of these values any record holds at any of these places. Each request finds at least one more, or is the last of its place. */
export async function findUsedValues(
  campaign: CampaignConnector,
  places: readonly ValuePlace[],
  values: readonly string[],
  call: CallOptions,
): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  for (const place of places) {
    const attribute = findAttribute(place.schema, place.path);
    if (!attribute) continue;
    const find = place.several ? findAmongSeveral : findAlone;
    const possible = values.filter((value) => !used.has(value) && canHold(attribute, value));
    for (const value of await find(campaign, place, possible, call)) used.add(value);
  }
  return used;
}

/** Records read at once; each may show another value. */
const PAGE = 200;
/** Values named in one request. */
const MOST_VALUES = 500;

async function findAlone(
  campaign: CampaignConnector,
  { schema, path }: ValuePlace,
  values: readonly string[],
  call: CallOptions,
): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  const field = neutralPath(path);
  for (const some of chunks(values, MOST_VALUES)) {
    let asked = some;
    while (asked.length > 0) {
      const filter: Filter = { kind: 'in', path: field, values: asked };
      const page = await campaign.query({ from: schema, select: { fields: [field] }, filter, first: PAGE }, call);
      for (const record of page.records) used.add(String(plainValue(valueAt(record, field)) ?? ''));
      const left = asked.filter((value) => !used.has(value));
      asked = page.hasNextPage && left.length < asked.length ? left : [];
    }
  }
  return used;
}

async function findAmongSeveral(
  campaign: CampaignConnector,
  { schema, path }: ValuePlace,
  values: readonly string[],
  call: CallOptions,
): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  const field = neutralPath(path);
  for (const value of values) {
    const filter: Filter = {
      kind: 'or',
      filters: [
        { kind: 'compare', path: field, operator: 'eq', value },
        { kind: 'text', path: field, operator: 'startsWith', value: `${value},` },
        { kind: 'text', path: field, operator: 'endsWith', value: `,${value}` },
        { kind: 'text', path: field, operator: 'contains', value: `,${value},` },
      ],
    };
    const page = await campaign.query({ from: schema, select: { fields: [field] }, filter, first: 1 }, call);
    if (page.records.length > 0) used.add(value);
  }
  return used;
}

/** A number attribute can hold no `other`. */
function canHold(attribute: SchemaAttribute, value: string): boolean {
  return attribute.type === 'string' || attribute.type === 'memo' || /^-?\d{1,9}$/.test(value);
}
