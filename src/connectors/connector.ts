import type { CheckStep } from '../model/account.js';
import type { AggregateQuery, Group } from '../model/aggregate.js';
import type { CallOptions } from '../model/call.js';
import type { ChangePage, Page, RecordQuery, Scalar, Tie, WriteOutcome, WriteRequest } from '../model/query.js';
import type { System } from '../model/system.js';

/**
 * The port: what the rest of Isthmus may ask of a remote, in neutral words. `Description` is how the remote describes a kind of record
 * (`Table` for Dynamics, `CampaignSchema` for Campaign), `Summary` the short form of its lists.
 *
 * Every method rejects with a `RemoteError` when the remote refuses or fails, with a `RequestError` when the question itself is wrong
 * (an unknown path, a cursor of another query). Retries of transient faults have been made by then.
 */
export interface Connector<Description extends Summary, Summary> {
  readonly system: System;
  /** Tests the connection step by step; a step that fails ends the list. Never rejects for a fault of the remote. */
  check(options?: CallOptions): Promise<readonly CheckStep[]>;
  /** Every table or schema there is, by name. */
  summaries(options?: CallOptions): Promise<readonly Summary[]>;
  /** The descriptions of the named tables or schemas, read anew; names that do not exist are left out. */
  introspect(names: readonly string[], options?: CallOptions): Promise<readonly Description[]>;
  /**
   * Which of the descriptions known, or others, may have changed since the look that gave `mark`; one small request where nothing has.
   * Without a mark, or with one that the remote knows no more, it begins.
   */
  metadataChanges(known: readonly Description[], mark: string | null, options?: CallOptions): Promise<MetadataChanges>;
  /** One page of records, in one request where the remote allows. */
  query(query: RecordQuery<Description>, options?: CallOptions): Promise<Page>;
  /** The groups of the records that match, in no order of their own, in one request where the remote allows. */
  aggregate(query: AggregateQuery<Description>, options?: CallOptions): Promise<readonly Group[]>;
  /**
   * The page that `tiedTo` would give for each value of a tie, in as few requests as it takes. Those that cannot be gathered exactly are
   * left out, to be asked for one by one. The query has no `after`.
   */
  queryEach(query: RecordQuery<Description>, tie: Tie, options?: CallOptions): Promise<ReadonlyMap<Scalar, Page>>;
  /**
   * The records that changed since a cursor of an earlier pass, or all of them without one, page by page. `first` is the page size.
   * At least once: a record that changes during the pass may come again.
   */
  changes(query: RecordQuery<Description>, cursor: string | null, options?: CallOptions): AsyncIterable<ChangePage>;
  /** Writes records; one outcome for each, in order. */
  write(request: WriteRequest<Description>, options?: CallOptions): Promise<readonly WriteOutcome[]>;
  /** Ends what is kept open. Calls under way are aborted. */
  close(): Promise<void>;
}

/** What a look at a remote's metadata found. */
export interface MetadataChanges {
  /** Where the next look begins. */
  readonly mark: string;
  /** Names of tables or schemas that have changed, are new or are gone; null where that cannot be told, and all must be read anew. */
  readonly changed: readonly string[] | null;
}
