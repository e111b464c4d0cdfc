import type { AccountConnection, CheckStep } from '../../model/account.js';
import { RemoteError, RequestError } from '../../model/errors.js';
import type { TransportResponse } from '../transport.js';
import { isLoopback, type TokenSource } from './auth.js';
import { checkCertificate } from './check-certificate.js';
import { checkChangeTracking, checkMetadata, checkPrivileges, type TableFacts } from './check-tables.js';
import { type DynamicsClient, parseObject } from './client.js';
import type { CheckOptions } from './dynamics-connector.js';
import { tokenRemedy } from './entra-errors.js';
import { remedyFor } from './errors.js';
import { type Finding, fails, passes } from './finding.js';
import { probeServer, resolveName } from './probe.js';

export interface CheckContext {
  readonly account: AccountConnection;
  readonly tokens: TokenSource;
  /** Throws where the server address is unusable. */
  readonly client: () => DynamicsClient;
  /** Asks the organization something without a token. */
  readonly probe: (options: CheckOptions) => Promise<TransportResponse>;
}

interface Step {
  readonly name: string;
  /** What a person should look at when the fault itself does not tell. */
  readonly remedy: string;
  /** Does the step and tells what was found; null where it has nothing to tell. */
  readonly run: () => Promise<Finding | null> | Finding | null;
}

/** Tests a connection step by step, from the address to the tracking of changes; the first step that fails is the last. */
export async function checkConnection(
  context: CheckContext,
  options: CheckOptions = {},
): Promise<readonly CheckStep[]> {
  const results: CheckStep[] = [];
  for (const step of [...networkSteps(context, options), ...accessSteps(context, options)]) {
    const result = await runStep(step, options);
    if (result === null) continue;
    results.push(result);
    if (!result.ok) break;
  }
  return results;
}

function networkSteps({ account, probe }: CheckContext, options: CheckOptions): readonly Step[] {
  return [
    {
      name: 'Server address',
      remedy: 'Enter the address of the Dynamics organization, such as https://contoso.crm.dynamics.com.',
      run: () => passes(`The address ${assertServer(account.server)} is well formed.`),
    },
    {
      name: 'Name resolution',
      remedy: 'Check the server address, and the DNS of this machine.',
      run: () => resolveName(account.server),
    },
    {
      name: 'Connection',
      remedy: 'Check the server address, and that this machine can reach it.',
      run: () => probeServer({ account, send: probe }, options),
    },
  ];
}

function accessSteps({ account, tokens, client }: CheckContext, options: CheckOptions): readonly Step[] {
  const tables: TableFacts[] = [];
  let userId = '';
  return [
    { name: 'Certificate', remedy: 'Look at the certificate.', run: () => checkCertificate(account.credentials) },
    {
      name: 'Access token',
      remedy:
        'Check tenant id, client id and credentials of the external account, and that this machine can reach Entra ID.',
      run: async () => {
        await tokens.token(options);
        return passes(`Entra ID issued a token to application ${account.clientId}.`);
      },
    },
    {
      name: 'User',
      remedy: 'Check the server address, and that this machine can reach it.',
      run: async () => {
        const { text } = await client().send({ method: 'GET', resource: 'WhoAmI', asked: 'tell who we are' }, options);
        const answer = parseObject(text, 'tell who we are');
        userId = String(answer.UserId);
        return passes(`Dynamics knows us as user ${userId} of organization ${answer.OrganizationId}.`);
      },
    },
    {
      name: 'Metadata',
      remedy: 'Give the user a security role that may read the definitions of tables, such as Basic User.',
      run: () => checkMetadata(client(), options.tables ?? [], tables, options),
    },
    {
      name: 'Privileges',
      remedy: 'Give the user a security role that may read the mapped tables at organization level.',
      run: () => checkPrivileges(client(), userId, tables, options),
    },
    { name: 'Change tracking', remedy: 'Look at the tables.', run: () => checkChangeTracking(tables) },
  ];
}

async function runStep(step: Step, options: CheckOptions): Promise<CheckStep | null> {
  const started = performance.now();
  const finding = await findOut(step, options);
  return finding && { name: step.name, ...finding, milliseconds: Math.round(performance.now() - started) };
}

async function findOut(step: Step, options: CheckOptions): Promise<Finding | null> {
  try {
    return await step.run();
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof RequestError) return fails(error.message, step.remedy);
    if (!(error instanceof RemoteError)) throw error;
    const remedy = knownRemedy(error) ?? step.remedy;
    return fails(withoutEnd(error.message, remedy), isExpiredKey(error) ? EXPIRED_KEY : remedy);
  }
}

/** Messages of errors end with the remedy, which a step tells by itself. */
function withoutEnd(message: string, remedy: string): string {
  return message.endsWith(remedy) ? message.slice(0, -remedy.length).trim() : message;
}

const EXPIRED_KEY =
  'The certificate has expired: make a new one with generateCertificate, add it with uploadCertificate, and switch to it with updateExternalAccount.';

/** Entra has one code for every signature that it does not accept; that the certificate has expired stands in its message alone. */
function isExpiredKey({ upstream }: RemoteError): boolean {
  return upstream.code === 'AADSTS700027' && /key used is expired/i.test(upstream.message);
}

function knownRemedy({ upstream }: RemoteError): string | null {
  return upstream.system === 'entra' ? tokenRemedy(upstream.code) : remedyFor(upstream.status, upstream.code);
}

/** The origin of the organization's address; rejects one that no organization can have, with `BAD_USER_INPUT`. */
export function assertServer(server: string): string {
  const url = URL.parse(server);
  const expected = 'Expected the server address to be like https://contoso.crm.dynamics.com';
  const fail = (why: string) => new RequestError('BAD_USER_INPUT', `${expected}, but ${why}.`, { field: 'server' });
  if (!url) throw fail(`"${server}" is not a URL`);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    throw fail('it does not begin with https://');
  if (url.username || url.password) throw fail('it holds a user name or password');
  if (url.pathname !== '/' || url.search || url.hash)
    throw fail(`it goes on after the host with "${url.pathname}${url.search}"`);
  return url.origin;
}
