import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Aim, aimOfMock } from './aims.js';
import { startEnvironment } from './environment.js';
import { benchImport } from './import.js';
import { benchManyTables } from './many-tables.js';
import { benchMatrix, FULL, type Plan, QUICK } from './matrix.js';
import { residentSize } from './measure.js';
import { benchPaging } from './paging.js';
import { createReport, type Report } from './report.js';
import { type Section, writeResults } from './results.js';

/** Tells one measurement: what was measured, what came out, and what was aimed at. */
export type PrintRow = (what: string, result: string, aim?: Aim) => void;

interface Asked {
  readonly quick: boolean;
  readonly plan: Plan;
  /** When the suite must be done, on the clock of `performance.now()`. */
  readonly until: number;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

interface Suite {
  readonly name: string;
  /** Also runs with --quick, which ends within two minutes. */
  readonly quick: boolean;
  /** Minutes that it takes at most; null: those that the others leave. */
  readonly minutes: number | null;
  run(report: Report, asked: Asked): Promise<void>;
}

const SUITES: readonly Suite[] = [
  { name: 'gateway', quick: true, minutes: null, run: benchGateway },
  { name: 'paging', quick: false, minutes: 2.5, run: (report, { signal }) => benchPaging(report, signal) },
  { name: 'many-tables', quick: false, minutes: 2, run: (report, { signal }) => benchManyTables(report, signal) },
  { name: 'campaign-mock', quick: false, minutes: 1.5, run: mockSuite('./campaign-mock.js', 'benchCampaignMock') },
  { name: 'dynamics-mock', quick: false, minutes: 3, run: mockSuite('./dynamics-mock.js', 'benchDynamicsMock') },
];

const NAMES = SUITES.map(({ name }) => name).join(', ');

const HELP = `Usage: npm run bench [-- --quick] [--mocks] [--only NAME] [--minutes N] [--rounds N] [--mesh] [--print]

  --quick      some rounds of the gateway alone, without GraphQL Mesh: within two minutes
  --mocks      with --quick: the other suites too, which takes some nine minutes more
  --only NAME  one of ${NAMES}; the results of the others stay as they are
  --minutes N  what all may take together, without installing GraphQL Mesh (default 25)
  --rounds N   rounds in which the contestants take turns (default ${FULL.rounds}, with --quick ${QUICK.rounds})
  --mesh       with --quick: GraphQL Mesh too; the first time it is installed in bench/peers/mesh
  --print      writes nothing to bench/RESULTS.md

Ctrl-C stops, and keeps what was measured by then. With BENCH_DATABASE_URL the gateway runs on that PostgreSQL, in databases that are
made there and dropped; without, on the embedded database.
`;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  mocks: { type: 'boolean', default: false },
  only: { type: 'string' },
  minutes: { type: 'string', default: '25' },
  rounds: { type: 'string' },
  mesh: { type: 'boolean', default: false },
  print: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const;

/** Runs the suites one after the other, prints each figure when it is known, and writes all to bench/RESULTS.md. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return void process.stdout.write(HELP);
  const chosen = SUITES.filter(({ name, quick }) =>
    values.only === undefined ? quick || !values.quick || values.mocks : name === values.only,
  );
  if (chosen.length === 0) throw new Error(`Expected --only to name one of ${NAMES}, not "${values.only}".`);
  const end = performance.now() + wholeNumber('minutes', values.minutes) * 60_000;
  const stop = stopOnSignal();
  const sections: Section[] = [];
  for (const [index, suite] of chosen.entries()) {
    const later = chosen.slice(index + 1).reduce((sum, { minutes }) => sum + (minutes ?? 0), 0);
    const asked = { quick: values.quick, plan: planFrom(values), until: end - later * 60_000, signal: stop.signal };
    sections.push(await runSuite(suite, asked));
    if (stop.signal.aborted) break;
  }
  const measured = sections.filter(({ rows }) => rows.length > 0);
  if (!values.print && measured.length > 0) writeResults('bench/RESULTS.md', measured);
  if (process.exitCode === undefined && stop.signal.aborted) process.exitCode = 130;
}

/** What was measured before a fault or Ctrl-C is kept. */
async function runSuite(suite: Suite, asked: Asked): Promise<Section> {
  const report = createReport();
  const how = asked.quick ? ' Measured with `--quick`.' : '';
  try {
    await suite.run(report, asked);
    return { name: suite.name, rows: report.rows, remark: how };
  } catch (error) {
    if (asked.signal.aborted) return { name: suite.name, rows: report.rows, remark: `${how} Stopped before its end.` };
    process.exitCode = 1;
    process.stderr.write(`\n${suite.name}: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    return { name: suite.name, rows: report.rows, remark: `${how} It failed before its end.` };
  }
}

function planFrom(values: {
  readonly quick: boolean;
  readonly mesh: boolean;
  readonly rounds?: string | undefined;
}): Plan {
  const plan = values.quick ? QUICK : FULL;
  return {
    ...plan,
    mesh: plan.mesh || values.mesh,
    rounds: values.rounds === undefined ? plan.rounds : wholeNumber('rounds', values.rounds),
  };
}

function wholeNumber(flag: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new Error(`Expected --${flag} to be a whole number from 1 to 9999, not "${text}".`);
}

/** One Ctrl-C may arrive twice, from the terminal and again from npm. */
const SAME_SIGNAL_MS = 1_000;

/** The first signal stops the measuring before its next turn; a later one does not wait for that. */
function stopOnSignal(): AbortController {
  const stop = new AbortController();
  let since: number | null = null;
  const stopping = () => {
    if (since !== null && performance.now() - since > SAME_SIGNAL_MS) process.exit(130);
    if (since !== null) return;
    since = performance.now();
    process.stderr.write('\nStopping; what was measured is kept.\n');
    stop.abort();
  };
  process.on('SIGINT', stopping).on('SIGTERM', stopping);
  return stop;
}

async function benchGateway(report: Report, { quick, plan, until, signal }: Asked): Promise<void> {
  report.progress('starting mocks, gateway and contestants');
  const environment = await startEnvironment({ contacts: quick ? 2_000 : 5_000, contestants: true });
  try {
    report.row('gateway: resident size, idle', `${residentSize(environment.pid('gateway')).now.toFixed(0)} MiB`);
    await benchImport(environment, report.row);
    signal.throwIfAborted();
    await benchMatrix(environment, report, { plan, until, signal });
  } finally {
    await environment.close();
  }
}

/** The mocks' own measurements, each in a file of its own. */
function mockSuite(file: string, name: string): Suite['run'] {
  return async (report, { signal }) => {
    const url = new URL(file, import.meta.url);
    if (!existsSync(url)) return report.row(name, 'not there');
    const module: Readonly<Record<string, unknown>> = await import(url.href);
    const bench = module[name];
    if (typeof bench !== 'function') throw new Error(`Expected ${file} to export ${name}.`);
    const print: PrintRow = (what, result, aim) => {
      report.row(what, result, aim ?? aimOfMock(what, result));
      // The next measurement does not begin.
      signal.throwIfAborted();
    };
    await bench(print);
  };
}

await main();
