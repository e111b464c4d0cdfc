import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { System } from '../../model/system.js';

/** Where the last look at a system's metadata ended. */
export const MetadataMarkEntity = defineEntity({
  name: 'MetadataMarkEntity',
  tableName: 'metadata_mark',
  properties: {
    system: p.text().$type<System>().primary().check("system in ('dynamics', 'campaign')"),
    account: p.text().nullable(),
    server: p.text(),
    mark: p.text(),
  },
});

export type MetadataMarkRow = InferEntity<typeof MetadataMarkEntity>;
