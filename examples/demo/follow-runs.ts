import { setTimeout as delay } from 'node:timers/promises';
import { line } from './print.js';
import { send } from './send.js';

interface RunState {
  readonly workflow: { readonly name: string };
  readonly status: string;
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const POLL_MS = 300;
const TIMEOUT_MS = 10 * 60_000;

/** Shows the progress of the runs that a start answered with, until each has ended. Rejects where one fails. */
export async function followRuns(endpoint: string, started: Record<string, unknown>): Promise<void> {
  for (const run of Object.values(started)) await followRun(endpoint, (run as { id: string }).id); // the operation asks for it
}

async function followRun(endpoint: string, id: string): Promise<void> {
  const until = performance.now() + TIMEOUT_MS;
  let shown = '';
  while (performance.now() < until) {
    const run = await readRun(endpoint, id);
    const text = describe(run);
    if (text !== shown) line(text);
    shown = text;
    if (run.status === 'SUCCEEDED') return;
    if (run.status === 'FAILED' || run.status === 'STOPPED')
      throw new Error(`${text}${run.error ? `\n${run.error.code}: ${run.error.message}` : ''}`);
    await delay(POLL_MS);
  }
  throw new Error(`Run ${id} has not ended within ${TIMEOUT_MS / 60_000} minutes.`);
}

async function readRun(endpoint: string, id: string): Promise<RunState> {
  const { data } = await send(
    endpoint,
    `{ run(id: ${JSON.stringify(id)}) { workflow { name } status read created updated unchanged rejected error { code message } } }`,
  );
  return data.run as RunState; // what the query asks for
}

function describe(run: RunState): string {
  const { workflow, status, read, created, updated, unchanged, rejected } = run;
  return `${workflow.name} ${status}: ${read} read, ${created} created, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected`;
}
