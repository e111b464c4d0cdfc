import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { XmlElement } from '../../model/xml.js';
import type { JournalState } from '../storage.js';
import { ExternalAccountEntity } from './external-account.entity.js';

/** One step of the set-up operation under way for an account; goes with its account. */
export const JournalStepEntity = defineEntity({
  name: 'JournalStepEntity',
  tableName: 'journal_step',
  properties: {
    account: () => p.manyToOne(ExternalAccountEntity).mapToPk().primary().fieldName('account').deleteRule('cascade'),
    position: p.integer().primary(),
    subject: p.text(),
    before: p.json<XmlElement>().nullable().fieldName('content_before'),
    after: p.json<XmlElement>().nullable().fieldName('content_after'),
    state: p.text().$type<JournalState>().check("state in ('PLANNED', 'BEGUN', 'DONE')"),
  },
});

export type JournalStepRow = InferEntity<typeof JournalStepEntity>;
