import { RequestError } from '../../model/errors.js';
import { keepLast } from '../../model/keep-last.js';
import type { Along, AlongList, AlongLookup, RecordQuery, Selection } from '../../model/query.js';
import type { Column, Table } from '../../model/table.js';
import { compileOrder, compileSelect, selectedColumns } from './compile-columns.js';
import { compileExpandedFilter, isExpandable } from './compile-filter.js';

/** Dataverse joins at most this many tables in one query. */
export const MAX_EXPANDS = 15;

/** A collection inside a row holds at most this many rows. */
const MAX_EXPANDED_ROWS = 5_000;

/**
 * Values that the lists of one answer may hold in all, a row's own overhead counted as three. Dynamics has no such bound, but bids to
 * beware of answers that grow without one.
 */
const MAX_VALUES_ALONG = 400_000;
const ROW_OVERHEAD = 3;

/** What of an `Along` one request brings, in the words of the Web API. */
export interface CompiledAlong extends Along {
  /** Items of `$expand`. */
  readonly items: readonly string[];
  readonly columns: readonly Column[];
}

export const NOTHING_ALONG: CompiledAlong = { lookups: [], lists: [], items: [], columns: [] };

/**
 * Chooses what one request can bring along, by the rules of `$expand`: at most fifteen; `$top` and `$orderby` not beside an `$expand`
 * within another; relationships of many to many not beside any other kind. Lists come before lookups, as each that is left out costs a
 * request of its own, and what is left out is no error. `taken` are the expansions of the query itself.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/join-tables
 */
export function compileAlong(query: RecordQuery<Table>, taken: number): CompiledAlong {
  const { along, from, first, select } = query;
  if (!along) return NOTHING_ALONG;
  return kept(along, [from, first, select.nested, taken], () => chooseAlong(query, along, taken));
}

const kept = keepLast<CompiledAlong>();

function chooseAlong({ from, first, select }: RecordQuery<Table>, along: Along, taken: number): CompiledAlong {
  const lists = isDeep(select) ? [] : compileLists(along.lists, first);
  const toMany = lists.filter(({ list }) => isManyToMany(from, list));
  const fromMany = lists.filter(({ list }) => !isManyToMany(from, list));
  if (taken === 0 && toMany.length > fromMany.length + along.lookups.length)
    return gather(toMany.slice(0, MAX_EXPANDS), []);
  const chosen = fromMany.slice(0, MAX_EXPANDS - taken);
  const lookups = along.lookups.filter(({ navigation }) => select.nested?.[navigation] === undefined);
  const depth = chosen.length > 0 ? 1 : MAX_EXPANDS;
  return gather(chosen, compileLookups(lookups, { left: MAX_EXPANDS - taken - chosen.length }, depth));
}

interface CompiledList {
  readonly list: AlongList;
  readonly item: string;
}

interface CompiledLookup {
  readonly lookup: AlongLookup;
  readonly item: string;
  readonly columns: readonly Column[];
}

function gather(lists: readonly CompiledList[], lookups: readonly CompiledLookup[]): CompiledAlong {
  return {
    lists: lists.map(({ list }) => list),
    lookups: lookups.map(({ lookup }) => lookup),
    items: [...lists, ...lookups].map(({ item }) => item),
    columns: [
      ...lists.flatMap(({ list }) => selectedColumns(list.from, list.select)),
      ...lookups.flatMap(({ columns }) => columns),
    ],
  };
}

function isDeep(select: Selection): boolean {
  return Object.values(select.nested ?? {}).some((inner) => Object.keys(inner.nested ?? {}).length > 0);
}

function isManyToMany(table: Table, { navigation }: AlongList): boolean {
  return table.relationships.some((it) => it.navigation === navigation && it.kind === 'many-to-many');
}

/** The lists that can be expanded, each navigation property once, as long as their rows stay within bounds. */
function compileLists(lists: readonly AlongList[], parents: number): readonly CompiledList[] {
  const chosen = new Map<string, CompiledList>();
  let values = 0;
  for (const list of lists) {
    const grown = values + parents * valuesOf(list);
    if (chosen.has(list.navigation) || grown > MAX_VALUES_ALONG) continue;
    const item = compileList(list);
    if (item === null) continue;
    chosen.set(list.navigation, { list, item });
    values = grown;
  }
  return [...chosen.values()];
}

/** Of how many records one request can bring this list. */
export function parentsAtOnce(list: AlongList): number {
  return Math.floor(MAX_VALUES_ALONG / valuesOf(list));
}

function valuesOf({ first, select }: AlongList): number {
  return (first + 1) * (select.fields.length + ROW_OVERHEAD);
}

/** Null where the list cannot be expanded, or is asked for wrongly: a request of its own tells what is wrong. */
export function compileList(list: AlongList): string | null {
  const { navigation, from, select, filter, orderBy, first } = list;
  // One more than the page, to see whether there are more.
  if (first >= MAX_EXPANDED_ROWS || select.nested || (filter && !isExpandable(from, filter))) return null;
  try {
    const filtered = filter ? `;$filter=${compileExpandedFilter(from, filter)}` : '';
    const ordered = `;$orderby=${compileOrder(from, orderBy ?? [])};$top=${first + 1}`;
    return `${navigation}($select=${compileSelect(from, select)}${filtered}${ordered})`;
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

/** As many lookups as the budget allows, the records that they lead to by further lookups down to `depth`. */
function compileLookups(
  lookups: readonly AlongLookup[],
  budget: { left: number },
  depth: number,
): readonly CompiledLookup[] {
  const compiled: CompiledLookup[] = [];
  for (const lookup of lookups) {
    if (depth === 0 || budget.left === 0) break;
    budget.left -= 1;
    const { navigation, from, select } = lookup;
    const inner = compileLookups(lookup.lookups, budget, depth - 1);
    const deeper = inner.length > 0 ? `;$expand=${inner.map(({ item }) => item).join(',')}` : '';
    compiled.push({
      lookup: { ...lookup, lookups: inner.map((it) => it.lookup) },
      item: `${navigation}($select=${compileSelect(from, select)}${deeper})`,
      columns: [...selectedColumns(from, select), ...inner.flatMap(({ columns }) => columns)],
    });
  }
  return compiled;
}
