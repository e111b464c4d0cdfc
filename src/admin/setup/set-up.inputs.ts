import { Field, InputType, Int } from 'type-graphql';

@InputType('AdministratorInput', {
  description:
    'The sign-in of an administrator for this call alone: access tokens, as "az account get-access-token --resource …" prints them. They are neither kept nor logged. What is left out is signed in by the ADMIN settings.',
})
export class AdministratorInput {
  @Field(() => String, { nullable: true, description: 'For Microsoft Graph (https://graph.microsoft.com).' })
  graphToken?: string | null;

  @Field(() => String, { nullable: true, description: 'For the Dynamics organization, by its address.' })
  dynamicsToken?: string | null;
}

@InputType('SetUpInput')
abstract class SetUpInput {
  @Field(() => AdministratorInput, {
    nullable: true,
    description: 'Who does it; without it the application of the ADMIN settings.',
  })
  administrator?: AdministratorInput | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Tell what would be done, and do nothing.' })
  dryRun!: boolean;
}

@InputType('RegisterApplicationInput', { description: 'What the application shall be called, or which one to take.' })
export class RegisterApplicationInput extends SetUpInput {
  @Field(() => String, {
    nullable: true,
    description: 'Default: adobecampaign and the instance. An application of this name is taken and not made twice.',
  })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Identifier of the Campaign instance, for the name. Default: what the Campaign server tells.',
  })
  instance?: string | null;

  @Field(() => String, { defaultValue: 'http://localhost', description: 'Home page and redirect address.' })
  signOnUrl!: string;

  @Field(() => String, { nullable: true, description: 'Client id of an application that is there already.' })
  clientId?: string | null;
}

@InputType('GenerateCertificateInput', { description: 'What the certificate shall hold.' })
export class GenerateCertificateInput {
  @Field(() => String, { defaultValue: 'adobecampaign', description: 'Common name of the certificate.' })
  subject!: string;

  @Field(() => Int, { defaultValue: 365, description: 'Days until it expires, 1 to 1095.' })
  days!: number;
}

@InputType('UploadCertificateInput', { description: 'The certificate, and the application that it is for.' })
export class UploadCertificateInput extends SetUpInput {
  @Field(() => String, { description: 'Application (client) id.' })
  clientId!: string;

  @Field(() => String, { description: 'The certificate as the text of its PEM file.' })
  certificate!: string;
}

@InputType('GrantPermissionsInput', { description: 'The application that shall get its permissions.' })
export class GrantPermissionsInput extends SetUpInput {
  @Field(() => String, { description: 'Application (client) id.' })
  clientId!: string;
}

@InputType('CreateNonInteractiveUserInput', { description: 'The user that shall sign in by password.' })
export class CreateNonInteractiveUserInput extends SetUpInput {
  @Field(() => String, { description: 'Sign-in name, as in crm.user@contoso.example' })
  userPrincipalName!: string;

  @Field(() => String, { defaultValue: 'Adobe Campaign', description: 'Of a user that is made.' })
  displayName!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Of a user that is made. Default: a random one, which the answer shows once.',
  })
  password?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Country of the user in two letters (ISO 3166), without which there is no licence.',
  })
  usageLocation?: string | null;

  @Field(() => String, { description: 'Address of the organization, as in https://contoso.crm.dynamics.com' })
  server!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Part number of the subscription that gives the licence, as in DYN365_ENTERPRISE_SALES. Default: the smallest one with a free licence.',
  })
  license?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Take the licence away again at the end: a non-interactive user needs none.',
  })
  removeLicense!: boolean;

  @Field(() => [String], {
    defaultValue: ['System Administrator'],
    description: 'Security roles by name, by id, or by the id of their template.',
  })
  securityRoles!: string[];
}

@InputType('CreateApplicationUserInput', { description: 'The application that shall be a user of the organization.' })
export class CreateApplicationUserInput extends SetUpInput {
  @Field(() => String, { description: 'Application (client) id.' })
  clientId!: string;

  @Field(() => String, { description: 'Address of the organization, as in https://contoso.crm.dynamics.com' })
  server!: string;

  @Field(() => [String], {
    defaultValue: ['System Administrator'],
    description: 'Security roles by name, by id, or by the id of their template.',
  })
  securityRoles!: string[];
}
