import { Arg, Authorized, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Storage } from '../../storage/storage.js';
import { decodeCursor, encodeCursor, pageSize } from '../paging.js';
import {
  RejectConnectionType,
  RunConnectionType,
  RunType,
  toRunType,
  toWorkflowType,
  WorkflowInput,
  WorkflowPatch,
  WorkflowType,
} from './workflow.types.js';
import type { WorkflowsService } from './workflows.service.js';

@Resolver(() => WorkflowType)
export class WorkflowsResolver {
  constructor(
    private readonly workflowsService: WorkflowsService,
    private readonly storage: Storage,
  ) {}

  @Query(() => [WorkflowType], { description: 'The saved synchronizations, by name.' })
  async workflows(): Promise<WorkflowType[]> {
    return (await this.storage.workflows.list()).map((workflow) => toWorkflowType(workflow));
  }

  @Query(() => WorkflowType, { nullable: true, description: 'One workflow by its name; null where there is none.' })
  async workflow(
    @Arg('name', () => String, { description: 'Name of the workflow.' }) name: string,
  ): Promise<WorkflowType | null> {
    const workflow = await this.storage.workflows.find(name);
    return workflow && toWorkflowType(workflow);
  }

  @Authorized('operator')
  @Mutation(() => WorkflowType, {
    description: 'Saves a synchronization of a mapped table. The same input again changes nothing.',
  })
  async createWorkflow(
    @Arg('input', () => WorkflowInput, { description: 'What is wanted.' }) input: WorkflowInput,
  ): Promise<WorkflowType> {
    const { workflow, outcome } = await this.workflowsService.create(input);
    return toWorkflowType(workflow, outcome);
  }

  @Authorized('operator')
  @Mutation(() => WorkflowType, {
    description: 'Changes what the patch names. A new filter starts from the first record again.',
  })
  async updateWorkflow(
    @Arg('name', () => String, { description: 'Name of the workflow.' }) name: string,
    @Arg('input', () => WorkflowPatch, { description: 'What is wanted.' }) input: WorkflowPatch,
  ): Promise<WorkflowType> {
    const { workflow, outcome } = await this.workflowsService.update(name, input);
    return toWorkflowType(workflow, outcome);
  }

  @Authorized('operator')
  @Mutation(() => Boolean, { description: 'Removes a workflow with its runs; false where there is none.' })
  deleteWorkflow(@Arg('name', () => String, { description: 'Name of the workflow.' }) name: string): Promise<boolean> {
    return this.workflowsService.delete(name);
  }
}

@Resolver(() => RunType)
export class RunsResolver {
  constructor(
    private readonly workflowsService: WorkflowsService,
    private readonly storage: Storage,
  ) {}

  @Query(() => RunType, { nullable: true, description: 'One run by its id; null where there is none.' })
  async run(@Arg('id', () => ID, { description: 'Id of the run.' }) id: string): Promise<RunType | null> {
    const run = await this.storage.runs.find(id);
    return run && toRunType(run);
  }

  @Query(() => RunConnectionType, { description: 'Runs, newest first.' })
  async runs(
    @Arg('workflow', () => String, { nullable: true, description: 'Name of a workflow; default: runs of all.' })
    workflow: string | null | undefined,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many a page, 1 to 1000.' }) first:
      | number
      | null,
    @Arg('after', () => String, { nullable: true, description: 'A cursor of this list.' }) after:
      | string
      | null
      | undefined,
  ): Promise<RunConnectionType> {
    const size = pageSize(first, 20);
    const found = await this.storage.runs.list({
      ...(workflow != null && { workflow }),
      first: size + 1,
      ...(after != null && { after: decodeCursor(after) }),
    });
    return connectionOf(found.map(toRunType), size);
  }

  @Authorized('operator')
  @Mutation(() => RunType, {
    description: 'Queues a run of the workflow; where one is under way already, that one is the answer.',
  })
  async startWorkflow(
    @Arg('name', () => String, { description: 'Name of the workflow.' }) name: string,
  ): Promise<RunType> {
    return toRunType(await this.workflowsService.start(name));
  }

  @Authorized('operator')
  @Mutation(() => RunType, { description: 'Stops a run after the page under way; what was written stays.' })
  async stopRun(@Arg('id', () => ID, { description: 'Id of the run.' }) id: string): Promise<RunType> {
    return toRunType(await this.workflowsService.stop(id));
  }

  @FieldResolver(() => WorkflowType, { description: 'The workflow that it carries out.' })
  async workflow(@Root() run: RunType): Promise<WorkflowType> {
    const workflow = await this.storage.workflows.find(run.workflowName);
    if (workflow === null) throw new Error(`Run ${run.id} outlived its workflow "${run.workflowName}".`);
    return toWorkflowType(workflow);
  }

  @FieldResolver(() => RejectConnectionType, { description: 'The records that could not be written, oldest first.' })
  async rejects(
    @Root() run: RunType,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many a page, 1 to 1000.' }) first:
      | number
      | null,
    @Arg('after', () => String, { nullable: true, description: 'A cursor of this list.' }) after:
      | string
      | null
      | undefined,
  ): Promise<RejectConnectionType> {
    const size = pageSize(first, 50);
    const found = await this.storage.runs.rejects(run.id, {
      first: size + 1,
      ...(after != null && { after: decodeCursor(after) }),
    });
    return { ...connectionOf(found, size), totalCount: { value: run.rejected, exact: true } };
  }
}

/** One item more than asked for was read, to tell whether there is a next page. */
function connectionOf<Item extends { readonly id: string }>(found: readonly Item[], first: number) {
  const nodes = found.slice(0, first);
  const edges = nodes.map((node) => ({ cursor: encodeCursor(node.id), node }));
  return { nodes, edges, pageInfo: { hasNextPage: found.length > first, endCursor: edges.at(-1)?.cursor ?? null } };
}
