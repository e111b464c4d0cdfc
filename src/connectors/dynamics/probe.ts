import { lookup } from 'node:dns/promises';
import type { AccountConnection } from '../../model/account.js';
import type { CallOptions } from '../../model/call.js';
import type { TransportResponse } from '../transport.js';
import { type Finding, fails, passes } from './finding.js';

/** How far clocks may differ before Entra and Dynamics refuse what they sign. */
const SKEW_MS = 300_000;
const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** Looks the name of the server up. */
export async function resolveName(origin: string): Promise<Finding> {
  const { hostname } = new URL(origin);
  try {
    const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''));
    return passes(`The name ${hostname} leads to ${address}.`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return fails(
      `The name ${hostname} leads to no address${code}.`,
      'Check the server address for a typing error, and the DNS of this machine.',
    );
  }
}

export interface Probe {
  readonly account: AccountConnection;
  /** Sends a request without a token; resolves with whatever answer comes. */
  readonly send: (options: CallOptions) => Promise<TransportResponse>;
}

/**
 * Asks the organization something without a token. Dynamics refuses with 401 and names its tenant, which no other server does:
 * https://learn.microsoft.com/power-apps/developer/data-platform/authenticate-oauth
 */
export async function probeServer({ account, send }: Probe, options: CallOptions): Promise<Finding> {
  const { status, headers } = await send(options);
  const challenge = headers.get('www-authenticate') ?? '';
  if (status !== 401 || !/^Bearer/i.test(challenge)) {
    return fails(
      `The server answers, but not as a Dynamics organization: with status ${status} where it should ask for a token.`,
      'Check that the server address is that of the Dynamics organization, as Power Platform admin center shows it under "Environment URL".',
    );
  }
  const skew = clockSkew(headers.get('date'));
  if (Math.abs(skew) > SKEW_MS) {
    const minutes = Math.round(Math.abs(skew) / 60_000);
    return fails(
      `The clock of this machine is ${minutes} minutes ${skew > 0 ? 'ahead of' : 'behind'} that of the server.`,
      'Correct the clock of this machine.',
    );
  }
  return compareTenants(account, challenge);
}

/** Milliseconds by which our clock is ahead; 0 where the server does not tell the time. */
function clockSkew(date: string | undefined): number {
  const moment = Date.parse(date ?? '');
  return Number.isNaN(moment) ? 0 : Date.now() - moment;
}

function compareTenants({ tenantId, server }: AccountConnection, challenge: string): Finding {
  const [told] = GUID.exec(/authorization_uri="?([^",\s]+)/i.exec(challenge)?.[1] ?? '') ?? [];
  if (told && GUID.test(tenantId) && told.toLowerCase() !== tenantId.toLowerCase()) {
    return fails(
      `${server} belongs to tenant ${told}, but the external account names tenant ${tenantId}.`,
      `Check the tenant id: with updateExternalAccount(input: { tenantId: "${told}" }) it is that of the organization.`,
    );
  }
  return passes(`${server} answers as a Dynamics organization does${told ? `, of tenant ${told}` : ''}.`);
}
