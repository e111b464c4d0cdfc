import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { RunStatus } from '../../model/workflow.js';
import { WorkflowEntity } from './workflow.entity.js';

/** One execution of a workflow. The index `run_active` lets a workflow have one queued or running run at a time. */
export const RunEntity = defineEntity({
  name: 'RunEntity',
  tableName: 'run',
  properties: {
    id: p.uuid().primary(),
    workflow: () => p.manyToOne(WorkflowEntity).mapToPk().fieldName('workflow').deleteRule('cascade'),
    status: p.text().$type<RunStatus>().check("status in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'STOPPED')"),
    stopRequested: p.boolean().default(false),
    queuedAt: p.datetime(6).defaultRaw('clock_timestamp()'),
    startedAt: p.datetime(6).nullable(),
    finishedAt: p.datetime(6).nullable(),
    read: p.integer().default(0).fieldName('read_count'),
    created: p.integer().default(0).fieldName('created_count'),
    updated: p.integer().default(0).fieldName('updated_count'),
    unchanged: p.integer().default(0).fieldName('unchanged_count'),
    deleted: p.integer().default(0).fieldName('deleted_count'),
    rejected: p.integer().default(0).fieldName('rejected_count'),
    errorCode: p.text().nullable(),
    errorMessage: p.text().nullable(),
    cursor: p.text().nullable(),
    /** The workflow's when the run began. */
    generation: p.integer().default(0),
  },
  uniques: [{ name: 'run_active', properties: 'workflow', where: "status in ('QUEUED', 'RUNNING')" }],
  indexes: [
    { name: 'run_newest', properties: ['queuedAt', 'id'] },
    { name: 'run_newest_of_workflow', properties: ['workflow', 'queuedAt', 'id'] },
  ],
});

export type RunRow = InferEntity<typeof RunEntity>;
