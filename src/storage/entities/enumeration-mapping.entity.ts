import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { EnumerationMapping } from '../../model/mapping.js';
import type { SynchronizedValue } from '../storage.js';
import { ExternalAccountEntity } from './external-account.entity.js';

/** A choice column tied to an itemized list; goes with its account. */
export const EnumerationMappingEntity = defineEntity({
  name: 'EnumerationMappingEntity',
  tableName: 'enumeration_mapping',
  properties: {
    account: () => p.manyToOne(ExternalAccountEntity).mapToPk().primary().fieldName('account').deleteRule('cascade'),
    table: p.text().primary().fieldName('table_name'),
    column: p.text().primary().fieldName('column_name'),
    list: p.text(),
    base: p.json<readonly SynchronizedValue[]>().nullable(),
    synchronizedAt: p.datetime(6).nullable().fieldName('synchronized_at'),
    mode: p.text().$type<EnumerationMapping['mode']>().check("mode in ('ADD', 'REPLACE')"),
  },
});

export type EnumerationMappingRow = InferEntity<typeof EnumerationMappingEntity>;
