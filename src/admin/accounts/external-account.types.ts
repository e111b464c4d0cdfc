import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ConnectionTest, ExternalAccount, ExternalAccountStatus } from '../../model/account.js';
import { Outcome } from '../outcome.js';

export enum OAuthTypeEnum {
  CERTIFICATE = 'CERTIFICATE',
  PASSWORD_CREDENTIALS = 'PASSWORD_CREDENTIALS',
  CLIENT_SECRET = 'CLIENT_SECRET',
}
registerEnumType(OAuthTypeEnum, {
  name: 'OAuthType',
  description: 'How Isthmus signs in to Dynamics.',
  valuesConfig: {
    CERTIFICATE: { description: 'As an application, by a certificate.' },
    PASSWORD_CREDENTIALS: { description: 'As a user, by a password.' },
    CLIENT_SECRET: { description: 'As an application, by a client secret.' },
  },
});

enum ExternalAccountStatusEnum {
  DRAFT = 'DRAFT',
  CONNECTED = 'CONNECTED',
  CONFIGURED = 'CONFIGURED',
  FAILED = 'FAILED',
}
registerEnumType(ExternalAccountStatusEnum, {
  name: 'ExternalAccountStatus',
  description: 'How far the set-up of an external account has come.',
  valuesConfig: {
    DRAFT: { description: 'Saved, not tested yet.' },
    CONNECTED: { description: 'The last connection test passed.' },
    CONFIGURED: { description: 'Tables are mapped.' },
    FAILED: { description: 'The last connection test failed.' },
  },
});

@ObjectType('ConnectionTestStep', { simpleResolvers: true, description: 'One thing that was tried.' })
class ConnectionTestStepType {
  @Field(() => String, { description: 'What was tried.' })
  name!: string;

  @Field(() => Boolean, { description: 'Whether it passed.' })
  ok!: boolean;

  @Field(() => String, { description: "What was found, with the vendor's own code where there is one." })
  detail!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What mends it. A step that passed has one where something soon has to be done; otherwise null.',
  })
  remedy!: string | null;

  @Field(() => Int, { description: 'How long it took.' })
  milliseconds!: number;
}

@ObjectType('ConnectionTest', {
  simpleResolvers: true,
  description: 'A test of the connection, step by step; a step that fails ends it.',
})
export class ConnectionTestType implements ConnectionTest {
  @Field(() => Boolean, { description: 'Whether every step passed.' })
  ok!: boolean;

  @Field(() => [ConnectionTestStepType], { description: 'The steps, up to the one that failed.' })
  steps!: readonly ConnectionTestStepType[];
}

@ObjectType('ExternalAccount', {
  description: 'How one Dynamics organization is reached. Its credentials can be written and never read.',
})
export class ExternalAccountType {
  @Field(() => String, { description: 'Internal name.' })
  name!: string;

  @Field(() => String, { description: 'What people call it.' })
  label!: string;

  @Field(() => String, { description: 'Address of the organization, as in https://contoso.crm.dynamics.com' })
  server!: string;

  @Field(() => String, { description: 'Id or domain of the Entra tenant.' })
  tenantId!: string;

  @Field(() => String, { description: 'Application (client) id.' })
  clientId!: string;

  @Field(() => OAuthTypeEnum, { description: 'How Isthmus signs in.' })
  oauthType!: OAuthTypeEnum;

  @Field(() => ExternalAccountStatusEnum, { description: 'How far its set-up has come.' })
  status!: ExternalAccountStatus;

  @Field(() => ConnectionTestType, {
    nullable: true,
    description: 'The last test of the connection; null where there was none.',
  })
  lastTest!: ConnectionTest | null;

  @Field(() => Outcome, {
    nullable: true,
    description: 'What the mutation that returns the account did; null in a query.',
  })
  outcome!: Outcome | null;
}

/** The account as the API shows it. */
export function toExternalAccountType(account: ExternalAccount, outcome: Outcome | null = null): ExternalAccountType {
  return { ...account, oauthType: OAuthTypeEnum[account.oauthType], outcome };
}
