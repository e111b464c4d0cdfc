import type { Logger } from 'pino';
import { RequestError } from '../../model/errors.js';
import type { Storage } from '../../storage/storage.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const WARN_DAYS = 30;

/** When the certificate of an external account expires. */
export interface CertificateExpiry {
  readonly account: string;
  /** ISO 8601, UTC. */
  readonly expiresOn: string;
  /** Negative once it has expired. */
  readonly secondsLeft: number;
}

/** The certificates whose expiry is known. Accounts whose credentials cannot be read are left out: their calls tell that. */
export async function readCertificateExpiries(
  storage: Pick<Storage, 'accounts'>,
  now = Date.now(),
): Promise<readonly CertificateExpiry[]> {
  const accounts = (await storage.accounts.list()).filter(({ oauthType }) => oauthType === 'CERTIFICATE');
  const expiries = await Promise.all(accounts.map(({ name }) => readExpiry(storage, name)));
  return expiries.flatMap((expiry) => {
    if (expiry === null) return [];
    return [{ ...expiry, secondsLeft: Math.floor((Date.parse(expiry.expiresOn) - now) / 1000) }];
  });
}

async function readExpiry(
  storage: Pick<Storage, 'accounts'>,
  account: string,
): Promise<Omit<CertificateExpiry, 'secondsLeft'> | null> {
  const connection = await storage.accounts.connection(account).catch((error: unknown) => {
    if (error instanceof RequestError) return null;
    throw error;
  });
  const credentials = connection?.credentials;
  if (credentials?.oauthType !== 'CERTIFICATE' || credentials.expiresOn === undefined) return null;
  return { account, expiresOn: credentials.expiresOn };
}

export interface CertificateWatchOptions {
  readonly storage: Pick<Storage, 'accounts'>;
  readonly log: Logger;
  /** Default: a day. */
  readonly everyMs?: number;
}

/** Logs at once and then daily which certificates expire within 30 days, as errors those that have. */
export function watchCertificates({ storage, log, everyMs = DAY_MS }: CertificateWatchOptions): { close(): void } {
  const look = () =>
    logExpiries(storage, log).catch((error: unknown) => log.warn({ error }, 'certificates could not be looked at'));
  void look();
  const timer = setInterval(() => void look(), everyMs).unref();
  return { close: () => clearInterval(timer) };
}

async function logExpiries(storage: Pick<Storage, 'accounts'>, log: Logger): Promise<void> {
  for (const { account, expiresOn, secondsLeft } of await readCertificateExpiries(storage)) {
    const days = Math.floor((secondsLeft * 1000) / DAY_MS);
    if (days < 0) log.error({ account, expiresOn }, 'certificate has expired');
    else if (days < WARN_DAYS) log.warn({ account, expiresOn, days }, 'certificate expires soon');
  }
}
