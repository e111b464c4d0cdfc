import DataLoader from 'dataloader';
import { asError, RequestError } from '../model/errors.js';
import { type Page, type Scalar, type Tie, tiedTo } from '../model/query.js';
import type { Loaders, PageQuery, RecordLoader } from './loaders.js';
import { covers, mergeSelections } from './selections.js';

/** A list that hangs on records: the records of another kind that hold a value of the one at hand. */
export interface TiedList {
  /** Equal for lists that are asked for alike, whatever they select. */
  readonly key: string;
  /** What is asked for, but for the tie. */
  readonly query: PageQuery;
  /** Where the records hold the value. */
  readonly path: string;
  /** Of Dynamics: the kind of record that it hangs on, and the navigation property that leads to it. */
  readonly parent?: Tie['parent'];
  /** Finds the loader of the records in it. */
  readonly records: (loaders: Loaders) => RecordLoader;
}

/** The lists that one GraphQL request has read of records. */
export interface TiedLists {
  /**
   * The page of a list that hangs on the record with a value: at once where it has been read, else with those of all records that are asked
   * for the same list in this tick.
   */
  page(list: TiedList, value: Scalar): Page | Promise<Page>;
  /** Remembers pages that came along with records; null for one that did not come. */
  bring(list: TiedList, values: readonly Scalar[], pages: readonly (Page | null)[]): void;
  /** Remembers that a remote refused to bring a list along, so that it is asked for by itself. */
  refuse(list: TiedList): void;
}

interface Brought {
  readonly list: TiedList;
  readonly page: Page;
}

interface Wanted {
  readonly list: TiedList;
  readonly value: Scalar;
}

export function createTiedLists(loaders: () => Loaders): TiedLists {
  const brought = new Map<string, Map<string, Brought>>();
  const gathers = new Map<string, DataLoader<Wanted, Page>>();
  /** Keys of lists that are not expanded again, as they did not come along. */
  const refused = new Set<string>();

  function find({ key, query }: TiedList, value: Scalar): Page | undefined {
    const found = brought.get(key)?.get(textOf(value));
    return found && covers(found.list.query.select, query.select) ? found.page : undefined;
  }

  function keep(list: TiedList, value: Scalar, page: Page): void {
    const pages = brought.get(list.key) ?? new Map<string, Brought>();
    brought.set(list.key, pages.set(textOf(value), { list, page }));
  }

  function gatherOf({ key }: TiedList): DataLoader<Wanted, Page> {
    // DataLoader gathers a tick's pages; its own cache knows nothing of selections and is left off.
    const gather = gathers.get(key) ?? new DataLoader<Wanted, Page>(readAll, { cache: false });
    gathers.set(key, gather);
    return gather;
  }

  async function readAll(wanted: readonly Wanted[]): Promise<(Page | Error)[]> {
    const [one] = wanted;
    if (!one) return [];
    const list = withSelections(one.list, wanted);
    const values = [...new Map(wanted.map(({ value }) => [textOf(value), value])).values()];
    const gathered = await readGathered(list, values);
    const pages = await Promise.all(values.map((value) => gathered.get(value) ?? readOne(list, value).catch(asError)));
    const byText = new Map(values.map((value, index) => [textOf(value), pages[index]]));
    for (const [index, value] of values.entries()) {
      const page = pages[index];
      if (page && !(page instanceof Error)) keep(list, value, page);
    }
    return wanted.map(({ value }) => byText.get(textOf(value)) ?? new Error('A list was not read.'));
  }

  /** One record's list is asked for by itself, and so is one that continues after a cursor, which belongs to one record. */
  async function readGathered(list: TiedList, values: readonly Scalar[]): Promise<ReadonlyMap<Scalar, Page>> {
    if (values.length === 1 || list.query.after !== undefined) return NONE;
    const { path, parent, records, query, key } = list;
    const tie = { path, values, ...(parent && !refused.has(key) && { parent }) };
    try {
      return await records(loaders()).pageEach(query, tie);
    } catch (error) {
      // Nothing was sent; asked for by itself, each list meets what is wrong with it.
      if (error instanceof RequestError) return NONE;
      throw error;
    }
  }

  function readOne({ records, query, path }: TiedList, value: Scalar): Promise<Page> {
    return records(loaders()).page(tiedTo(query, path, value));
  }

  return {
    page: (list, value) => find(list, value) ?? gatherOf(list).load({ list, value }),
    bring(list, values, pages) {
      if (pages.includes(null)) refused.add(list.key);
      for (const [index, page] of pages.entries()) {
        const value = values[index];
        if (page && value !== undefined) keep(list, value, page);
      }
    },
    refuse: ({ key }) => void refused.add(key),
  };
}

const NONE: ReadonlyMap<Scalar, Page> = new Map();

/** The list with all that is selected of it in one tick. */
function withSelections(list: TiedList, wanted: readonly Wanted[]): TiedList {
  const selections = new Set(wanted.map((one) => one.list.query.select));
  if (selections.size === 1) return list;
  return { ...list, query: { ...list.query, select: mergeSelections(...selections) } };
}

/** Values are told apart as text; ids of Dynamics are given in lower case. */
function textOf(value: Scalar): string {
  return String(value);
}
