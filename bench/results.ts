import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** One line of the report. */
export interface Row {
  readonly what: string;
  readonly result: string;
}

const PACKAGES = ['@apollo/server', 'graphql', 'graphql-jit', 'undici', 'express', '@as-integrations/express5'];

/** Writes what was measured as a document: when, where, with what, and how each contestant is made. */
export function writeResults(file: string, rows: readonly Row[], options: { readonly quick: boolean }): void {
  const lines = rows.map(({ what, result }) => `| ${what} | ${result} |`);
  writeFileSync(file, `${head(options.quick)}\n| | |\n|---|---|\n${lines.join('\n')}\n`);
}

function head(quick: boolean): string {
  const date = new Date().toISOString().slice(0, 10);
  const versions = PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', ');
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[2]?.toFixed(1);
  const database = process.env.BENCH_DATABASE_URL ? 'PostgreSQL' : 'the embedded database';
  return `# Results of \`npm run bench${quick ? ' -- --quick' : ''}\`

${date}, ${cpus().length} cores, ${memory} GiB of memory, Node ${process.versions.node}; ${versions}.

Mocks, contestants and load share the machine, so that ratios say more than rates. Each figure is a median of rounds, in which the
contestants take turns; the load average over the last quarter of an hour was ${load}, so that anything above ${cpus().length} means other
work took its part. "control" is a second copy of the floor, and tells by how much equals differ. Before any timing all give the same
body. CPU is the processor time of the contestant's process for one answer. The delay is what the mocks wait before each answer.

- **floor**: the calls written by hand over kept-alive connections and joined by hand, behind Node's own HTTP server (\`bench/contestants/floor.ts\`).
- **apollo**: Apollo Server in Express with all their defaults, resolvers written by hand for just these queries, a DataLoader for the
  Campaign side, the same upstream calls as the floor (\`bench/contestants/apollo.ts\`).
- **gateway**: Isthmus as \`npm start\` runs it, on ${database}.

GraphQL Mesh's OData source is not measured.
`;
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
}
