import type { Along, AlongLookup, RecordQuery } from '../model/query.js';
import { keepLast } from './keep-last.js';
import type { ReadIdentity } from './share-reads.js';

/** What queries of records, and of groups of them, have in common. */
type Asked = Partial<Pick<RecordQuery<unknown>, 'along' | 'related'>> & { readonly from: unknown };

/**
 * Tells a query of the kind of record called `name` from all others. All that it asks is told as text, so that what queries may come to
 * ask is told too; descriptions are the same only if they are the same object, as those of a graph are.
 */
export function identifyRead(name: string, { from, related, along, ...asked }: Asked): ReadIdentity {
  const alone = JSON.stringify([name, asked]);
  if (!along) return { key: alone, by: [from, related] };
  const { key, by } = identifyAlong(along);
  return { key: alone + key, by: [from, related, ...by] };
}

/** Queries that come again ask for the same object along. */
const kept = keepLast<ReadIdentity>();

function identifyAlong(along: Along): ReadIdentity {
  return kept(along, [], () => {
    const lookups = along.lookups.flatMap(withInner);
    return {
      key: JSON.stringify([
        along.lists.map(({ from, ...list }) => [from.logicalName, list]),
        along.lookups.map(lookupText),
      ]),
      by: [...along.lists, ...lookups].map(({ from }) => from),
    };
  });
}

function withInner(lookup: AlongLookup): readonly AlongLookup[] {
  return [lookup, ...lookup.lookups.flatMap(withInner)];
}

function lookupText({ from, lookups, ...lookup }: AlongLookup): unknown {
  return [from.logicalName, lookup, lookups.map(lookupText)];
}
