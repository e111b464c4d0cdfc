import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { CampaignSchema } from '../../model/campaign-schema.js';
import type { Table } from '../../model/table.js';

/** How a remote described a table or a schema later than when the mappings were made, or beside them; null content: it is gone. */
export const ObservationEntity = defineEntity({
  name: 'ObservationEntity',
  tableName: 'observation',
  properties: {
    kind: p.text().$type<'table' | 'schema'>().primary().check("kind in ('table', 'schema')"),
    name: p.text().primary(),
    content: p.json<Table | CampaignSchema>().nullable(),
    /** Of the content, so that nobody need read it to learn that it has changed. */
    digest: p.text(),
  },
});

export type ObservationRow = InferEntity<typeof ObservationEntity>;
