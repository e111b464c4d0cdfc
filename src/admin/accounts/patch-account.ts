import type { AccountCredentials, ExternalAccount } from '../../model/account.js';
import type {
  CertificateCredentialsInput,
  ExternalAccountInput,
  ExternalAccountPatch,
} from './external-account.inputs.js';

/** Tells whether a patch brings credentials, so that the old ones need not be read. */
export function bringsCredentials(patch: ExternalAccountPatch): boolean {
  return [patch.certificate, patch.passwordCredentials, patch.clientSecret].some((given) => given != null);
}

/**
 * The whole input that results from a patch. `credentials` are the old ones, which stay unless the patch brings others or another oauthType;
 * null where they are not read.
 */
export function patchAccount(
  existing: ExternalAccount,
  credentials: AccountCredentials | null,
  patch: ExternalAccountPatch,
): ExternalAccountInput {
  const oauthType = patch.oauthType ?? existing.oauthType;
  const { passwordCredentials, clientSecret } = patch;
  const certificate = patch.certificate && withKnownExpiry(patch.certificate, credentials);
  const stay = credentials?.oauthType === oauthType && !bringsCredentials(patch);
  return {
    name: existing.name,
    label: patch.label ?? existing.label,
    server: patch.server ?? existing.server,
    tenantId: patch.tenantId ?? existing.tenantId,
    clientId: patch.clientId ?? existing.clientId,
    oauthType: oauthType as ExternalAccountInput['oauthType'], // the enum's values are the names of the model's union
    ...(stay ? credentialsInput(credentials) : { certificate, passwordCredentials, clientSecret }),
  };
}

/** Whoever sends the same certificate again need not know when it expires: what is known of it stays. */
function withKnownExpiry(
  given: CertificateCredentialsInput,
  known: AccountCredentials | null,
): CertificateCredentialsInput {
  if (given.certificate != null || given.expiresOn != null) return given;
  if (known?.oauthType !== 'CERTIFICATE' || known.expiresOn === undefined) return given;
  const isSame = (['privateKey', 'customKeyIdentifier', 'keyId'] as const).every(
    (part) => given[part].trim() === known[part],
  );
  return isSame ? { ...given, expiresOn: new Date(known.expiresOn) } : given;
}

function credentialsInput(
  credentials: AccountCredentials,
): Pick<ExternalAccountInput, 'certificate' | 'passwordCredentials' | 'clientSecret'> {
  switch (credentials.oauthType) {
    case 'CERTIFICATE': {
      const { expiresOn, ...certificate } = credentials;
      return { certificate: { ...certificate, expiresOn: expiresOn === undefined ? null : new Date(expiresOn) } };
    }
    case 'PASSWORD_CREDENTIALS':
      return { passwordCredentials: credentials };
    case 'CLIENT_SECRET':
      return { clientSecret: credentials.clientSecret };
  }
}
