import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Reject, Run, RunError, RunStatus, Workflow } from '../../model/workflow.js';
import { Outcome } from '../outcome.js';
import { PageInfoType, TotalCountType } from '../paging.js';

export enum OperationEnum {
  IMPORT = 'IMPORT',
  EXPORT = 'EXPORT',
  IMPORT_DELETED = 'IMPORT_DELETED',
  DELETE = 'DELETE',
}
registerEnumType(OperationEnum, {
  name: 'Operation',
  description: 'What a workflow does. This version runs IMPORT.',
  valuesConfig: {
    IMPORT: { description: 'Records of Dynamics into Campaign.' },
    EXPORT: { description: 'Records of Campaign into Dynamics.' },
    IMPORT_DELETED: { description: 'Deletions in Dynamics into Campaign.' },
    DELETE: { description: 'Deletions in Campaign into Dynamics.' },
  },
});

enum RunStatusEnum {
  QUEUED = 'QUEUED',
  RUNNING = 'RUNNING',
  SUCCEEDED = 'SUCCEEDED',
  FAILED = 'FAILED',
  STOPPED = 'STOPPED',
}
registerEnumType(RunStatusEnum, {
  name: 'RunStatus',
  description: 'Where a run stands.',
  valuesConfig: {
    QUEUED: { description: 'Waits for a worker.' },
    RUNNING: { description: 'A worker carries it out.' },
    SUCCEEDED: { description: 'It came to its end; single records may have been rejected.' },
    FAILED: { description: 'It could not go on; `error` tells why.' },
    STOPPED: { description: 'It was stopped by hand.' },
  },
});

@InputType('WorkflowInput', { description: 'What a synchronization shall do, and when.' })
export class WorkflowInput {
  @Field(() => String, { description: 'A letter, then letters, digits, - or _; at most 64.' })
  name!: string;

  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => OperationEnum, { description: 'What it shall do.' })
  operation!: OperationEnum;

  @Field(() => String, { description: 'Logical name of a mapped table.' })
  table!: string;

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Which records, in the form of the generated filters: { "statecode": { "eq": 0 } }. Default: all.',
  })
  filter?: unknown;

  @Field(() => [String], {
    nullable: true,
    description: 'Columns to read by, each with " desc" behind it to turn the order.',
  })
  orderBy?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'Read only what changed since the last successful run.',
  })
  automaticIndex?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cron expression of five fields, in UTC; default: started by hand only.',
  })
  schedule?: string | null;

  @Field(() => Int, { nullable: true, description: 'Records a page, 1 to 5,000; default 1,000.' })
  batchSize?: number | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'With IMPORT_DELETED: the deletions since then.' })
  deletedSince?: Date | null;
}

@InputType('WorkflowPatch', { description: 'What is left out stays as it is.' })
export class WorkflowPatch {
  @Field(() => GraphQLJSON, { nullable: true, description: 'null: all records.' })
  filter?: unknown;

  @Field(() => [String], {
    nullable: true,
    description: 'Columns to read by, each with " desc" behind it to turn the order.',
  })
  orderBy?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Read only what changed since the last successful run.' })
  automaticIndex?: boolean | null;

  @Field(() => String, { nullable: true, description: 'null: started by hand only.' })
  schedule?: string | null;

  @Field(() => Int, { nullable: true, description: 'Records a page, 1 to 5,000.' })
  batchSize?: number | null;
}

@ObjectType('Workflow', { description: 'A saved synchronization.' })
export class WorkflowType {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => OperationEnum, { description: 'What it does.' })
  operation!: Workflow['operation'];

  @Field(() => String, { description: 'Logical name of the mapped table.' })
  table!: string;

  @Field(() => GraphQLJSON, { nullable: true, description: 'The filter as it was understood.' })
  filter!: unknown;

  @Field(() => [String], { description: 'The columns that it reads by.' })
  orderBy!: readonly string[];

  @Field(() => Boolean, { description: 'Whether it reads only what changed since its last successful run.' })
  automaticIndex!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Cron expression in UTC; null where it is started by hand only.',
  })
  schedule!: string | null;

  @Field(() => Int, { description: 'Records a page.' })
  batchSize!: number;

  @Field(() => Outcome, {
    nullable: true,
    description: 'What the mutation that returns the workflow did; null in a query.',
  })
  outcome!: Outcome | null;
}

@ObjectType('RunError', { simpleResolvers: true, description: 'Why a run failed.' })
class RunErrorType implements RunError {
  @Field(() => String, { description: 'What kind of fault it was, one of the codes of errors.' })
  code!: string;

  @Field(() => String, { description: 'What happened, and where it is known the remedy.' })
  message!: string;
}

@ObjectType('Run', { description: 'One execution of a workflow. Its counts grow while it runs.' })
export class RunType {
  /** Name of the workflow, which is read when it is asked for. */
  workflowName!: string;

  @Field(() => ID, { description: 'Id of the run.' })
  id!: string;

  @Field(() => RunStatusEnum, { description: 'Where it stands.' })
  status!: RunStatus;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When a worker took it; null while it is QUEUED.' })
  startedAt!: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ended; null while it goes on.' })
  finishedAt!: string | null;

  @Field(() => Int, { description: 'Records read so far.' })
  read!: number;

  @Field(() => Int, { description: 'Records that were made.' })
  created!: number;

  @Field(() => Int, { description: 'Records that were changed.' })
  updated!: number;

  @Field(() => Int, { description: 'Records that were equal on both sides already.' })
  unchanged!: number;

  @Field(() => Int, { description: 'Records that were deleted.' })
  deleted!: number;

  @Field(() => Int, { description: 'Records that could not be written; see rejects.' })
  rejected!: number;

  @Field(() => RunErrorType, { nullable: true, description: 'Why the run FAILED.' })
  error!: RunError | null;
}

@ObjectType('RunEdge', { simpleResolvers: true, description: 'A run of a page, and where it stands in the list.' })
class RunEdgeType {
  @Field(() => String, { description: 'Pass it as `after` to continue behind this one.' })
  cursor!: string;

  @Field(() => RunType, { description: 'The run.' })
  node!: RunType;
}

@ObjectType('RunConnection', { simpleResolvers: true, description: 'A page of runs.' })
export class RunConnectionType {
  @Field(() => [RunType], { description: 'The runs of the page.' })
  nodes!: readonly RunType[];

  @Field(() => [RunEdgeType], { description: 'The same runs, each with its cursor.' })
  edges!: readonly RunEdgeType[];

  @Field(() => PageInfoType, { description: 'Whether and how the list goes on.' })
  pageInfo!: PageInfoType;
}

@ObjectType('Reject', { simpleResolvers: true, description: 'A record that could not be written.' })
export class RejectType implements Reject {
  @Field(() => ID, { description: 'Id of the reject.' })
  id!: string;

  @Field(() => String, { description: 'Id of the record in the system it was read from.' })
  key!: string;

  @Field(() => String, { description: 'What kind of fault it was.' })
  code!: string;

  @Field(() => String, { description: 'What the system that refused it said.' })
  message!: string;

  @Field(() => GraphQLJSON, { description: 'What was to be written.' })
  record!: Readonly<Record<string, unknown>>;

  @Field(() => Int, { description: 'How often it was tried to write it.' })
  attempts!: number;
}

@ObjectType('RejectEdge', {
  simpleResolvers: true,
  description: 'A reject of a page, and where it stands in the list.',
})
class RejectEdgeType {
  @Field(() => String, { description: 'Pass it as `after` to continue behind this one.' })
  cursor!: string;

  @Field(() => RejectType, { description: 'The reject.' })
  node!: RejectType;
}

@ObjectType('RejectConnection', { simpleResolvers: true, description: 'A page of rejects.' })
export class RejectConnectionType {
  @Field(() => [RejectType], { description: 'The rejects of the page.' })
  nodes!: readonly Reject[];

  @Field(() => [RejectEdgeType], { description: 'The same rejects, each with its cursor.' })
  edges!: readonly { readonly cursor: string; readonly node: Reject }[];

  @Field(() => PageInfoType, { description: 'Whether and how the list goes on.' })
  pageInfo!: PageInfoType;

  @Field(() => TotalCountType, { description: 'How many the run has in all.' })
  totalCount!: TotalCountType;
}

/** The workflow as the API shows it. */
export function toWorkflowType(workflow: Workflow, outcome: Outcome | null = null): WorkflowType {
  const orderBy = workflow.orderBy.map((order) => (order.descending ? `${order.path} desc` : order.path));
  return { ...workflow, orderBy, outcome };
}

/** The run as the API shows it. */
export function toRunType(run: Run): RunType {
  const { id, status, startedAt, finishedAt, error, counts } = run;
  return { id, status, startedAt, finishedAt, error, ...counts, workflowName: run.workflow };
}
