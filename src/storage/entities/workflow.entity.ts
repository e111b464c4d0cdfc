import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Filter, Order } from '../../model/query.js';
import type { Operation } from '../../model/workflow.js';
import { ExternalAccountEntity } from './external-account.entity.js';

/** A saved synchronization; `index` is where its next run begins. */
export const WorkflowEntity = defineEntity({
  name: 'WorkflowEntity',
  tableName: 'workflow',
  properties: {
    name: p.text().primary(),
    account: () =>
      p
        .manyToOne(ExternalAccountEntity)
        .mapToPk()
        .fieldName('account')
        .deleteRule('no action')
        .index('workflow_account'),
    operation: p.text().$type<Operation>().check("operation in ('IMPORT', 'EXPORT', 'IMPORT_DELETED', 'DELETE')"),
    table: p.text().fieldName('table_name'),
    filter: p.json<Filter>().nullable(),
    orderBy: p.json<readonly Order[]>(),
    automaticIndex: p.boolean(),
    schedule: p.text().nullable(),
    batchSize: p.integer().check('batch_size >= 1 and batch_size <= 5000'),
    index: p.text().fieldName('next_index').nullable(),
    /** Moves on when the table is mapped otherwise. */
    generation: p.integer().default(0),
  },
});

export type WorkflowRow = InferEntity<typeof WorkflowEntity>;
