import type { CheckStep } from '../../model/account.js';
import type { CallOptions } from '../../model/call.js';
import { RemoteError } from '../../model/errors.js';
import { xml } from '../../model/xml.js';
import { operatorRights } from './auth.js';
import type { CampaignClient } from './client.js';
import { fetchRows } from './query-rows.js';

/** What a step found: what to tell, and what to do about it where it failed. */
interface Finding {
  readonly detail: string;
  readonly remedy?: string;
}

/** Tests the connection: the address, the logon, reading, and the right to write schemas where the server told it. */
export async function checkConnection(
  client: CampaignClient,
  options: CallOptions = {},
): Promise<readonly CheckStep[]> {
  const steps: CheckStep[] = [];
  for (const [name, run] of STEPS) {
    const step = await take(name, () => run(client, options), options.signal);
    if (step === null) continue;
    steps.push(step);
    if (!step.ok) break;
  }
  return steps;
}

type Step = (client: CampaignClient, options: CallOptions) => Promise<Finding | null>;

const STEPS: readonly (readonly [string, Step])[] = [
  ['Campaign address', checkAddress],
  ['Campaign logon', checkLogon],
  ['Campaign reading', checkRead],
  ['Campaign schema rights', checkSchemaRights],
];

async function checkAddress(client: CampaignClient, options: CallOptions): Promise<Finding> {
  const { status, version, build, instance } = (await client.test(options)).attributes;
  if (status?.toUpperCase() !== 'OK') {
    return {
      detail: `The server answers, but with status "${status ?? ''}".`,
      remedy: 'Look at the state of the Campaign instance.',
    };
  }
  return { detail: `Campaign ${version ?? ''} build ${build ?? ''}, instance "${instance ?? ''}", answers.` };
}

async function checkLogon(client: CampaignClient, options: CallOptions): Promise<Finding> {
  await client.session(options);
  return { detail: 'The operator logged on.' };
}

async function checkRead(client: CampaignClient, options: CallOptions): Promise<Finding> {
  const query = xml(
    'queryDef',
    { xtkschema: 'xtk:queryDef', schema: 'xtk:option', operation: 'select', lineCount: 1 },
    [xml('select', {}, [xml('node', { expr: '@name' })]), xml('orderBy', {}, [xml('node', { expr: '@name' })])],
  );
  const rows = await fetchRows(client, query, options);
  return {
    detail: rows.length > 0 ? 'The operator can read options (xtk:option).' : 'The query of xtk:option found nothing.',
  };
}

/** Writing schemas takes the right ADMINISTRATION. A server that tells no rights is not judged. */
async function checkSchemaRights(client: CampaignClient, options: CallOptions): Promise<Finding | null> {
  const rights = operatorRights(await client.session(options));
  if (rights === null) return null;
  if (rights.includes('admin')) return { detail: 'The operator has the right ADMINISTRATION and can write schemas.' };
  return {
    detail: `The operator lacks the right ADMINISTRATION, which writing schemas takes. Rights: ${rights.join(', ')}.`,
    remedy: 'Add the operator of CAMPAIGN_USER to a group with the named right ADMINISTRATION.',
  };
}

/** Runs one step; null where it has nothing to tell. Only an abort by the caller rejects. */
async function take(name: string, run: () => Promise<Finding | null>, signal?: AbortSignal): Promise<CheckStep | null> {
  const started = performance.now();
  const finding = await run().catch((error: unknown) => {
    if (signal?.aborted || !(error instanceof RemoteError)) throw error;
    const remedy = remedyFor(error);
    return { detail: withoutEnd(error.message, remedy), remedy };
  });
  if (finding === null) return null;
  const { detail, remedy = null } = finding;
  return { name, ok: remedy === null, detail, remedy, milliseconds: Math.round(performance.now() - started) };
}

/** Messages of errors end with the remedy, which a step tells by itself. */
function withoutEnd(message: string, remedy: string): string {
  return message.endsWith(remedy) ? message.slice(0, -remedy.length).trim() : message;
}

function remedyFor(error: RemoteError): string {
  if (error.upstream.code === 'XSV-350013')
    return 'Add the address of this gateway to a security zone of the instance that allows the operator to log on.';
  switch (error.code) {
    case 'UPSTREAM_UNAUTHENTICATED':
      return 'Check CAMPAIGN_USER and CAMPAIGN_PASSWORD.';
    case 'FORBIDDEN':
      return 'Give the operator of CAMPAIGN_USER the right to read.';
    case 'RATE_LIMITED':
      return 'Try again in a while.';
    case 'UPSTREAM_UNAVAILABLE':
      return 'Check CAMPAIGN_URL, and that the Campaign server can be reached from here.';
    default:
      return 'Look for the code in the log of the Campaign server.';
  }
}
