import { isDeepStrictEqual } from 'node:util';
import type { Connector } from '../connectors/connector.js';
import type { CallOptions } from '../model/call.js';
import type { Named } from '../model/catalog.js';

/** What a look goes by. */
export interface Source<Description extends Summary, Summary> {
  readonly connector: Pick<Connector<Description, Summary>, 'metadataChanges' | 'introspect' | 'summaries'>;
  readonly nameOf: (summary: Summary) => string;
  /** Every description there is. */
  readonly known: readonly Description[];
  /** Where the last look ended; null where this is the first one. */
  readonly mark: string | null;
  /** What is to be described beside the known. */
  readonly wanted: Named;
  /** True where what is wanted but not known has not been looked for yet. */
  readonly isFirst: boolean;
  /** Called before anything is read. */
  readonly prepare?: () => Promise<void>;
}

/** What a look found. */
export interface Found<Description> {
  /** Where the next look begins. */
  readonly mark: string;
  /** Descriptions that are not as they were, or new. */
  readonly described: readonly Description[];
  /** Names of what was known and is not there any more. */
  readonly gone: readonly string[];
}

/** Descriptions read at a time. */
const PART = 100;

/** Looks at what has changed in a remote since the last look, and reads that alone. */
export async function look<Description extends Summary, Summary>(
  source: Source<Description, Summary>,
  call: CallOptions,
): Promise<Found<Description>> {
  const { connector, nameOf } = source;
  const known = new Map(source.known.map((description) => [nameOf(description), description]));
  const { mark, changed } = await connector.metadataChanges(source.known, source.mark, call);
  const stale = changed === null ? [...known.keys()] : changed.filter((name) => known.has(name));
  const fresh = await freshNames(source, known, changed, call);
  const read = await readAll(source, [...stale, ...fresh], call);
  const names = new Set(read.map(nameOf));
  return {
    mark,
    described: read.filter((description) => !isDeepStrictEqual(description, known.get(nameOf(description)))),
    gone: stale.filter((name) => !names.has(name)),
  };
}

/** What is wanted but not known, as far as it is worth asking for. */
async function freshNames<Description extends Summary, Summary>(
  { connector, nameOf, wanted, isFirst }: Source<Description, Summary>,
  known: ReadonlyMap<string, Description>,
  changed: readonly string[] | null,
  call: CallOptions,
): Promise<readonly string[]> {
  const isNew = (name: string) => !known.has(name);
  const isWorthIt = (name: string) => isFirst || changed === null || changed.includes(name);
  if (wanted !== '*') return wanted.filter((name) => isNew(name) && isWorthIt(name));
  if (!isFirst && changed !== null) return changed.filter(isNew);
  return (await connector.summaries(call)).map(nameOf).filter(isNew);
}

async function readAll<Description extends Summary, Summary>(
  { connector, prepare }: Source<Description, Summary>,
  names: readonly string[],
  call: CallOptions,
): Promise<readonly Description[]> {
  if (names.length === 0) return [];
  await prepare?.();
  const read: Description[] = [];
  for (let at = 0; at < names.length; at += PART)
    read.push(...(await connector.introspect(names.slice(at, at + PART), call)));
  return read;
}
