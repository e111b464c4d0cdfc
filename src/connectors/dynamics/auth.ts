import {
  type AuthenticationResult,
  ConfidentialClientApplication,
  type INetworkModule,
  type NetworkRequestOptions,
  type NetworkResponse,
  type NodeAuthOptions,
  PublicClientApplication,
} from '@azure/msal-node';
import type { AccountConnection } from '../../model/account.js';
import type { CallOptions } from '../../model/call.js';
import { RemoteError, RequestError } from '../../model/errors.js';
import { orAbort } from '../or-abort.js';
import { createTransport, type Transport } from '../transport.js';
import { decodeCertificate } from './credentials.js';
import { type TokenRefusal, tokenError } from './entra-errors.js';

export interface TokenSourceOptions {
  readonly account: AccountConnection;
  /** `https://login.microsoftonline.com`. A plain-http one may only be a loopback address. */
  readonly authority: string;
  /** Whom the tokens are for, in messages. Default: the external account by its name. */
  readonly purpose?: string;
  readonly timeoutMs?: number;
  readonly retries?: number;
}

/** Hands out access tokens for one external account. */
export interface TokenSource {
  /**
   * A token that is valid for at least a few minutes, from memory where there is one. `refused` is a token that Dynamics did not accept:
   * it is forgotten and a new one asked for. Callers at the same time share one request. Rejects with a `RemoteError` of system `entra`, or
   * with `BAD_USER_INPUT` for credentials that cannot be used at all.
   */
  token(options?: CallOptions, refused?: string): Promise<string>;
  close(): Promise<void>;
}

/** A token is renewed this long before it ends, so that a long request does not outlive it. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Makes the source of tokens for one external account. */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  return new MsalTokenSource(options);
}

interface HeldToken {
  readonly value: string;
  readonly expiresAt: number;
}

class MsalTokenSource implements TokenSource {
  private readonly network: EntraNetwork;
  private held: HeldToken | null = null;
  private pending: Promise<string> | null = null;

  constructor(private readonly options: TokenSourceOptions) {
    assertAuthority(options.authority);
    this.network = new EntraNetwork(options.timeoutMs, options.retries);
  }

  async token(options: CallOptions = {}, refused?: string): Promise<string> {
    if (refused !== undefined && this.held?.value === refused) this.held = null;
    if (this.held && this.held.expiresAt - RENEW_BEFORE_MS > Date.now()) return this.held.value;
    options.signal?.throwIfAborted();
    if (this.pending === null) {
      this.network.onCall = options.onCall;
      this.pending = this.acquire().finally(() => {
        this.pending = null;
      });
    }
    return orAbort(this.pending, options.signal);
  }

  close(): Promise<void> {
    return this.network.close();
  }

  // The request is shared, so no single caller's signal may end it; its timeout does.
  private async acquire(): Promise<string> {
    this.network.forget();
    const result = await this.ask().catch((error: unknown) => {
      throw this.explain(error);
    });
    // An answer of `{}` makes MSAL resolve with an empty token.
    if (!result?.accessToken)
      throw tokenError({ status: 200, body: { error_description: 'The answer held no token.' } }, this.purpose);
    this.held = {
      value: result.accessToken,
      expiresAt: result.expiresOn?.getTime() ?? Date.now() + 2 * RENEW_BEFORE_MS,
    };
    return result.accessToken;
  }

  // A new application each time: our own memory of the token replaces MSAL's, which does not know of refused tokens.
  private ask(): Promise<AuthenticationResult | null> {
    const { account } = this.options;
    const { credentials } = account;
    const scopes = [`${account.server}/.default`];
    const system = { networkClient: this.network, disableInternalRetries: true };
    const auth = this.authOptions();
    switch (credentials.oauthType) {
      case 'CLIENT_SECRET':
        return new ConfidentialClientApplication({
          auth: { ...auth, clientSecret: credentials.clientSecret },
          system,
        }).acquireTokenByClientCredential({ scopes });
      case 'CERTIFICATE':
        return new ConfidentialClientApplication({
          auth: { ...auth, clientCertificate: decodeCertificate(credentials) },
          system,
        }).acquireTokenByClientCredential({ scopes });
      case 'PASSWORD_CREDENTIALS':
        return new PublicClientApplication({ auth, system }).acquireTokenByUsernamePassword({
          scopes,
          username: credentials.account,
          password: credentials.password,
        });
    }
  }

  private authOptions(): NodeAuthOptions {
    const { account } = this.options;
    const authority = new URL(this.options.authority);
    const tenant = encodeURIComponent(account.tenantId);
    const common = {
      clientId: account.clientId,
      authority: `https://${authority.host}/${tenant}`,
      knownAuthorities: [authority.host],
    };
    return authority.protocol === 'https:'
      ? common
      : { ...common, authorityMetadata: plainHttpMetadata(authority, tenant) };
  }

  private get purpose(): string {
    return this.options.purpose ?? `external account "${this.options.account.name}"`;
  }

  private explain(error: unknown): unknown {
    if (error instanceof RequestError) return error;
    if (this.network.fault) return this.network.fault;
    if (this.network.refusal) return tokenError(this.network.refusal, this.purpose);
    const code = error instanceof Error && 'errorCode' in error ? String(error.errorCode) : null;
    const message = `Expected a token for ${this.purpose}, but the request for it failed${code ? ` (${code})` : ''}. Check tenant id and client id.`;
    return new RemoteError('UPSTREAM_UNAUTHENTICATED', message, {
      upstream: { system: 'entra', status: null, code, message: 'The request for a token failed.', requestId: null },
      cause: error,
    });
  }
}

/** MSAL refuses an http authority, yet takes metadata that lead to one; this is for mock servers on the same machine. */
function plainHttpMetadata(authority: URL, tenant: string): string {
  const base = `http://${authority.host}/${tenant}`;
  return JSON.stringify({
    issuer: `https://${authority.host}/${tenant}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  });
}

function assertAuthority(authority: string): void {
  const url = URL.parse(authority);
  const remedy =
    'Use an https address such as https://login.microsoftonline.com; plain http is for loopback addresses only.';
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))) {
    throw new RequestError(
      'BAD_USER_INPUT',
      `Expected the authority to be an https address, but it is "${authority}". ${remedy}`,
    );
  }
}

/** Tells whether an address leads to this machine, where plain http is allowed. */
export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname);
}

/**
 * MSAL's requests, sent through our transport: so they have a timeout, are repeated after passing faults and are told to `onCall`.
 * Keeps the last fault or refusal, because MSAL passes on neither whole.
 */
class EntraNetwork implements INetworkModule {
  fault: RemoteError | null = null;
  refusal: TokenRefusal | null = null;
  onCall: CallOptions['onCall'];
  private readonly transports = new Map<string, Transport>();

  constructor(
    private readonly timeoutMs: number | undefined,
    private readonly retries: number | undefined,
  ) {}

  forget(): void {
    this.fault = null;
    this.refusal = null;
  }

  sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.exchange<T>('GET', url, options);
  }

  sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.exchange<T>('POST', url, options);
  }

  async close(): Promise<void> {
    await Promise.all([...this.transports.values()].map((transport) => transport.close()));
  }

  private async exchange<T>(
    method: 'GET' | 'POST',
    url: string,
    options?: NetworkRequestOptions,
  ): Promise<NetworkResponse<T>> {
    const { origin, pathname, search } = new URL(url);
    const response = await this.transportTo(origin)
      .send(
        {
          method,
          target: pathname + search,
          headers: options?.headers ?? {},
          body: options?.body,
          idempotent: true,
          label: pathname,
        },
        this.onCall ? { onCall: this.onCall } : {},
      )
      .catch((error: unknown) => {
        if (error instanceof RemoteError) this.fault = error;
        throw error;
      });
    const body = parseJson(response.body.toString('utf8'));
    if (response.status >= 400) this.refusal = { status: response.status, body };
    // Without Retry-After, on which MSAL would refuse to ask again for up to an hour.
    const { 'retry-after': _, ...headers } = response.headers.all();
    return { status: response.status, headers, body: body as T }; // MSAL names the type it expects and checks the fields itself
  }

  private transportTo(origin: string): Transport {
    const known = this.transports.get(origin);
    if (known) return known;
    const transport = createTransport({
      system: 'entra',
      baseUrl: origin,
      ...(this.timeoutMs === undefined ? {} : { timeoutMs: this.timeoutMs }),
      ...(this.retries === undefined ? {} : { retries: this.retries }),
      // MSAL stops asking for a minute after any 5xx, so none may reach it.
      readFault: (response) => ({
        code: null,
        message: '',
        requestId: response.headers.get('x-ms-request-id') ?? null,
        transient: true,
      }),
    });
    this.transports.set(origin, transport);
    return transport;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
