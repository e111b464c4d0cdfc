import type { AccountConnection, CheckStep } from '../../model/account.js';
import type { CallOptions } from '../../model/call.js';
import { RemoteError, RequestError } from '../../model/errors.js';
import { isLoopback, type TokenSource } from './auth.js';
import { type DynamicsClient, parseObject } from './client.js';
import { tokenRemedy } from './entra-errors.js';
import { remedyFor } from './errors.js';

export interface CheckContext {
  readonly account: AccountConnection;
  readonly tokens: TokenSource;
  /** Throws where the server address is unusable. */
  readonly client: () => DynamicsClient;
}

interface Step {
  readonly name: string;
  /** What a person should look at when the fault itself does not tell. */
  readonly remedy: string;
  /** Does the step and tells what was found. */
  readonly run: () => Promise<string> | string;
}

/** Tests a connection step by step, from the address to the right to read metadata; the first step that fails is the last. */
export async function checkConnection(context: CheckContext, options: CallOptions = {}): Promise<readonly CheckStep[]> {
  const results: CheckStep[] = [];
  for (const step of stepsOf(context, options)) {
    const result = await runStep(step, options);
    results.push(result);
    if (!result.ok) break;
  }
  return results;
}

function stepsOf({ account, tokens, client }: CheckContext, options: CallOptions): readonly Step[] {
  return [
    {
      name: 'Server address',
      remedy: 'Enter the address of the Dynamics organization, such as https://contoso.crm.dynamics.com.',
      run: () => `The address ${assertServer(account.server)} is well formed.`,
    },
    {
      name: 'Access token',
      remedy:
        'Check tenant id, client id and credentials of the external account, and that this machine can reach Entra ID.',
      run: async () => {
        await tokens.token(options);
        return `Entra ID issued a token to application ${account.clientId}.`;
      },
    },
    {
      name: 'User',
      remedy: 'Check the server address, and that this machine can reach it.',
      run: async () => {
        const { text } = await client().send({ method: 'GET', resource: 'WhoAmI', asked: 'tell who we are' }, options);
        const answer = parseObject(text, 'tell who we are');
        return `Dynamics knows us as user ${answer.UserId} of organization ${answer.OrganizationId}.`;
      },
    },
    {
      name: 'Metadata',
      remedy: 'Give the user a security role that may read the definitions of tables, such as Basic User.',
      run: async () => {
        await client().get(
          "EntityDefinitions(LogicalName='contact')?$select=LogicalName,EntitySetName",
          'describe table contact',
          options,
        );
        return 'The definition of table contact can be read.';
      },
    },
  ];
}

async function runStep(step: Step, options: CallOptions): Promise<CheckStep> {
  const started = performance.now();
  const finish = (ok: boolean, detail: string, remedy: string | null): CheckStep => ({
    name: step.name,
    ok,
    detail,
    remedy,
    milliseconds: Math.round(performance.now() - started),
  });
  try {
    return finish(true, await step.run(), null);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof RequestError) return finish(false, error.message, step.remedy);
    if (error instanceof RemoteError) return finish(false, error.message, knownRemedy(error) ?? step.remedy);
    throw error;
  }
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
