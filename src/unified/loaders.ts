import DataLoader from 'dataloader';
import type { Connector } from '../connectors/connector.js';
import { type CampaignSchema, findAttribute, neutralPath } from '../model/campaign-schema.js';
import type { Page, RecordQuery, Scalar, Selection } from '../model/query.js';
import type { RecordData } from '../model/record.js';
import type { Table } from '../model/table.js';
import type { Remotes } from './context.js';
import { isNothing, mergeRecords, mergeSelections, NOTHING, subtractSelection, valueAt } from './selections.js';

/** Ids a Dynamics request may name: their filter stands in a URL, which Dynamics and what lies before it bound in length. */
export const MAX_DYNAMICS_IDS = 100;

/** Key values a Campaign request may name: its filter becomes one SQL IN list. */
export const MAX_CAMPAIGN_KEYS = 500;

/** As many records as one query may give. */
const MAX_RECORDS = 5000;

/** Reads records of one kind within one GraphQL request. */
export interface RecordLoader {
  /**
   * The record with this id, holding at least what is selected, or null where there is none. The ids of one tick go out together;
   * fields of a record that this request has read before are not read again.
   */
  load(id: string, selection: Selection): Promise<RecordData | null>;
  /** One page of records, remembered for later loads. The key is always selected too. */
  page(query: PageQuery): Promise<Page>;
}

export type PageQuery = Omit<RecordQuery<unknown>, 'from'>;

/** The loaders of one GraphQL request, made when first asked for. */
export interface Loaders {
  /** Dynamics records by their id. */
  table(table: Table): RecordLoader;
  /** Campaign records by their primary key, which must be a single attribute. */
  schema(schema: CampaignSchema): RecordLoader;
  /** Campaign records by the attribute that holds a Dynamics id, as a table mapping names it (`@crmId`). Ids are lower-case GUIDs. */
  mapped(schema: CampaignSchema, key: string): RecordLoader;
  /** Forgets all that was read, as after a write. Loaders handed out before keep what they know. */
  clear(): void;
}

/** Makes the loaders of one GraphQL request. They must not outlive it: what they have read is read again only after `clear`. */
export function createLoaders(remotes: Remotes): Loaders {
  const loaders = new Map<string, RecordLoader>();

  function once(name: string, create: () => RecordLoader): RecordLoader {
    const loader = loaders.get(name) ?? create();
    loaders.set(name, loader);
    return loader;
  }

  return {
    table: (table) => once(`table ${table.logicalName}`, () => loaderOf(remotes, remotes.dynamics, byTableId(table))),
    schema: (schema) => once(`schema ${schema.name}`, () => loaderOf(remotes, remotes.campaign, byPrimaryKey(schema))),
    mapped: (schema, key) =>
      once(`schema ${schema.name} by ${key}`, () => loaderOf(remotes, remotes.campaign, byDynamicsId(schema, key))),
    clear: () => loaders.clear(),
  };
}

/** How records of one kind are told apart. */
interface Kind<Description> {
  readonly from: Description;
  /** Neutral path of the key. */
  readonly path: string;
  /** Selected with every record. */
  readonly key: Selection;
  /** Keys one request may name. */
  readonly limit: number;
  /** Records one such request may give: more than keys where a key is not unique. */
  readonly first: (keys: number) => number;
  /** The form in which two spellings of a key are equal. */
  readonly normalize: (key: string) => string;
  readonly toScalar: (key: string) => Scalar;
}

function byTableId(table: Table): Kind<Table> {
  return {
    from: table,
    path: table.primaryId,
    key: { fields: [table.primaryId] },
    limit: MAX_DYNAMICS_IDS,
    first: (keys) => keys,
    normalize: (key) => key.toLowerCase(),
    toScalar: (key) => key,
  };
}

function byPrimaryKey(schema: CampaignSchema): Kind<CampaignSchema> {
  const path = schema.keys[0]?.fields[0] ?? '';
  const isNumeric = ['byte', 'short', 'long'].includes(findAttribute(schema, path)?.type ?? '');
  return {
    from: schema,
    path,
    key: { fields: schema.keys[0]?.fields ?? [] },
    limit: MAX_CAMPAIGN_KEYS,
    first: (keys) => keys,
    normalize: (key) => key,
    toScalar: (key) => (isNumeric ? Number(key) : key),
  };
}

function byDynamicsId(schema: CampaignSchema, key: string): Kind<CampaignSchema> {
  const path = neutralPath(key);
  return {
    from: schema,
    path,
    key: { fields: [path] },
    limit: MAX_CAMPAIGN_KEYS,
    // Nothing in Campaign need keep two records from holding one Dynamics id; a tight bound could cut others off.
    first: () => MAX_RECORDS,
    normalize: (value) => value.toLowerCase(),
    toScalar: (value) => value,
  };
}

/** What this request knows or is about to know of a record. */
interface Known {
  readonly selection: Selection;
  readonly record: RecordData | null | Promise<RecordData | null>;
}

interface Wanted {
  readonly id: string;
  readonly selection: Selection;
}

function loaderOf<Description extends Summary, Summary>(
  remotes: Remotes,
  connect: () => Promise<Connector<Description, Summary>>,
  kind: Kind<Description>,
): RecordLoader {
  const known = new Map<string, Known[]>();
  const withKeys = new WeakMap<Selection, Selection>();
  // DataLoader gathers a tick's loads; its own cache knows nothing of selections and is left off.
  const gather = new DataLoader<Wanted, RecordData | null>(loadAll, { cache: false });

  async function loadAll(wanted: readonly Wanted[]): Promise<(RecordData | null | Error)[]> {
    const missing = missingSelections(wanted, known);
    const [first = NOTHING, ...others] = new Set(missing.values());
    const select = others.length === 0 ? first : mergeSelections(first, ...others);
    for (const ids of chunks([...missing.keys()], kind.limit)) {
      const records = fetchRecords(ids, select);
      for (const id of ids) remember(id, { selection: select, record: records.then((found) => found.get(id) ?? null) });
    }
    return Promise.all(wanted.map((one) => answer(one, known.get(one.id) ?? []).catch(asError)));
  }

  async function fetchRecords(ids: readonly string[], select: Selection): Promise<ReadonlyMap<string, RecordData>> {
    const page = await query({
      select,
      filter: { kind: 'in', path: kind.path, values: ids.map(kind.toScalar) },
      first: kind.first(ids.length),
    });
    const records = new Map<string, RecordData>();
    for (const record of page.records) {
      const id = idOf(record);
      if (!records.has(id)) records.set(id, record);
    }
    return records;
  }

  async function query(pageQuery: PageQuery): Promise<Page> {
    const connector = await connect();
    // What a page of one kind of records leads to is described as that kind is.
    const { languages } = remotes;
    const described = { ...pageQuery, from: kind.from, ...(languages && { languages }) } as RecordQuery<Description>;
    return connector.query(described, { signal: remotes.signal, onCall: remotes.onCall });
  }

  /** Gives the same object for the same selection, so that the like loads of a long list are merged at the cost of one. */
  function withKey(selection: Selection): Selection {
    const whole = withKeys.get(selection) ?? mergeSelections(kind.key, selection);
    withKeys.set(selection, whole);
    return whole;
  }

  function remember(id: string, entry: Known): void {
    const entries = known.get(id);
    if (entries) entries.push(entry);
    else known.set(id, [entry]);
  }

  function idOf(record: RecordData): string {
    return kind.normalize(String(valueAt(record, kind.path)));
  }

  return {
    load: (id, selection) => gather.load({ id: kind.normalize(id), selection: withKey(selection) }),

    async page(pageQuery) {
      const select = withKey(pageQuery.select);
      const page = await query({ ...pageQuery, select });
      for (const record of page.records) remember(idOf(record), { selection: select, record });
      return page;
    },
  };
}

/** What is still to be read, by id. */
function missingSelections(
  wanted: readonly Wanted[],
  known: ReadonlyMap<string, readonly Known[]>,
): ReadonlyMap<string, Selection> {
  const missing = new Map<string, Selection>();
  for (const { id, selection } of wanted) {
    const rest = (known.get(id) ?? []).reduce((left, entry) => subtractSelection(left, entry.selection), selection);
    if (isNothing(rest)) continue;
    const others = missing.get(id);
    missing.set(id, others ? mergeSelections(others, rest) : rest);
  }
  return missing;
}

/** Puts a record together from the answers that hold its fields. A fault in an answer that holds none of them does no harm. */
async function answer(wanted: Wanted, known: readonly Known[]): Promise<RecordData | null> {
  const whole = known.find(({ selection }) => selection === wanted.selection);
  if (whole) return whole.record;
  const parts: Known['record'][] = [];
  let left = wanted.selection;
  for (const entry of known) {
    const rest = subtractSelection(left, entry.selection);
    if (countFields(rest) < countFields(left)) parts.push(entry.record);
    left = rest;
  }
  const records = await Promise.all(parts);
  const found = records.filter((record) => record !== null);
  return found.length < records.length ? null : mergeRecords(found);
}

function countFields(selection: Selection): number {
  const nested = Object.values(selection.nested ?? {});
  return nested.reduce((sum, inner) => sum + 1 + countFields(inner), selection.fields.length);
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const parts: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
