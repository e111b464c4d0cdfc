import { keepLast } from '../model/keep-last.js';
import type { Along, AlongLookup, Filter, RecordQuery } from '../model/query.js';
import type { ReadIdentity } from './share-reads.js';

/** What queries of records, and of groups of them, have in common. */
interface Asked extends Partial<Pick<RecordQuery<unknown>, 'along' | 'related' | 'filter' | 'first' | 'after'>> {
  readonly from: unknown;
}

/**
 * Tells a query of the kind of record called `name` from all others. All that it asks is compared, so that what queries may come to ask
 * is compared too; descriptions are the same only if they are the same object, as those of a graph are.
 */
export function identifyRead(name: string, query: Asked): ReadIdentity {
  const { from, related, along, ...asked } = query;
  const { filter, first, after } = asked;
  const gist = `${name} ${first} ${after ?? ''} ${filter ? gistOf(filter) : ''}`;
  if (!along) return { gist, asked, by: [from, related] };
  const brought = identifyAlong(along);
  return { gist, asked: { asked, along: brought.asked }, by: [from, related, ...brought.by] };
}

/** Of a filter that joins many, so many are looked at. */
const MOST_JOINED = 4;

/** Text that differs for most filters that differ, and is made at little cost however many values there are. */
function gistOf(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `${filter.kind} ${filter.filters.length} ${filter.filters.slice(0, MOST_JOINED).map(gistOf).join(' ')}`;
    case 'not':
      return `not ${gistOf(filter.filter)}`;
    case 'in':
      return `${filter.path} ${filter.values.length} ${filter.values[0]} ${filter.values.at(-1)}`;
    case 'null':
      return `${filter.path} ${filter.isNull}`;
    case 'period':
      return `${filter.path} ${filter.period} ${filter.value}`;
    default:
      return `${filter.path} ${filter.operator} ${filter.value}`;
  }
}

/** Queries that come again ask for the same object along. */
const kept = keepLast<Pick<ReadIdentity, 'asked' | 'by'>>();

function identifyAlong(along: Along): Pick<ReadIdentity, 'asked' | 'by'> {
  return kept(along, [], () => ({
    asked: [along.lists.map(({ from, ...list }) => [from.logicalName, list]), along.lookups.map(lookupAsked)],
    by: [...along.lists, ...along.lookups.flatMap(withInner)].map(({ from }) => from),
  }));
}

function withInner(lookup: AlongLookup): readonly AlongLookup[] {
  return [lookup, ...lookup.lookups.flatMap(withInner)];
}

function lookupAsked({ from, lookups, ...lookup }: AlongLookup): unknown {
  return [from.logicalName, lookup, lookups.map(lookupAsked)];
}
