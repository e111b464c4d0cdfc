import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Outcome } from '../outcome.js';

const DRY = 'With dryRun null where it is not made yet.';

@ObjectType('SetUpPayload', { simpleResolvers: true })
abstract class SetUpPayload {
  @Field(() => Outcome, { description: 'With dryRun: what it would be.' })
  outcome!: Outcome;

  @Field(() => [String], {
    description: 'What was done, or with dryRun would be, one thing after the other; empty where nothing was to do.',
  })
  changes!: readonly string[];
}

@ObjectType('RegisteredApplication', { simpleResolvers: true, description: 'The application in Entra ID.' })
export class RegisteredApplication extends SetUpPayload {
  @Field(() => String, { description: 'Display name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: `Application (client) id. ${DRY}` })
  clientId!: string | null;

  @Field(() => String, { nullable: true, description: `Id of the application as an object of the directory. ${DRY}` })
  objectId!: string | null;

  @Field(() => String, { nullable: true, description: `Object id of its service principal in the tenant. ${DRY}` })
  servicePrincipalId!: string | null;

  @Field(() => String, { nullable: true, description: 'Id of the tenant that the administrator signed in to.' })
  tenantId!: string | null;
}

@ObjectType('GeneratedCertificate', {
  simpleResolvers: true,
  description: 'A self-signed certificate. Its private key is shown here and nowhere else, and is not kept.',
})
export class GeneratedCertificate {
  @Field(() => Outcome, { description: 'Always CREATED.' })
  outcome!: Outcome;

  @Field(() => String, { description: 'The certificate as the text of a PEM file, for uploadCertificate.' })
  certificate!: string;

  @Field(() => String, { description: 'The private key as the text of a PEM file (PKCS#8).' })
  privateKey!: string;

  @Field(() => String, {
    description: 'Base64 of that PEM file on one line: certificate.privateKey of createExternalAccount.',
  })
  encodedPrivateKey!: string;

  @Field(() => String, { description: 'SHA-1 of the certificate, 40 hexadecimal digits: its customKeyIdentifier.' })
  sha1Thumbprint!: string;

  @Field(() => String, { description: 'The same in base64.' })
  sha1ThumbprintBase64!: string;

  @Field(() => String, { description: 'SHA-256 of the certificate, 64 hexadecimal digits.' })
  sha256Thumbprint!: string;

  @Field(() => String, { description: 'Its common name.' })
  subject!: string;

  @Field(() => GraphQLDateTime, { description: 'From when on it is valid.' })
  startsOn!: Date;

  @Field(() => GraphQLDateTime, { description: 'From when on Entra ID refuses it.' })
  expiresOn!: Date;
}

@ObjectType('UploadedCertificate', { simpleResolvers: true, description: 'The certificate as Entra ID holds it.' })
export class UploadedCertificate extends SetUpPayload {
  @Field(() => String, { description: 'SHA-1 thumbprint of the certificate, 40 hexadecimal digits.' })
  customKeyIdentifier!: string;

  @Field(() => String, { nullable: true, description: DRY })
  keyId!: string | null;

  @Field(() => GraphQLDateTime, { description: 'From when on Entra ID refuses it.' })
  expiresOn!: Date;
}

@ObjectType('GrantedPermissions', { simpleResolvers: true, description: 'What the application may do now.' })
export class GrantedPermissions extends SetUpPayload {
  @Field(() => String, { nullable: true, description: `Object id of the application's service principal. ${DRY}` })
  servicePrincipalId!: string | null;

  @Field(() => String, { nullable: true, description: `Id of the admin consent (oauth2PermissionGrant). ${DRY}` })
  grantId!: string | null;

  @Field(() => [String], { description: 'What the application may do in Dynamics for users who sign in to it.' })
  scopes!: readonly string[];
}

export enum DirectoryUserStatus {
  READY = 'READY',
  PENDING = 'PENDING',
}
registerEnumType(DirectoryUserStatus, {
  name: 'DirectoryUserStatus',
  description: 'Whether a user can connect.',
  valuesConfig: {
    READY: { description: 'The user can connect.' },
    PENDING: {
      description: 'Dynamics does not know the user yet, which takes minutes: call again, and the rest will be done.',
    },
  },
});

@ObjectType('DirectoryUser', {
  simpleResolvers: true,
  description: 'The non-interactive user, in Entra ID and in Dynamics.',
})
export class DirectoryUserType extends SetUpPayload {
  @Field(() => DirectoryUserStatus, { description: 'Whether the user can connect.' })
  status!: DirectoryUserStatus;

  @Field(() => String, { description: 'Sign-in name.' })
  userPrincipalName!: string;

  @Field(() => String, { nullable: true, description: `Object id in Entra ID. ${DRY}` })
  objectId!: string | null;

  @Field(() => String, { nullable: true, description: 'Id of the user in Dynamics; null while the user is PENDING.' })
  systemUserId!: string | null;

  @Field(() => String, { nullable: true, description: 'Part number of the subscription whose licence the user has.' })
  license!: string | null;

  @Field(() => [String], { description: 'Names of the security roles in Dynamics.' })
  securityRoles!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description: 'The random password of a user that was made just now; it is shown here and nowhere else.',
  })
  password!: string | null;
}

@ObjectType('ApplicationUser', { simpleResolvers: true, description: 'The user that the application is in Dynamics.' })
export class ApplicationUserType extends SetUpPayload {
  @Field(() => String, { description: 'Application (client) id.' })
  clientId!: string;

  @Field(() => String, { nullable: true, description: `Id of the user in Dynamics. ${DRY}` })
  systemUserId!: string | null;

  @Field(() => String, { nullable: true, description: `User name in Dynamics. ${DRY}` })
  userName!: string | null;

  @Field(() => String, { nullable: true, description: 'Id of the business unit of the user.' })
  businessUnitId!: string | null;

  @Field(() => [String], { description: 'Names of the security roles in Dynamics.' })
  securityRoles!: readonly string[];
}
