import { defineEntity, p } from '@mikro-orm/core';

/** A process that serves the graph. */
export const GatewayEntity = defineEntity({
  name: 'GatewayEntity',
  tableName: 'gateway',
  properties: {
    id: p.uuid().primary(),
    revision: p.text(),
    seenAt: p.datetime(6).fieldName('seen_at'),
  },
});
