import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { ConnectionTest, ExternalAccountStatus, OAuthType } from '../../model/account.js';

/** An external account; `credentials` are sealed by the cipher and never leave storage as they are. */
export const ExternalAccountEntity = defineEntity({
  name: 'ExternalAccountEntity',
  tableName: 'external_account',
  properties: {
    name: p.text().primary(),
    label: p.text(),
    server: p.text(),
    tenantId: p.text(),
    clientId: p.text(),
    oauthType: p
      .text()
      .$type<OAuthType>()
      .check("oauth_type in ('CERTIFICATE', 'PASSWORD_CREDENTIALS', 'CLIENT_SECRET')"),
    status: p.text().$type<ExternalAccountStatus>().check("status in ('DRAFT', 'CONNECTED', 'CONFIGURED', 'FAILED')"),
    lastTest: p.json<ConnectionTest>().nullable(),
    credentials: p.text(),
  },
});

export type ExternalAccountRow = InferEntity<typeof ExternalAccountEntity>;
