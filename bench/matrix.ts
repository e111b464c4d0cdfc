import { isDeepStrictEqual } from 'node:util';
import { Pool } from 'undici';
import { send } from '../examples/demo/send.js';
import type { Environment, Server } from './environment.js';
import type { PrintRow } from './main.js';
import { type Contestant, type Measured, type MeasureOptions, measure, residentSize } from './measure.js';
import { type Shape, shapesFor } from './shapes.js';

/** The floor comes first: all others are told as parts of it. */
const SERVERS: readonly Server[] = ['floor', 'control', 'apollo', 'gateway'];

interface Plan extends Pick<MeasureOptions, 'rounds' | 'roundMs'> {
  readonly shapes: number;
  readonly delays: readonly number[];
  readonly connections: readonly number[];
}

const FULL: Plan = { shapes: 4, delays: [0, 30, 100], connections: [1, 16, 32], rounds: 5, roundMs: 1_500 };
const QUICK: Plan = { shapes: 4, delays: [0, 30], connections: [32], rounds: 3, roundMs: 500 };

/**
 * Holds the gateway against hand-written calls (the floor) and hand-written resolvers in Apollo Server: four shapes of query, one after
 * the other on the same mocks. Every contestant must give the same body first. Rejects where one does not.
 */
export async function benchQueries(environment: Environment, print: PrintRow, quick: boolean): Promise<void> {
  const plan = quick ? QUICK : FULL;
  const shapes = shapesFor(await anyContact(environment)).slice(0, plan.shapes);
  for (const shape of shapes) {
    await assertSameBodies(environment, shape);
    print(`${shape.name}: upstream requests`, `${await upstreamRequests(environment, shape)}`);
  }
  for (const delay of plan.delays) {
    await environment.setDelay(delay);
    for (const connections of plan.connections) {
      for (const shape of shapes) {
        const result = await measureShape(environment, shape, {
          connections,
          rounds: plan.rounds,
          roundMs: plan.roundMs,
        });
        for (const one of result)
          print(`${shape.name}, ${delay} ms, ${connections} conn: ${one.name}`, tell(one, result));
      }
    }
  }
  await environment.setDelay(0);
  print('gateway: resident size after all that', `${residentSize(environment.pid('gateway')).toFixed(0)} MiB`);
}

function tell({ perSecond, milliseconds, cpu, ratio }: Measured, all: readonly Measured[]): string {
  const apollo = all.find(({ name }) => name === 'apollo')?.perSecond ?? Number.NaN;
  return [
    `${ratio.toFixed(2)} of the floor`,
    `${(perSecond / apollo).toFixed(2)} of Apollo`,
    `${perSecond.toFixed(0)}/s`,
    `${milliseconds.toFixed(1)} ms`,
    `${cpu.toFixed(2)} ms CPU`,
  ].join(' · ');
}

async function measureShape(environment: Environment, shape: Shape, options: MeasureOptions) {
  const pools = SERVERS.map(
    (name) => new Pool(new URL(environment.url(name)).origin, { connections: options.connections }),
  );
  const contestants = SERVERS.map((name, index): Contestant => {
    const pool = pools[index];
    if (!pool) throw new Error('Expected a pool for each server.');
    return { name, pid: environment.pid(name), call: () => post(pool, shape) };
  });
  try {
    return await measure(contestants, options);
  } finally {
    for (const pool of pools) await pool.close();
  }
}

async function post(pool: Pool, { query, variables }: Shape): Promise<string> {
  const { statusCode, body } = await pool.request({
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`Expected status 200, but got ${statusCode}: ${text.slice(0, 300)}`);
  return text;
}

async function assertSameBodies(environment: Environment, shape: Shape): Promise<void> {
  const bodies: unknown[] = [];
  for (const name of SERVERS) {
    const pool = new Pool(new URL(environment.url(name)).origin);
    bodies.push(JSON.parse(await post(pool, shape)));
    await pool.close();
  }
  const differing = SERVERS.filter((_, index) => !isDeepStrictEqual(bodies[index], bodies[0]));
  if (differing.length === 0) return;
  const [one, other] = [bodies[0], bodies[SERVERS.indexOf(differing[0] ?? 'gateway')]].map((body) =>
    JSON.stringify(body),
  );
  throw new Error(
    `Expected equal bodies of "${shape.name}", but ${differing.join(', ')} differ from the floor:\n${one?.slice(0, 600)}\n${other?.slice(0, 600)}`,
  );
}

async function upstreamRequests({ gateway }: Environment, { query, variables }: Shape): Promise<number> {
  const response = await fetch(gateway, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'isthmus-upstream': 'true' },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await response.json()) as { extensions: { upstream: unknown[] } }; // the header asks for it
  return answer.extensions.upstream.length;
}

async function anyContact({ gateway }: Environment): Promise<string> {
  const { data } = await send(gateway, '{ unified { contacts(first: 1, from: CAMPAIGN) { nodes { id } } } }');
  const { nodes } = (data.unified as { contacts: { nodes: { id: string }[] } }).contacts; // as asked
  const [contact] = nodes;
  if (!contact) throw new Error('Expected a contact in both systems.');
  return contact.id;
}
