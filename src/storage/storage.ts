import type { AccountConnection, AccountCredentials, ConnectionTest, ExternalAccount } from '../model/account.js';
import type { CampaignSchema, ItemizedValue } from '../model/campaign-schema.js';
import type { Catalog } from '../model/catalog.js';
import type { EnumerationMapping, TableMapping } from '../model/mapping.js';
import type { System } from '../model/system.js';
import type { Table } from '../model/table.js';
import type { Reject, Run, RunCounts, RunError, RunStatus, Workflow } from '../model/workflow.js';
import type { XmlElement } from '../model/xml.js';

/** What Isthmus holds of its own. Every method is one unit of work: it happens whole or not at all. */
export interface Storage {
  readonly accounts: AccountRepository;
  readonly mappings: MappingRepository;
  readonly metadata: MetadataRepository;
  readonly enumerations: EnumerationRepository;
  readonly journal: JournalRepository;
  readonly gateways: GatewayRepository;
  readonly workflows: WorkflowRepository;
  readonly runs: RunRepository;
  /** Rejects when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface AccountRepository {
  list(): Promise<readonly ExternalAccount[]>;
  find(name: string): Promise<ExternalAccount | null>;
  /** The account with its credentials in the clear, for a connector; null where there is none. */
  connection(name: string): Promise<AccountConnection | null>;
  /** Adds an account. Rejects with CONFLICT where there is one of the name. */
  add(
    account: { readonly label: string } & Omit<AccountConnection, 'credentials'>,
    credentials: AccountCredentials,
  ): Promise<ExternalAccount>;
  /**
   * Adds or replaces an account. Where more than its label changes, its last test is dropped, and it becomes DRAFT unless it carries mappings.
   */
  save(
    account: { readonly label: string } & Omit<AccountConnection, 'credentials'>,
    credentials: AccountCredentials,
  ): Promise<ExternalAccount>;
  saveTest(name: string, test: ConnectionTest): Promise<ExternalAccount>;
  /** False where there was none. Mappings and workflows of the account must be gone before. */
  delete(name: string): Promise<boolean>;
}

export interface MappingRepository {
  list(): Promise<readonly TableMapping[]>;
  find(table: string): Promise<TableMapping | null>;
  /** The mappings with every description kept for the served graph. */
  catalog(): Promise<KeptCatalog>;
  /**
   * A text that changes with the catalog; cheap beside reading it. While a change of the mappings is under way, that adds to the text, behind
   * a `/`.
   */
  revision(): Promise<string>;
  /**
   * Makes these the mappings of the account, and these the descriptions of the served graph; what is not among them goes, and with a
   * mapping those of its enumerations.
   * Workflows of tables that are mapped otherwise from now on, and of those in `restart`, read every record anew, also where a run of theirs
   * is under way.
   * The account becomes CONFIGURED, or CONNECTED where no mapping is left. The operation in the account's journal ends with it.
   */
  replace(
    account: string,
    content: {
      readonly mappings: readonly TableMapping[];
      readonly tables: readonly Table[];
      readonly schemas: readonly CampaignSchema[];
      /** Tables whose records Campaign does not hold whole any more, because their schema or a part of it had to be made anew. */
      readonly restart?: readonly string[];
    },
  ): Promise<void>;
}

/** What is kept of a change of the mappings while it is under way, or cut off. */
export interface UnderWay {
  /** The steps in every account's journal. */
  readonly underWay: readonly JournalStep[];
}

export interface KeptCatalog extends Catalog, UnderWay {}

/** What both remotes were last seen to describe, also after the mappings were made, and beside them. */
export interface MetadataRepository {
  observed(): Promise<Observed>;
  /** Where the last look at each system ended. */
  marks(): Promise<MetadataMarks>;
  /**
   * Keeps what a look found. False, and nothing is kept, where mappings or descriptions have changed since the revision that the look
   * began with: another process was quicker.
   */
  save(look: MetadataLook): Promise<boolean>;
}

export interface Observed extends UnderWay {
  /** A text that changes with all of this. */
  readonly revision: string;
  readonly mappings: readonly TableMapping[];
  /** What is described of the mapped tables and schemas, and of those they lead to. */
  readonly mapped: Descriptions;
  /** What is described of others. */
  readonly further: Descriptions;
}

export interface Descriptions {
  readonly tables: readonly Table[];
  readonly schemas: readonly CampaignSchema[];
}

/** Null of a system that was not looked at yet. */
export type MetadataMarks = Readonly<Record<System, MetadataMark | null>>;

/** Where the last look at a system ended. */
export interface MetadataMark {
  /** The external account that Dynamics was read through; null of Campaign. */
  readonly account: string | null;
  /** The address of the server, as a mark means nothing to another one. */
  readonly server: string;
  readonly mark: string;
}

export interface MetadataLook {
  readonly system: System;
  readonly revision: string;
  /** Null where there is nothing to look at any more. */
  readonly mark: MetadataMark | null;
  /** True where what was known beside the mappings is of another server, and goes. */
  readonly startsAnew: boolean;
  readonly described: Descriptions;
  /** Names of tables or schemas that are gone. */
  readonly gone: readonly string[];
}

export interface EnumerationRepository {
  list(table?: string): Promise<readonly KeptEnumeration[]>;
  save(mappings: readonly KeptEnumeration[]): Promise<void>;
}

/** An enumeration mapping with what was last synchronized. */
export interface KeptEnumeration extends EnumerationMapping {
  /** The options as they were then; null where they never were synchronized. */
  readonly base: readonly SynchronizedValue[] | null;
  /** ISO 8601, UTC. */
  readonly synchronizedAt: string | null;
}

/** `gone`: no option of Dynamics any more at that time, but still in the list. */
export interface SynchronizedValue extends ItemizedValue {
  readonly gone?: boolean;
}

/**
 * The journal of the operation that changes an account's source schemas in Campaign. It is written before each step and stays until the
 * operation has ended, so that one that was cut off can be told and put right.
 */
export interface JournalRepository {
  /**
   * Runs work that writes a journal, one at a time among all processes on this database. Waits up to a minute for another to end, then
   * rejects with CONFLICT. A process that dies lets go at once.
   */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result>;
  /** The steps of an operation that has not ended, in their order; none where there is no such operation. */
  open(account: string): Promise<readonly JournalStep[]>;
  /** Rejects with CONFLICT where an operation has not ended. */
  begin(account: string, steps: readonly Omit<JournalStep, 'state'>[]): Promise<void>;
  /** `position` is the index of the step. */
  mark(account: string, position: number, state: JournalState): Promise<void>;
  /** Ends the operation without new mappings. Workflows of the tables in `restart` read every record anew. */
  end(account: string, restart?: readonly string[]): Promise<void>;
}

/** BEGUN: sent to Campaign, which may have carried it out. */
export type JournalState = 'PLANNED' | 'BEGUN' | 'DONE';

/** A source schema to be written, or removed where `after` is null. `before` is what it was before the operation; null where it was not. */
export interface JournalStep {
  /** Name of the source schema. */
  readonly subject: string;
  readonly before: XmlElement | null;
  readonly after: XmlElement | null;
  readonly state: JournalState;
}

/** The gateways on this database. Each tells of itself time and again, so that one which died can be told from the others. */
export interface GatewayRepository {
  /** Tells that a gateway lives, and that nobody asks it for what only mappings before this revision had. `id` is a UUID. */
  tell(id: string, revision: string): Promise<void>;
  leave(id: string): Promise<void>;
  /** What the gateways but this one have told last, of those that told anything in the last seconds. */
  others(id: string, seconds: number): Promise<readonly string[]>;
}

export interface WorkflowRepository {
  list(): Promise<readonly Workflow[]>;
  find(name: string): Promise<Workflow | null>;
  /** Adds or replaces a workflow; its index is kept as given. */
  save(workflow: Workflow): Promise<Workflow>;
  /** Deletes the workflow with its runs and rejects; false where there was none. */
  delete(name: string): Promise<boolean>;
}

export interface RunRepository {
  /** Queues a run of the workflow. Where one is queued or running already, that one is the answer and `isNew` is false. */
  queue(workflow: string): Promise<{ readonly run: Run; readonly isNew: boolean }>;
  find(id: string): Promise<Run | null>;
  /** Newest first, after the run with the id `after`. */
  list(options: {
    readonly workflow?: string;
    readonly first: number;
    readonly after?: string;
  }): Promise<readonly Run[]>;
  /** Runs that are queued or running, for a process that takes up the work of one that died. */
  unfinished(): Promise<readonly Run[]>;
  /**
   * RUNNING from now on; null where the run is gone or finished, or was asked to stop before it began (it is STOPPED then).
   * Rejects with CONFLICT, and leaves the run QUEUED, while another run of the same table is RUNNING.
   */
  start(id: string): Promise<Run | null>;
  /** Saves the outcome of one page with its cursor: counts are added to the run's, rejects kept. Tells whether the run was asked to stop. */
  savePage(id: string, page: RunPage): Promise<{ readonly run: Run; readonly stopRequested: boolean }>;
  /** Ends the run. With `index`, the workflow's next run begins there. */
  finish(
    id: string,
    status: Extract<RunStatus, 'SUCCEEDED' | 'FAILED' | 'STOPPED'>,
    outcome?: { readonly error?: RunError; readonly index?: string },
  ): Promise<Run>;
  /** Asks a run to stop: a queued one is STOPPED at once, a running one after the page under way. Null where there is none. */
  requestStop(id: string): Promise<Run | null>;
  /** Rejects of a run, oldest first, after the one with the id `after`. */
  rejects(run: string, options: { readonly first: number; readonly after?: string }): Promise<readonly Reject[]>;
  countRejects(run: string): Promise<number>;
}

export interface RunPage {
  /** What this page adds to the run's counts. */
  readonly counts: RunCounts;
  readonly cursor: string;
  readonly rejects: readonly Omit<Reject, 'id' | 'attempts'>[];
}
