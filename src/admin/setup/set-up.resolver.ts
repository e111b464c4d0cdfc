import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { AdminContext } from '../context.js';
import type { ApplicationUsersService } from './application-users.service.js';
import type { ApplicationsService } from './applications.service.js';
import type { CertificatesService } from './certificates.service.js';
import type { DirectoryUsersService } from './directory-users.service.js';
import { generateCertificate } from './generate-certificate.js';
import { assertPrivateKeyPem, encodePem } from './private-key.js';
import {
  CreateApplicationUserInput,
  CreateNonInteractiveUserInput,
  GenerateCertificateInput,
  GrantPermissionsInput,
  RegisterApplicationInput,
  UploadCertificateInput,
} from './set-up.inputs.js';
import {
  ApplicationUserType,
  DirectoryUserType,
  GeneratedCertificate,
  GrantedPermissions,
  RegisteredApplication,
  UploadedCertificate,
} from './set-up.types.js';

export interface SetUpServices {
  readonly applications: ApplicationsService;
  readonly certificates: CertificatesService;
  readonly directoryUsers: DirectoryUsersService;
  readonly applicationUsers: ApplicationUsersService;
}

const REPEATABLE = 'Repeated it changes nothing; with `dryRun` it tells what it would do.';

/** The Dynamics side of the set-up. */
@Resolver()
export class SetUpResolver {
  constructor(private readonly services: SetUpServices) {}

  @Authorized('admin')
  @Mutation(() => RegisteredApplication, {
    description: `Registers the application in Entra ID that Campaign and Isthmus connect as, and makes its service principal. ${REPEATABLE}`,
  })
  registerApplication(
    @Arg('input', () => RegisterApplicationInput, { description: 'What is wanted.' }) input: RegisterApplicationInput,
    @Ctx() context: AdminContext,
  ): Promise<RegisteredApplication> {
    return this.services.applications.register(input, context.call);
  }

  @Authorized('admin')
  @Mutation(() => GeneratedCertificate, {
    description:
      'Makes a self-signed certificate (RSA 2048, SHA-256). The private key is shown once and not kept: save it, or give it to createExternalAccount.',
  })
  generateCertificate(
    @Arg('input', () => GenerateCertificateInput, { description: 'What is wanted.' }) input: GenerateCertificateInput,
  ): Promise<GeneratedCertificate> {
    return generateCertificate(input);
  }

  @Authorized('admin')
  @Mutation(() => String, {
    description:
      'The PEM file of an RSA private key (PKCS#1 or PKCS#8, without passphrase) as base64 on one line, as certificate.privateKey takes it.',
  })
  encodePrivateKey(@Arg('pem', () => String, { description: 'The text of the PEM file.' }) pem: string): string {
    assertPrivateKeyPem(pem, 'pem');
    return encodePem(pem);
  }

  @Authorized('admin')
  @Mutation(() => UploadedCertificate, {
    description: `Uploads a certificate to the application beside those that it has; expired ones are dropped. ${REPEATABLE}`,
  })
  uploadCertificate(
    @Arg('input', () => UploadCertificateInput, { description: 'What is wanted.' }) input: UploadCertificateInput,
    @Ctx() context: AdminContext,
  ): Promise<UploadedCertificate> {
    return this.services.certificates.upload(input, context.call);
  }

  @Authorized('admin')
  @Mutation(() => GrantedPermissions, {
    description: `Gives the application user_impersonation of Dynamics CRM with admin consent, and allows public client flows. ${REPEATABLE}`,
  })
  grantPermissions(
    @Arg('input', () => GrantPermissionsInput, { description: 'What is wanted.' }) input: GrantPermissionsInput,
    @Ctx() context: AdminContext,
  ): Promise<GrantedPermissions> {
    return this.services.applications.grant(input, context.call);
  }

  @Authorized('admin')
  @Mutation(() => DirectoryUserType, {
    description: `Makes the non-interactive user that signs in by password: in Entra ID, with a licence, in Dynamics with access mode and security roles. ${REPEATABLE}`,
  })
  createNonInteractiveUser(
    @Arg('input', () => CreateNonInteractiveUserInput, { description: 'What is wanted.' })
    input: CreateNonInteractiveUserInput,
    @Ctx() context: AdminContext,
  ): Promise<DirectoryUserType> {
    return this.services.directoryUsers.create(input, context.call);
  }

  @Authorized('admin')
  @Mutation(() => ApplicationUserType, {
    description: `Makes the user that the application is in the Dynamics organization, with its security roles; enables it where it was disabled. ${REPEATABLE}`,
  })
  createApplicationUser(
    @Arg('input', () => CreateApplicationUserInput, { description: 'What is wanted.' })
    input: CreateApplicationUserInput,
    @Ctx() context: AdminContext,
  ): Promise<ApplicationUserType> {
    return this.services.applicationUsers.create(input, context.call);
  }
}
