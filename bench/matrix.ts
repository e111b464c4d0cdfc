import { isDeepStrictEqual } from 'node:util';
import { send } from '../examples/demo/send.js';
import { aimsOfCell } from './aims.js';
import type { Environment, Server } from './environment.js';
import { requestText, startLoadGenerator } from './load-generator.js';
import { type Contestant, durationOf, type Measured, measure, ratioOf, residentSize } from './measure.js';
import { startMesh } from './mesh.js';
import type { Report } from './report.js';
import { type KnownIds, MOST_OWN, type Question, type Shape, shapesFor, unwrap } from './shapes.js';

/** What is measured. */
export interface Plan {
  readonly delays: readonly number[];
  readonly connections: readonly number[];
  readonly rounds: number;
  /** Milliseconds that one contestant is asked in one round; null: what is left of the time. */
  readonly roundMs: number | null;
  readonly mesh: boolean;
}

export const FULL: Plan = { delays: [0, 30, 100], connections: [1, 16, 32], rounds: 5, roundMs: null, mesh: true };
export const QUICK: Plan = { delays: [0, 30], connections: [32], rounds: 3, roundMs: 500, mesh: false };

export interface MatrixOptions {
  readonly plan: Plan;
  /** When all must be measured, on the clock of `performance.now()`. */
  readonly until: number;
  readonly signal: AbortSignal;
}

/** The floor comes first: all others are told as parts of it. */
const WHOLE: readonly Server[] = ['floor', 'control', 'apollo', 'gateway'];

/** Below that a turn tells nothing. */
const LEAST_ROUND_MS = 200;
const MOST_ROUND_MS = 3_000;

/**
 * Holds the gateway against hand-written calls (the floor), hand-written resolvers in Apollo Server and, for the Dynamics half, GraphQL
 * Mesh: four shapes of query on the same mocks. Contestants must give the same bodies first. Rejects where they do not.
 */
export async function benchMatrix(environment: Environment, report: Report, options: MatrixOptions): Promise<void> {
  const { plan } = options;
  const shapes = shapesFor(await someIds(environment));
  if (plan.mesh) await tryMesh(environment, report);
  const fields: Field[] = [];
  for (const shape of shapes) {
    await assertSameBodies(environment, shape);
    await assertOwn(environment, shape);
    report.row(`${shape.name}: upstream requests`, `${await upstreamRequests(environment, shape)}`);
    fields.push({ shape, contestants: [...whole(environment, shape), ...(await halves(environment, shape, report))] });
  }
  const cells = plan.delays.flatMap((delay): readonly Cell[] =>
    plan.connections.flatMap((connections) => [
      ...fields.map((field) => ({ ...field, delay, connections })),
      ...(delay === 0 && connections > 1 ? ownCells(environment, shapes, connections) : []),
    ]),
  );
  await measureCells(environment, report, { ...options, cells });
  const { now, peak } = residentSize(environment.pid('gateway'));
  report.row('gateway: resident size after all that', `${now.toFixed(0)} MiB, ${peak.toFixed(0)} MiB at its peak`, {
    text: '< 250 MiB at its peak',
    met: peak < 250,
  });
}

async function measureCells(
  environment: Environment,
  report: Report,
  { plan, until, signal, cells }: MatrixOptions & { readonly cells: readonly Cell[] },
): Promise<void> {
  // Anew for each cell: where answers are slow, turns take longer than they should, and the later ones make up for it.
  const roundOf = (from: number) => plan.roundMs ?? (until - performance.now()) / turnsOf(cells.slice(from), plan);
  assertEnough(roundOf(0));
  const load = startLoadGenerator();
  let busiest = 0;
  try {
    for (const [index, cell] of cells.entries()) {
      const roundMs = Math.min(Math.max(roundOf(index), LEAST_ROUND_MS), MOST_ROUND_MS);
      const left = Math.ceil((roundMs * turnsOf(cells.slice(index), plan)) / 60_000);
      report.progress(`${index + 1} of ${cells.length}: ${nameOf(cell)}; ${left} min to go`);
      if (cell.delay !== cells[index - 1]?.delay) await environment.setDelay(cell.delay);
      const options = { connections: cell.connections, rounds: plan.rounds, roundMs, load: load.run, signal };
      const measured = await measure(cell.contestants, options);
      tell(report, cell, measured);
      busiest = Math.max(busiest, ...measured.map(({ loadCpu, perSecond }) => (loadCpu * perSecond) / 10));
    }
  } finally {
    load.close();
    await environment.setDelay(0);
  }
  report.row('the process that makes the load', `at most ${busiest.toFixed(0)} % of a core`);
}

/** How many turns the cells take, in turns of a whole round. */
function turnsOf(cells: readonly Cell[], { rounds }: Plan): number {
  return cells.reduce((sum, { contestants }) => sum + durationOf(contestants.length, { rounds, roundMs: 1 }), 0);
}

/** Before anything is measured, not after half of it. */
function assertEnough(roundMs: number): void {
  if (roundMs >= LEAST_ROUND_MS) return;
  throw new Error(
    `Expected time for rounds of ${LEAST_ROUND_MS} ms, but they would have ${roundMs.toFixed(0)} ms; give more --minutes or fewer --rounds.`,
  );
}

/** Who is asked: servers with the whole question, and two with its Dynamics half. */
export type Entrant = Server | 'gateway, Dynamics half' | 'mesh, Dynamics half';

/** A shape and who takes part in it. */
interface Field {
  readonly shape: Shape;
  readonly contestants: readonly Contestant<Entrant>[];
}

interface Cell extends Field {
  /** Milliseconds that the mocks wait. */
  readonly delay: number;
  readonly connections: number;
  /** True where each connection asks a query of its own. */
  readonly own?: true;
}

function nameOf({ shape, delay, connections, own }: Cell): string {
  return `${shape.name}, ${delay} ms, ${connections} conn${own ? ', own queries' : ''}`;
}

function whole(environment: Environment, { query, variables }: Shape): readonly Contestant<Entrant>[] {
  return WHOLE.map((server) => contestant(environment, { name: server, server, bodies: [{ query, variables }] }));
}

/** Those whose ratios are told where nothing can be shared. */
const ALONE = ['floor', 'apollo', 'gateway'] as const;

function ownCells(environment: Environment, shapes: readonly Shape[], connections: number): readonly Cell[] {
  return shapes.map((shape) => {
    const bodies = shape.own(connections);
    const contestants = ALONE.map((server) => contestant(environment, { name: server, server, bodies }));
    return { shape, contestants, delay: 0, connections, own: true };
  });
}

/** That all give the same body to each query, and that no two queries have the same one, which could be shared behind the first request. */
async function assertOwn(environment: Environment, { name, own }: Shape): Promise<void> {
  const bodies = new Set<string>();
  for (const question of own(MOST_OWN)) {
    bodies.add(JSON.stringify(await assertSameBodies(environment, { name, ...question })));
  }
  if (bodies.size === MOST_OWN) return;
  throw new Error(`Expected ${MOST_OWN} different answers to own queries of "${name}", but got ${bodies.size}.`);
}

/** The two that answer the Dynamics half; none where Mesh is not there or cannot. */
async function halves(environment: Environment, shape: Shape, report: Report): Promise<readonly Contestant<Entrant>[]> {
  const server = await meshFor(environment, shape, report);
  if (server === null) return [];
  const { variables, dynamicsHalf } = shape;
  return [
    contestant(environment, {
      name: 'gateway, Dynamics half',
      server: 'gateway',
      bodies: [{ query: dynamicsHalf.gateway, variables }],
    }),
    contestant(environment, {
      name: 'mesh, Dynamics half',
      server,
      bodies: [{ query: dynamicsHalf.mesh, variables }],
    }),
  ];
}

function contestant(
  environment: Environment,
  { name, server, bodies }: { readonly name: Entrant; readonly server: Server; readonly bodies: readonly Question[] },
): Contestant<Entrant> {
  const port = environment.port(server);
  return { name, port, requests: bodies.map((body) => requestText(port, body)), pid: environment.pid(server) };
}

async function tryMesh(environment: Environment, report: Report): Promise<void> {
  report.progress('building GraphQL Mesh from the metadata of the mock');
  try {
    await startMesh(environment);
  } catch (error) {
    report.row('GraphQL Mesh', `not measured: ${firstLine(error)}`);
  }
}

/** The Mesh that gives the gateway's records: with `expandNavProps` where it can, else without. Tells what it cannot. */
async function meshFor(environment: Environment, shape: Shape, report: Report): Promise<Server | null> {
  if (!environment.has('mesh')) return null;
  const { variables, dynamicsHalf } = shape;
  const ours = await ask(environment, 'gateway', { query: dynamicsHalf.gateway, variables });
  for (const server of ['mesh', 'mesh-plain'] as const) {
    const theirs = await ask(environment, server, { query: dynamicsHalf.mesh, variables });
    const name = server === 'mesh' ? 'Mesh with expandNavProps' : 'Mesh without expandNavProps';
    if (theirs.errors === undefined && isDeepStrictEqual(unwrap(theirs.data), unwrap(ours.data))) {
      report.row(`${shape.name}: ${name}`, 'gives the same records of Dynamics');
      return server;
    }
    const reason = theirs.errors?.[0]?.message ?? 'gives other records than the gateway';
    report.row(`${shape.name}: ${name}`, `cannot: ${reason}`);
  }
  return null;
}

function tell(report: Report, cell: Cell, measured: readonly Measured<Entrant>[]): void {
  const of = (name: Entrant) => measured.find((one) => one.name === name);
  const [floor, apollo, mesh] = [of('floor'), of('apollo'), of('mesh, Dynamics half')];
  const parts = (one: Measured<Entrant>) => {
    const isHalf = one.name.endsWith('half');
    return [
      ...(floor && !isHalf ? [`${ratioOf(one, floor).toFixed(2)} of the floor`] : []),
      ...(apollo && !isHalf ? [`${ratioOf(one, apollo).toFixed(2)} of Apollo`] : []),
      ...(mesh && isHalf ? [`${ratioOf(one, mesh).toFixed(2)} of Mesh`] : []),
      `${one.perSecond.toFixed(0)}/s`,
      `${one.milliseconds.toFixed(1)} ms`,
      `${one.cpu.toFixed(2)} ms CPU`,
    ];
  };
  for (const one of measured) report.row(`${nameOf(cell)}: ${one.name}`, parts(one).join(' · '));
  // The aims are set for one query that all connections repeat.
  for (const { what, result, aim } of cell.own ? [] : aimsOfCell(cell, of))
    report.row(`${nameOf(cell)}: ${what}`, result, aim);
}

interface Body {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string }[];
  readonly extensions?: { readonly upstream?: readonly unknown[] };
}

async function ask(
  environment: Environment,
  server: Server,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Body> {
  const response = await fetch(`http://127.0.0.1:${environment.port(server)}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  return (await response.json()) as Body; // what a GraphQL server answers
}

async function assertSameBodies(
  environment: Environment,
  { name, query, variables }: Question & Pick<Shape, 'name'>,
): Promise<Body | undefined> {
  const bodies = await Promise.all(WHOLE.map((server) => ask(environment, server, { query, variables })));
  const [first] = bodies;
  const other = bodies.findIndex((body) => body.data == null || !isDeepStrictEqual(body, first));
  if (other < 0) return first;
  const [one, two] = [first, bodies[other]].map((body) => JSON.stringify(body).slice(0, 600));
  throw new Error(`Expected equal bodies of "${name}", but ${WHOLE[other]} differs from the floor:\n${one}\n${two}`);
}

async function upstreamRequests(environment: Environment, { query, variables }: Shape): Promise<number> {
  const { extensions } = await ask(environment, 'gateway', { query, variables }, { 'isthmus-upstream': 'true' });
  return extensions?.upstream?.length ?? Number.NaN;
}

async function someIds({ gateway }: Environment): Promise<KnownIds> {
  const query = `{ unified { contacts(first: ${MOST_OWN}, from: CAMPAIGN) { nodes { id } }
    accounts(first: ${10 * MOST_OWN}) { nodes { id } } } }`;
  const { data } = await send(gateway, query);
  const { contacts, accounts } = data.unified as Record<keyof KnownIds, { nodes: { id: string }[] }>; // as asked
  if (contacts.nodes.length < MOST_OWN || accounts.nodes.length < 10 * MOST_OWN)
    throw new Error(`Expected ${MOST_OWN} contacts in both systems and ${10 * MOST_OWN} accounts.`);
  return { contacts: contacts.nodes.map(({ id }) => id), accounts: accounts.nodes.map(({ id }) => id) };
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
}
