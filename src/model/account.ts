/** How one Dynamics organization is reached. Credentials are in the clear only here, in memory. */
export interface AccountConnection {
  readonly name: string;
  /** `https://contoso.crm.dynamics.com`, without a trailing slash. */
  readonly server: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credentials: AccountCredentials;
}

export type AccountCredentials =
  | {
      readonly oauthType: 'CERTIFICATE';
      /** One-line base64 of the PEM file of the private key. */
      readonly privateKey: string;
      /** SHA-1 thumbprint of the certificate, hexadecimal or base64. */
      readonly customKeyIdentifier: string;
      readonly keyId: string;
      /** When the certificate expires, ISO 8601, UTC; left out where nobody told. */
      readonly expiresOn?: string;
    }
  | { readonly oauthType: 'PASSWORD_CREDENTIALS'; readonly account: string; readonly password: string }
  | { readonly oauthType: 'CLIENT_SECRET'; readonly clientSecret: string };

export type OAuthType = AccountCredentials['oauthType'];

/** One step of a connection test. `remedy` is null where there is nothing to do; a step that passed has one where something soon will be. */
export interface CheckStep {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy: string | null;
  readonly milliseconds: number;
}

/** DRAFT: saved, never tested. CONNECTED: the last test passed. CONFIGURED: carries table mappings. FAILED: the last test failed. */
export type ExternalAccountStatus = 'DRAFT' | 'CONNECTED' | 'CONFIGURED' | 'FAILED';

export interface ConnectionTest {
  readonly ok: boolean;
  readonly steps: readonly CheckStep[];
}

/** An external account as anyone may see it: without credentials. */
export interface ExternalAccount {
  readonly name: string;
  readonly label: string;
  readonly server: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly oauthType: OAuthType;
  readonly status: ExternalAccountStatus;
  readonly lastTest: ConnectionTest | null;
}
