import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Reject } from '../../model/workflow.js';
import { RunEntity } from './run.entity.js';

/** A record that a run could not write; a record that fails again within the run counts one attempt more. */
export const RejectEntity = defineEntity({
  name: 'RejectEntity',
  tableName: 'reject',
  properties: {
    id: p.bigint('string').primary().autoincrement(),
    run: () => p.manyToOne(RunEntity).mapToPk().fieldName('run').deleteRule('cascade'),
    key: p.text().fieldName('record_key'),
    code: p.text(),
    message: p.text(),
    record: p.json<Reject['record']>(),
    attempts: p.integer().default(1),
  },
  uniques: [{ name: 'reject_record', properties: ['run', 'key'] }],
  indexes: [{ name: 'reject_oldest', properties: ['run', 'id'] }],
});

export type RejectRow = InferEntity<typeof RejectEntity>;
