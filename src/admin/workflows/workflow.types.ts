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
registerEnumType(RunStatusEnum, { name: 'RunStatus', description: 'Where a run stands.' });

@InputType('WorkflowInput')
export class WorkflowInput {
  @Field(() => String, { description: 'A letter, then letters, digits, - or _; at most 64.' })
  name!: string;

  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => OperationEnum)
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

  @Field(() => [String], { nullable: true })
  orderBy?: string[] | null;

  @Field(() => Boolean, { nullable: true })
  automaticIndex?: boolean | null;

  @Field(() => String, { nullable: true, description: 'null: started by hand only.' })
  schedule?: string | null;

  @Field(() => Int, { nullable: true })
  batchSize?: number | null;
}

@ObjectType('Workflow', { description: 'A saved synchronization.' })
export class WorkflowType {
  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => OperationEnum)
  operation!: Workflow['operation'];

  @Field(() => String)
  table!: string;

  @Field(() => GraphQLJSON, { nullable: true, description: 'The filter as it was understood.' })
  filter!: unknown;

  @Field(() => [String])
  orderBy!: readonly string[];

  @Field(() => Boolean)
  automaticIndex!: boolean;

  @Field(() => String, { nullable: true })
  schedule!: string | null;

  @Field(() => Int)
  batchSize!: number;

  @Field(() => Outcome, {
    nullable: true,
    description: 'What the mutation that returns the workflow did; null in a query.',
  })
  outcome!: Outcome | null;
}

@ObjectType('RunError', { simpleResolvers: true })
class RunErrorType implements RunError {
  @Field(() => String)
  code!: string;

  @Field(() => String)
  message!: string;
}

@ObjectType('Run', { description: 'One execution of a workflow. Its counts grow while it runs.' })
export class RunType {
  /** Name of the workflow, which is read when it is asked for. */
  workflowName!: string;

  @Field(() => ID)
  id!: string;

  @Field(() => RunStatusEnum)
  status!: RunStatus;

  @Field(() => GraphQLDateTime, { nullable: true })
  startedAt!: string | null;

  @Field(() => GraphQLDateTime, { nullable: true })
  finishedAt!: string | null;

  @Field(() => Int, { description: 'Records read so far.' })
  read!: number;

  @Field(() => Int)
  created!: number;

  @Field(() => Int)
  updated!: number;

  @Field(() => Int, { description: 'Records that were equal on both sides already.' })
  unchanged!: number;

  @Field(() => Int)
  deleted!: number;

  @Field(() => Int, { description: 'Records that could not be written; see rejects.' })
  rejected!: number;

  @Field(() => RunErrorType, { nullable: true, description: 'Why the run FAILED.' })
  error!: RunError | null;
}

@ObjectType('RunEdge', { simpleResolvers: true })
class RunEdgeType {
  @Field(() => String)
  cursor!: string;

  @Field(() => RunType)
  node!: RunType;
}

@ObjectType('RunConnection', { simpleResolvers: true })
export class RunConnectionType {
  @Field(() => [RunType])
  nodes!: readonly RunType[];

  @Field(() => [RunEdgeType])
  edges!: readonly RunEdgeType[];

  @Field(() => PageInfoType)
  pageInfo!: PageInfoType;
}

@ObjectType('Reject', { simpleResolvers: true, description: 'A record that could not be written.' })
export class RejectType implements Reject {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'Id of the record in the system it was read from.' })
  key!: string;

  @Field(() => String)
  code!: string;

  @Field(() => String)
  message!: string;

  @Field(() => GraphQLJSON, { description: 'What was to be written.' })
  record!: Readonly<Record<string, unknown>>;

  @Field(() => Int)
  attempts!: number;
}

@ObjectType('RejectEdge', { simpleResolvers: true })
class RejectEdgeType {
  @Field(() => String)
  cursor!: string;

  @Field(() => RejectType)
  node!: RejectType;
}

@ObjectType('RejectConnection', { simpleResolvers: true })
export class RejectConnectionType {
  @Field(() => [RejectType])
  nodes!: readonly Reject[];

  @Field(() => [RejectEdgeType])
  edges!: readonly { readonly cursor: string; readonly node: Reject }[];

  @Field(() => PageInfoType)
  pageInfo!: PageInfoType;

  @Field(() => TotalCountType)
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
