import type { AccountCredentials, ExternalAccount } from '../../model/account.js';
import type { ExternalAccountInput, ExternalAccountPatch } from './external-account.inputs.js';

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
  const { certificate, passwordCredentials, clientSecret } = patch;
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
