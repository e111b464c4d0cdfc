import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { getIntrospectionQuery } from 'graphql';
import { type Environment, startEnvironment } from './environment.js';
import { COLUMNS, largeOrganization } from './large-organization.js';
import { cpuOf, median, residentSize } from './measure.js';
import type { Report } from './report.js';

const TABLES = 1_000;
const ALL = { DYNAMICS_TABLES: '*' } as const;
/** Left to itself, Node lets garbage lie while there is memory, so that a peak tells little of what is held. */
const HEAP = ['--max-old-space-size=512'] as const;
const TIMEOUT_MS = 120_000;

const AIMS = {
  /** Seconds of processor time that the tables may add to a start. */
  cpu: 1.5,
  /** MiB that they may add to what the gateway holds, the whole graph introspected. */
  memory: 400,
} as const;

/** A table of the many with a lookup, and what no client asked for before. */
const FIRST =
  '{ dynamics { new_large7s(first: 1, filter: { new_name: { startsWith: "a" } }) { nodes { new_name } } } }';
const OTHER = '{ dynamics { new_large8s(first: 1) { nodes { new_name new_parentid { new_name } } } } }';
const SMALL = '{ __typename }';

/**
 * Serves an organization of a thousand tables: what it takes to read them, to start with them at hand, to answer a query, and to tell the whole
 * of the graph, and what waits meanwhile.
 */
export async function benchManyTables(report: Report, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-tables-'));
  try {
    const tables = join(folder, 'tables.json');
    await writeFile(tables, JSON.stringify(largeOrganization(TABLES)));
    report.progress(`starting mocks with ${TABLES} tables and the gateway`);
    const environment = await startEnvironment({ contacts: 20, contestants: false, tables });
    try {
      await benchTables(environment, report, signal);
    } finally {
      await environment.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchTables(environment: Environment, report: Report, signal: AbortSignal): Promise<void> {
  await environment.restartGateway(HEAP);
  const without = await costOf(environment);
  signal.throwIfAborted();
  report.progress('reading every table');
  await benchReading(environment, report);
  signal.throwIfAborted();
  report.progress('starting with the tables at hand');
  await environment.restartGateway(HEAP, ALL);
  const start = await costOf(environment);
  const cpu = (start.cpu - without.cpu) / 1000;
  report.row(
    `start with ${TABLES} tables of ${COLUMNS} columns at hand, over a start with those mapped`,
    `${cpu.toFixed(2)} s of CPU, ${(start.resident - without.resident).toFixed(0)} MiB resident`,
    { text: `≤ ${AIMS.cpu} s`, met: cpu <= AIMS.cpu },
  );
  await benchQueries(environment, report);
  signal.throwIfAborted();
  report.progress('introspecting the whole');
  const added = (await benchIntrospection(environment, report)) - without.resident;
  report.row(
    'the most that was held meanwhile in a heap of 512 MiB, over a start with those mapped',
    `${added.toFixed(0)} MiB resident`,
    { text: `≤ ${AIMS.memory} MiB`, met: added <= AIMS.memory },
  );
}

/** Processor time until it was ready, and what is held when the garbage of the start is gone. */
async function costOf(environment: Environment) {
  const pid = environment.pid('gateway');
  const cpu = cpuOf(pid);
  let resident = residentSize(pid).now;
  for (let sample = 0; sample < SAMPLES; sample++) {
    await delay(SAMPLE_MS);
    resident = Math.min(resident, residentSize(pid).now);
  }
  return { cpu, resident };
}

const SAMPLES = 20;
const SAMPLE_MS = 250;

async function benchReading(environment: Environment, report: Report): Promise<void> {
  await fetch(`${environment.mocks.dynamics}/_mock/requests`, { method: 'DELETE' });
  const start = performance.now();
  await environment.restartGateway([], ALL);
  while (!(await answerOf(environment, FIRST)).includes('"data":{"dynamics"')) await delay(20);
  const seconds = (performance.now() - start) / 1000;
  const journal = (await (await fetch(`${environment.mocks.dynamics}/_mock/requests`)).json()) as Journal; // as the mocks document it
  const asked = entriesOf(journal).filter(({ path }) => /RetrieveMetadataChanges|EntityDefinitions/.test(path));
  report.row(`first start with DYNAMICS_TABLES=*, until ${TABLES} tables are served`, `${seconds.toFixed(1)} s`);
  report.row('requests for metadata that this took', `${asked.length}`);
}

type Entry = { readonly path: string };
type Journal = readonly Entry[] | { readonly requests: readonly Entry[] };

function entriesOf(journal: Journal): readonly Entry[] {
  return 'requests' in journal ? journal.requests : journal;
}

async function benchQueries(environment: Environment, report: Report): Promise<void> {
  while ((await answerOf(environment, SMALL)) === '') await delay(20);
  const first = await timed(() => ask(environment, FIRST));
  const other = await timed(() => ask(environment, OTHER));
  const later = [];
  for (let time = 0; time < 20; time++) later.push((await timed(() => ask(environment, OTHER))).milliseconds);
  report.row('the first query of a table', `${first.milliseconds.toFixed(1)} ms`);
  report.row('the first query of another table', `${other.milliseconds.toFixed(1)} ms`);
  report.row('the same again, median', `${median(later).toFixed(1)} ms`);
}

/**
 * Small queries go on meanwhile, one after the other: the slowest tells how long others wait at most. Gives the MiB that were resident at
 * most.
 */
async function benchIntrospection(environment: Environment, report: Report): Promise<number> {
  const query = getIntrospectionQuery();
  const whole = await besides(environment, () => timed(() => ask(environment, query)));
  report.row(
    'introspection of the whole',
    `${(whole.result.milliseconds / 1000).toFixed(1)} s, ${megabytes(whole.result.text)}`,
  );
  report.row('a small query meanwhile, at its slowest', `${whole.slowest.toFixed(0)} ms`);
  const address = `http://127.0.0.1:${environment.port('gateway')}/schema.graphql`;
  const text = () => fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) }).then((response) => response.text());
  const printed = await besides(environment, () => timed(text));
  report.row(
    '/schema.graphql',
    `${(printed.result.milliseconds / 1000).toFixed(1)} s, ${megabytes(printed.result.text)}`,
  );
  report.row('a small query meanwhile, at its slowest', `${printed.slowest.toFixed(0)} ms`);
  return Math.max(whole.resident, printed.resident);
}

async function besides<Result>(environment: Environment, work: () => Promise<Result>) {
  let isDone = false;
  let slowest = 0;
  let resident = 0;
  const result = work().finally(() => {
    isDone = true;
  });
  while (!isDone) {
    slowest = Math.max(slowest, (await timed(() => ask(environment, SMALL))).milliseconds);
    resident = Math.max(resident, residentSize(environment.pid('gateway')).now);
    await delay(5);
  }
  return { result: await result, slowest, resident };
}

async function timed(work: () => Promise<string>) {
  const start = performance.now();
  const text = await work();
  return { text, milliseconds: performance.now() - start };
}

/** Empty where the connection was one to the gateway before. */
function answerOf(environment: Environment, query: string): Promise<string> {
  return ask(environment, query).catch(() => '');
}

async function ask({ gateway }: Environment, query: string): Promise<string> {
  const response = await fetch(gateway, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return response.text();
}

function megabytes(text: string): string {
  return `${(text.length / 1e6).toFixed(1)} MB`;
}
