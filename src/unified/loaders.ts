import DataLoader from 'dataloader';
import type { Connector } from '../connectors/connector.js';
import { type CampaignSchema, findAttribute, neutralPath } from '../model/campaign-schema.js';
import { chunks } from '../model/chunks.js';
import { isRefusal } from '../model/errors.js';
import type { Along, Filter, Page, RecordQuery, Scalar, Selection, Tie } from '../model/query.js';
import type { RecordData } from '../model/record.js';
import type { Table } from '../model/table.js';
import { type Remotes, readOptions } from './context.js';
import { IdList } from './id-list.js';
import {
  Answer,
  type Known,
  type Loaded,
  loaded,
  missingSelections,
  NOTHING_KNOWN,
  partsOf,
  pending,
  together,
} from './known-records.js';
import { exactNumber } from './read-filter.js';
import { isNothing, mergeSelections, NOTHING, subtractSelection, valueAt } from './selections.js';
import { createTiedLists, type TiedList, type TiedLists } from './tied-lists.js';

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
   * fields of a record that this request has read before are not read again. What is welcome along comes where all of a tick agree on it.
   */
  load(id: string, selection: Selection, along?: PlannedAlong): Promise<RecordData | null>;
  /** What `load` would give for each of these ids, in their order; an error stands for each record that could not be read. */
  loadMany(list: IdList, selection: Selection): Promise<readonly Loaded[]>;
  /** What `load` would give, where this request has read it; undefined where it has not. */
  peek(id: string, selection: Selection): RecordData | null | undefined;
  /** One page of records, remembered for later loads, as is what came along. The key is always selected too. */
  page(query: PageQuery): Promise<Page>;
  /** The page of each value of a tie that can be gathered, remembered likewise. */
  pageEach(query: PageQuery, tie: Tie): Promise<ReadonlyMap<Scalar, Page>>;
  /** Remembers records that came along with others. */
  bring(selection: Selection, records: readonly RecordData[]): void;
}

export interface PageQuery extends Omit<RecordQuery<unknown>, 'from' | 'along'> {
  readonly along?: PlannedAlong;
}

/** Related records that are welcome with others. */
export interface PlannedAlong extends Along {
  /** `lists`, as the fields that show them know them. */
  readonly tied: readonly TiedList[];
  /** Equal where the like is welcome. */
  readonly signature: string;
}

/** The loaders of one GraphQL request, made when first asked for. */
export interface Loaders {
  /** Dynamics records by their id. */
  table(table: Table): RecordLoader;
  /** Campaign records by their primary key, which must be a single attribute. */
  schema(schema: CampaignSchema): RecordLoader;
  /** Campaign records by the attribute that holds a Dynamics id, as a table mapping names it (`@crmId`). Ids are lower-case GUIDs. */
  mapped(schema: CampaignSchema, key: string): RecordLoader;
  /** Lists that hang on records of either system. */
  readonly lists: TiedLists;
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

  function tableLoader(table: Table): RecordLoader {
    return once(`table ${table.logicalName}`, () => loaderOf(remotes, remotes.dynamics, byTableId(table), takers));
  }

  function keepAlong(planned: PlannedAlong, page: Page, ids: readonly string[]): void {
    for (const { from, select, records } of page.along?.records ?? []) tableLoader(from).bring(select, records);
    for (const [index, list] of planned.lists.entries()) {
      const pages = page.along?.lists.get(list);
      const tied = planned.tied[index];
      if (!tied || !pages) continue;
      made.lists.bring(tied, ids, pages);
      for (const one of pages) if (one) tied.records(made).bring(list.select, one.records);
    }
  }

  const takers: AlongTakers = {
    take: keepAlong,
    refuse({ tied }) {
      for (const list of tied) made.lists.refuse(list);
    },
  };

  // No accessor: V8 makes a hidden class of its own for each object that is written with one, and what that holds of this request is
  // only given up by the slow collections, with all that hangs on it.
  const made: Loaders & { lists: TiedLists } = {
    table: tableLoader,
    schema: (schema) => once(`schema ${schema.name}`, () => loaderOf(remotes, remotes.campaign, byPrimaryKey(schema))),
    mapped: (schema, key) =>
      once(`schema ${schema.name} by ${key}`, () => loaderOf(remotes, remotes.campaign, byDynamicsId(schema, key))),
    lists: createTiedLists(() => made),
    clear() {
      loaders.clear();
      made.lists = createTiedLists(() => made);
    },
  };
  return made;
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
  /** The records with these keys. */
  readonly filter: (keys: IdList) => Filter;
}

function byTableId(table: Table): Kind<Table> {
  return {
    from: table,
    path: table.primaryId,
    key: { fields: [table.primaryId] },
    limit: MAX_DYNAMICS_IDS,
    first: (keys) => keys,
    normalize: (key) => key.toLowerCase(),
    filter: (ids) => ids.filterOn(table.primaryId),
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
    filter: (keys) => (isNumeric ? { kind: 'in', path, values: keys.distinct.map(exactNumber) } : keys.filterOn(path)),
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
    normalize: (key) => key.toLowerCase(),
    filter: (ids) => ids.filterOn(path),
  };
}

/** What becomes of related records that come along, or are refused. */
interface AlongTakers {
  take(planned: PlannedAlong, page: Page, ids: readonly string[]): void;
  refuse(planned: PlannedAlong): void;
}

/** What is known of the records of an answer, of which some may not be there. */
interface KnownOfSome {
  readonly ids: readonly string[];
  readonly known: readonly [Known];
}

interface Wanted {
  readonly list: IdList;
  readonly selection: Selection;
  readonly along?: PlannedAlong | undefined;
}

function loaderOf<Description extends Summary, Summary>(
  remotes: Remotes,
  connect: () => Promise<Connector<Description, Summary>>,
  kind: Kind<Description>,
  takers: AlongTakers | null = null,
): RecordLoader {
  const known = new Map<string, readonly Known[]>();
  /** What is to be sorted into `known` as soon as somebody asks for more. */
  const unsorted: (KnownOfSome | { readonly selection: Selection; readonly records: readonly RecordData[] })[] = [];
  // DataLoader gathers a tick's loads; its own cache knows nothing of selections and is left off.
  const gather = new DataLoader<Wanted, readonly Loaded[]>(loadAll, { cache: false });

  function loadAll(wanted: readonly Wanted[]): Promise<(readonly Loaded[])[]> {
    const asked = known.size === 0 && unsorted.length === 0 ? asOneRequest(wanted, kind.limit) : null;
    return asked ? loadFirst(wanted, asked) : loadMissing(wanted);
  }

  /** Where nothing is known, all is in one answer, and most requests want no more of these records than that. */
  async function loadFirst(wanted: readonly Wanted[], asked: Wanted): Promise<(readonly Loaded[])[]> {
    const { list, selection, along } = asked;
    const answer = new Answer(fetchRecords(list, selection, along), idOf);
    unsorted.push({ ids: list.distinct, known: [{ selection, at: answer }] });
    await answer.settled;
    return wanted.map((one) => answer.recordsOf(one.list));
  }

  async function loadMissing(wanted: readonly Wanted[]): Promise<(readonly Loaded[])[]> {
    sortIn();
    const missing = missingSelections(wanted, known);
    const [first = NOTHING, ...others] = new Set(missing.values());
    const rest = others.length === 0 ? first : mergeSelections(first, ...others);
    // Records are told apart by their key, also where only further fields of known ones are missing.
    const select = isNothing(subtractSelection(kind.key, rest)) ? rest : mergeSelections(kind.key, rest);
    const along = agreedAlong(wanted.filter(({ list }) => list.ids.some((id) => missing.has(id))));
    for (const ids of chunks([...missing.keys()], kind.limit)) {
      const answer: [Known] = [
        { selection: select, at: new Answer(fetchRecords(new IdList(ids), select, along), idOf) },
      ];
      for (const id of ids) remember(id, answer);
    }
    const parts = wanted.map(({ list, selection }) =>
      list.ids.map((id) => partsOf(known.get(id) ?? NOTHING_KNOWN, selection)),
    );
    await Promise.all(pending(parts));
    return wanted.map(({ list }, index) => list.ids.map((id, at) => loaded(id, parts[index]?.[at] ?? NOTHING_KNOWN)));
  }

  async function fetchRecords(
    list: IdList,
    select: Selection,
    along: PlannedAlong | undefined,
  ): Promise<readonly RecordData[]> {
    const page = await query({
      select,
      filter: kind.filter(list),
      first: kind.first(list.distinct.length),
      ...(along && { along }),
    });
    return page.records;
  }

  /** Where a remote refuses what is welcome along, it is asked once more without: the fields that need it meet the fault themselves. */
  async function query(pageQuery: PageQuery): Promise<Page> {
    const { along, ...alone } = pageQuery;
    if (!along || !takers) return ask(alone);
    let page: Page;
    try {
      page = await ask({ ...alone, along });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      takers.refuse(along);
      return ask(alone);
    }
    takers.take(along, page, page.records.map(idOf));
    return page;
  }

  async function ask(pageQuery: Omit<RecordQuery<unknown>, 'from'>): Promise<Page> {
    const connector = await connect();
    return connector.query(described(pageQuery), readOptions(remotes));
  }

  function described(pageQuery: Omit<RecordQuery<unknown>, 'from'>): RecordQuery<Description> {
    // What a page of one kind of records leads to is described as that kind is.
    const { languages } = remotes;
    return { ...pageQuery, from: kind.from, ...(languages && { languages }) } as RecordQuery<Description>;
  }

  function withKey(selection: Selection): Selection {
    return withFields(kind.key, selection);
  }

  /** Adds what is known; all records of an answer share it. What holds the same fields as something known before adds nothing. */
  function remember(id: string, added: readonly [Known]): void {
    const before = known.get(id);
    if (!before) known.set(id, added);
    else if (!before.some(({ selection }) => selection === added[0].selection)) known.set(id, [...before, ...added]);
  }

  /** Long lists are often never asked for by id, so that their records are sorted in only when one is. */
  function sortIn(): void {
    for (const some of unsorted.splice(0)) {
      if ('known' in some) for (const id of some.ids) remember(id, some.known);
      else for (const record of some.records) remember(idOf(record), [{ selection: some.selection, at: { record } }]);
    }
  }

  function bring(selection: Selection, records: readonly RecordData[]): void {
    if (records.length > 0) unsorted.push({ selection: withKey(selection), records });
  }

  function idOf(record: RecordData): string {
    return kind.normalize(String(valueAt(record, kind.path)));
  }

  return {
    async load(id, selection, along) {
      const key = kind.normalize(id);
      const [found = null] = await gather.load({ list: new IdList([key]), selection: withKey(selection), along });
      if (found instanceof Error) throw found;
      return found;
    },

    loadMany: (list, selection) => gather.load({ list, selection: withKey(selection) }),

    peek(id, selection) {
      sortIn();
      const key = kind.normalize(id);
      const whole = withKey(selection);
      const entries = known.get(key) ?? NOTHING_KNOWN;
      const parts = partsOf(entries, whole);
      if (parts.length === 0 || pending([[parts]]).length > 0 || !together(parts, whole)) return undefined;
      const found = loaded(key, parts);
      return found instanceof Error ? undefined : found;
    },

    bring,

    async page(pageQuery) {
      const select = withKey(pageQuery.select);
      const page = await query({ ...pageQuery, select });
      bring(select, page.records);
      return page;
    },

    async pageEach({ along: _, ...pageQuery }, tie) {
      const select = withKey(pageQuery.select);
      const connector = await connect();
      const pages = await connector.queryEach(described({ ...pageQuery, select }), tie, readOptions(remotes));
      for (const page of pages.values()) bring(select, page.records);
      return pages;
    },
  };
}

/** Gives the same object for the same selection, so that the like loads of a long list, and of other requests, are merged at the cost of one. */
function withFields(key: Selection, selection: Selection): Selection {
  const name = key.fields.join();
  const known = wholeSelections.get(selection) ?? new Map<string, Selection>();
  wholeSelections.set(selection, known);
  const whole = known.get(name) ?? mergeSelections(key, selection);
  known.set(name, whole);
  return whole;
}

const wholeSelections = new WeakMap<Selection, Map<string, Selection>>();

/** All that is wanted as one request asks for it; null where it takes several, or none. */
function asOneRequest(wanted: readonly Wanted[], limit: number): Wanted | null {
  const [one, ...others] = wanted;
  if (!one || isNothing(one.selection) || others.some(({ selection }) => selection !== one.selection)) return null;
  const list = others.length === 0 ? one.list : new IdList(wanted.flatMap((each) => each.list.ids));
  const { length } = list.distinct;
  return length > 0 && length <= limit ? { list, selection: one.selection, along: agreedAlong(wanted) } : null;
}

/** What all welcome along; nothing where they differ. */
function agreedAlong(asking: readonly Wanted[]): PlannedAlong | undefined {
  const along = asking[0]?.along;
  return asking.every((one) => one.along?.signature === along?.signature) ? along : undefined;
}
