import { LockMode } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { WorkflowEntity } from '../entities/workflow.entity.js';

/** Has an account's workflows of these tables read every record anew, also where a run of theirs is under way. */
export async function restartWorkflows(
  em: SqlEntityManager,
  account: string,
  isMeant: (table: string) => boolean,
): Promise<void> {
  const workflows = await em.find(WorkflowEntity, { account }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  for (const workflow of workflows) {
    if (!isMeant(workflow.table)) continue;
    workflow.index = null;
    workflow.generation += 1;
  }
}
