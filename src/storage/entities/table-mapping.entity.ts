import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { FieldMapping } from '../../model/mapping.js';
import { ExternalAccountEntity } from './external-account.entity.js';

/** A Dynamics table tied to a Campaign schema; a table is mapped at most once. */
export const TableMappingEntity = defineEntity({
  name: 'TableMappingEntity',
  tableName: 'table_mapping',
  properties: {
    table: p.text().primary().fieldName('table_name'),
    account: () =>
      p
        .manyToOne(ExternalAccountEntity)
        .mapToPk()
        .fieldName('account')
        .deleteRule('no action')
        .index('table_mapping_account'),
    schema: p.text().fieldName('schema_name'),
    key: p.text().fieldName('key_path'),
    fields: p.json<readonly FieldMapping[]>(),
  },
});

export type TableMappingRow = InferEntity<typeof TableMappingEntity>;
