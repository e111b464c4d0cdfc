import type { Filter, Order } from './query.js';

export type Operation = 'IMPORT' | 'EXPORT' | 'IMPORT_DELETED' | 'DELETE';

/** A saved synchronization. */
export interface Workflow {
  readonly name: string;
  /** Name of the external account. */
  readonly account: string;
  readonly operation: Operation;
  /** Logical name of the mapped table. */
  readonly table: string;
  readonly filter: Filter | null;
  readonly orderBy: readonly Order[];
  /** Read only what changed since the last successful run. */
  readonly automaticIndex: boolean;
  /** Cron expression, five fields, UTC; null to start by hand only. */
  readonly schedule: string | null;
  /** Records a page; 1 to 5,000. */
  readonly batchSize: number;
  /** Where the next run begins, a cursor of the connector; null to read everything. */
  readonly index: string | null;
}

export type RunStatus = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED';

/** How many records a run read, and what became of them. */
export interface RunCounts {
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly rejected: number;
}

export const NO_COUNTS: RunCounts = { read: 0, created: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 0 };

/** One execution of a workflow. */
export interface Run {
  readonly id: string;
  readonly workflow: string;
  readonly status: RunStatus;
  /** ISO 8601, UTC. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly counts: RunCounts;
  readonly error: RunError | null;
  /** Where the run continues after a stop or a crash; null before its first page. */
  readonly cursor: string | null;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
}

/** A record that could not be written. `record` holds what was sent. */
export interface Reject {
  readonly id: string;
  /** Id of the record in the system it was read from. */
  readonly key: string;
  readonly code: string;
  readonly message: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly attempts: number;
}
