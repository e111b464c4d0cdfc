import { GraphQLDateTime } from 'graphql-scalars';
import { Field, InputType } from 'type-graphql';
import { OAuthTypeEnum } from './external-account.types.js';

@InputType('CertificateCredentialsInput', {
  description: 'The private key that Isthmus signs in with, and the certificate that Entra ID knows it by.',
})
export class CertificateCredentialsInput {
  @Field(() => String, {
    description: 'The PEM file of the private key, base64-encoded on one line (base64 -w0 private.key).',
  })
  privateKey!: string;

  @Field(() => String, { description: 'customKeyIdentifier of the uploaded certificate: its SHA-1 thumbprint.' })
  customKeyIdentifier!: string;

  @Field(() => String, { description: 'keyId of the uploaded certificate.' })
  keyId!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The certificate itself as the text of its PEM file. Where it is given, it is checked that the key and the identifier belong to it, and its expiry is known.',
  })
  certificate?: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the certificate expires, as uploadCertificate tells; 30 days before, Isthmus begins to warn.',
  })
  expiresOn?: Date | null;
}

@InputType('PasswordCredentialsInput', { description: 'The user that Isthmus signs in as.' })
export class PasswordCredentialsInput {
  @Field(() => String, { description: 'Sign-in name, as in crm.user@contoso.example' })
  account!: string;

  @Field(() => String, { description: 'Kept encrypted, and never shown.' })
  password!: string;
}

@InputType('ExternalAccountInput', { description: 'How a Dynamics organization is reached, with its credentials.' })
export class ExternalAccountInput {
  @Field(() => String, {
    description:
      'Internal name: a letter, then letters, digits or _; at most 40. It becomes part of a Campaign schema name.',
  })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Default: the name.' })
  label?: string | null;

  @Field(() => String, {
    description:
      'Address of the organization, as in https://contoso.crm.dynamics.com; its host must be among those that DYNAMICS_HOSTS allows.',
  })
  server!: string;

  @Field(() => String, { description: 'Id of the Entra tenant, or one of its verified domains.' })
  tenantId!: string;

  @Field(() => String, { description: 'Application (client) id.' })
  clientId!: string;

  @Field(() => OAuthTypeEnum, { description: 'How Isthmus signs in; the credentials for it come along.' })
  oauthType!: OAuthTypeEnum;

  @Field(() => CertificateCredentialsInput, { nullable: true, description: 'With oauthType CERTIFICATE.' })
  certificate?: CertificateCredentialsInput | null;

  @Field(() => PasswordCredentialsInput, { nullable: true, description: 'With oauthType PASSWORD_CREDENTIALS.' })
  passwordCredentials?: PasswordCredentialsInput | null;

  @Field(() => String, { nullable: true, description: 'With oauthType CLIENT_SECRET.' })
  clientSecret?: string | null;
}

@InputType('ExternalAccountPatch', { description: 'What is left out stays as it is.' })
export class ExternalAccountPatch {
  @Field(() => String, { nullable: true, description: 'What people call it.' })
  label?: string | null;

  @Field(() => String, { nullable: true, description: 'Address of the organization.' })
  server?: string | null;

  @Field(() => String, { nullable: true, description: 'Id or domain of the Entra tenant.' })
  tenantId?: string | null;

  @Field(() => String, { nullable: true, description: 'Application (client) id.' })
  clientId?: string | null;

  @Field(() => OAuthTypeEnum, { nullable: true, description: 'A new one comes with its credentials.' })
  oauthType?: OAuthTypeEnum | null;

  @Field(() => CertificateCredentialsInput, {
    nullable: true,
    description: 'New credentials, with oauthType CERTIFICATE.',
  })
  certificate?: CertificateCredentialsInput | null;

  @Field(() => PasswordCredentialsInput, {
    nullable: true,
    description: 'New credentials, with oauthType PASSWORD_CREDENTIALS.',
  })
  passwordCredentials?: PasswordCredentialsInput | null;

  @Field(() => String, { nullable: true, description: 'A new secret, with oauthType CLIENT_SECRET.' })
  clientSecret?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Test the connection with the changes first, and make none where the test fails.',
  })
  test!: boolean;
}
