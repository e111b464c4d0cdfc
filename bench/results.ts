import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import type { Row } from './report.js';

/** What a suite measured. */
export interface Section {
  /** The suite's name, by which `--only` knows it. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** How it was asked for, as `--quick`; what kept it from its end. */
  readonly remark: string;
}

const PACKAGES = ['@apollo/server', 'graphql', 'graphql-jit', 'undici', 'express', '@as-integrations/express5'];

/** Writes the sections into the document: each takes the place of the suite's earlier one, and those of other suites stay. */
export function writeResults(file: string, sections: readonly Section[]): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(
    file,
    mergeResults(
      before,
      sections.map(({ name, ...section }) => [name, sectionText(section)]),
    ),
  );
}

/** The document with these sections, by name, in place of those that it has or after them. */
export function mergeResults(document: string, sections: readonly (readonly [string, string])[]): string {
  const merged = new Map([...sectionsOf(document), ...sections]);
  const texts = [...merged].map(([name, text]) => `## ${name}\n\n${text.trim()}\n`);
  return `${HEAD}\n${texts.join('\n')}`;
}

function sectionsOf(document: string): readonly (readonly [string, string])[] {
  return document
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end)] as const;
    });
}

function sectionText({ rows, remark }: Omit<Section, 'name'>): string {
  const aims = rows.flatMap(({ aim }) => (aim ? [aim] : []));
  const met = aims.filter((aim) => aim.met).length;
  const lines = rows.map(
    ({ what, result, aim }) =>
      `| ${what} | ${result} | ${aim ? aim.text : ''} | ${aim ? (aim.met ? 'met' : '**not met**') : ''} |`,
  );
  const summary = aims.length === 0 ? '' : ` ${met} of ${aims.length} aims are met.`;
  return `${circumstances()}${remark}${summary}\n\n| | | aim | |\n|---|---|---|---|\n${lines.join('\n')}`;
}

function circumstances(): string {
  const date = new Date().toISOString().slice(0, 10);
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[2]?.toFixed(1);
  const versions = PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', ');
  const database = process.env.BENCH_DATABASE_URL ? 'PostgreSQL' : 'the embedded database';
  return (
    `${date}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${memory} GiB of memory, Node ${process.versions.node}, ` +
    `gateway on ${database}; ${versions}. Load average over the last quarter of an hour: ${load}.`
  );
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
}

const HEAD = `# Results of \`npm run bench\`

Each section is a suite (\`npm run bench -- --only NAME\` measures it anew and leaves the others) with its date, machine and aims.

Mocks, contestants and load are processes of their own, but share the machine, so that ratios say more than rates. Each figure is a median
of rounds, in which the contestants take turns; a load average above the number of cores means that other work took its part. "control" is
a second copy of the floor, and tells by how much equals differ. Before any timing all give the same body, and while it lasts every answer
must be a 200 of the same length as the first to the same request. CPU is the processor time of the contestant's process for one answer. ms is the median time of one
answer. The delay is what the mocks wait before each answer.

In a cell all connections repeat one query, and the aims are set for that. What several of them need at the same moment the gateway asks for
once (\`SHARE_READS\`), as Apollo Router does with \`deduplicate_query\`; the floor and the resolvers written by hand do not. That is of use
where many ask the same, and tells nothing of answers that have nothing in common. Therefore the rows "own queries" (0 ms, 16 and 32 connections)
let each connection repeat a query of its own: the same shape with another id, other ids or another page size, so that no two answers are
the same and nothing is shared. The ratios there are told without an aim.

- **floor**: the calls written by hand over kept-alive connections and joined by hand, behind Node's own HTTP server (\`bench/contestants/floor.ts\`).
- **apollo**: Apollo Server in Express with all their defaults, resolvers written by hand for just these queries, a DataLoader for the
  Campaign side, the same upstream calls as the floor (\`bench/contestants/apollo.ts\`).
- **gateway**: Isthmus as \`npm start\` runs it.
- **mesh**: GraphQL Mesh (\`@graphql-mesh/cli\` 0.82.27, \`@graphql-mesh/odata\` 0.22.18) on the mock's \`$metadata\`, compiled by \`mesh build\`,
  in production (\`bench/peers/mesh\`). It has no source for Campaign, so it is asked for the Dynamics half of each query, and the gateway for
  the same half beside it; the records must be the same, but the bodies differ in what wraps them. It writes keys as path segments, which
  Dynamics does not take: the mock is started with \`--keys-as-segments\` for it. Filtered lists are asked for without their count,
  since Mesh counts whole tables alone.
- **the load**: sends one prepared request again and again over each connection and reads the length of the answer (\`bench/load.ts\`).
`;
