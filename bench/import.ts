import { send } from '../examples/demo/send.js';
import type { Environment } from './environment.js';
import type { PrintRow } from './main.js';

/** Measures the import of all contacts into Campaign, and a second one that finds nothing new. */
export async function benchImport({ gateway }: Environment, print: PrintRow): Promise<void> {
  const first = await importContacts(gateway);
  print(`import of ${first.read} new contacts`, `${Math.round(first.read / first.seconds)} records/s`);
  const again = await importContacts(gateway);
  print('the same again, unchanged', `${again.read} read since the last run, ${again.unchanged} unchanged`);
}

interface ImportResult {
  readonly read: number;
  readonly created: number;
  readonly unchanged: number;
  readonly seconds: number;
}

async function importContacts(gateway: string): Promise<ImportResult> {
  const start = performance.now();
  const { data } = await send(gateway, 'mutation { startWorkflow(name: "importContacts") { id } }');
  const { id } = data.startWorkflow as { id: string }; // what the mutation asks for
  for (;;) {
    const answer = await send(gateway, `{ run(id: "${id}") { status read created unchanged error { message } } }`);
    const run = answer.data.run as Omit<ImportResult, 'seconds'> & { status: string }; // what the query asks for
    if (run.status === 'SUCCEEDED') return { ...run, seconds: (performance.now() - start) / 1000 };
    if (run.status === 'FAILED') throw new Error(`The import failed: ${JSON.stringify(run)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
