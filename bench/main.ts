import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startEnvironment } from './environment.js';
import { benchImport } from './import.js';
import { benchQueries } from './queries.js';
import { type Row, writeResults } from './results.js';

/** Tells one measurement: what was measured, and what came out. */
export type PrintRow = (what: string, result: string) => void;

interface Suite {
  readonly name: string;
  /** True where it also runs with --quick, which ends within two minutes. */
  readonly quick: boolean;
  run(print: PrintRow, quick: boolean): Promise<void>;
}

const SUITES: readonly Suite[] = [
  { name: 'gateway', quick: true, run: benchGateway },
  { name: 'campaign-mock', quick: false, run: (print) => benchMock('./campaign-mock.js', 'benchCampaignMock', print) },
  { name: 'dynamics-mock', quick: false, run: (print) => benchMock('./dynamics-mock.js', 'benchDynamicsMock', print) },
];

const HELP = `Usage: npm run bench [-- --quick] [--mocks] [--only NAME]

  --quick      fewer rounds and no mocks alone: within two minutes
  --mocks      with --quick: the mocks alone too, with a million records each, which takes some five minutes more
  --only NAME  one of ${SUITES.map(({ name }) => name).join(', ')}

With BENCH_DATABASE_URL the gateway runs on that PostgreSQL, which must be empty; without, on the embedded database.
`;

/** Runs the suites one after the other, prints each figure when it is known, and writes all to bench/RESULTS.md. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      mocks: { type: 'boolean', default: false },
      only: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const rows: Row[] = [];
  const print: PrintRow = (what, result) => {
    rows.push({ what, result });
    process.stdout.write(`${what.padEnd(64)} ${result}\n`);
  };
  for (const suite of SUITES) {
    const chosen =
      values.only === undefined ? suite.quick || !values.quick || values.mocks : suite.name === values.only;
    if (chosen) await suite.run(print, values.quick);
  }
  if (rows.length === 0) throw new Error(`Expected --only to name a suite.\n\n${HELP}`);
  if (values.only === undefined) writeResults('bench/RESULTS.md', rows, values);
}

async function benchGateway(print: PrintRow, quick: boolean): Promise<void> {
  const environment = await startEnvironment({ contacts: quick ? 2_000 : 5_000 });
  try {
    await benchImport(environment, print);
    await benchQueries(environment, print, quick);
  } finally {
    await environment.close();
  }
}

/** The mocks' own measurements, each in a file of its own. */
async function benchMock(file: string, name: string, print: PrintRow): Promise<void> {
  const url = new URL(file, import.meta.url);
  if (!existsSync(url)) return print(name, 'not there');
  const module: Readonly<Record<string, unknown>> = await import(url.href);
  const bench = module[name];
  if (typeof bench !== 'function') throw new Error(`Expected ${file} to export ${name}.`);
  await bench(print);
}

await main();
