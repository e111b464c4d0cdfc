import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { CampaignSchema } from '../../model/campaign-schema.js';
import type { Table } from '../../model/table.js';

/** How a remote described a table or a schema when the served graph was made. */
export const DescriptionEntity = defineEntity({
  name: 'DescriptionEntity',
  tableName: 'description',
  properties: {
    kind: p.text().$type<'table' | 'schema'>().primary().check("kind in ('table', 'schema')"),
    name: p.text().primary(),
    content: p.json<Table | CampaignSchema>(),
  },
});

export type DescriptionRow = InferEntity<typeof DescriptionEntity>;
