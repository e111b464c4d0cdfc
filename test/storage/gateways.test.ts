import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  await execute('delete from gateway');
});

const gateways = () => opened.database.storage.gateways;
const execute = (statement: string) => opened.database.orm.em.fork().execute(statement);
const ONE = randomUUID();
const OTHER = randomUUID();

it('tells a gateway what the others serve, as each told last', async () => {
  await gateways().tell(ONE, 'first');
  await gateways().tell(OTHER, 'first');
  await gateways().tell(OTHER, 'second');
  expect(await gateways().others(ONE, 15)).toEqual(['second']);
  expect(await gateways().others(OTHER, 15)).toEqual(['first']);
});

it('tells nothing of one that has left, or was not heard of for too long', async () => {
  await gateways().tell(ONE, 'first');
  await execute("update gateway set seen_at = now() - interval '16 seconds'");
  expect(await gateways().others(OTHER, 15)).toEqual([]);
  await gateways().tell(ONE, 'first');
  expect(await gateways().others(OTHER, 15)).toEqual(['first']);
  await gateways().leave(ONE);
  expect(await gateways().others(OTHER, 15)).toEqual([]);
});

it('forgets those that never said that they left', async () => {
  await gateways().tell(ONE, 'first');
  await execute("update gateway set seen_at = now() - interval '2 hours'");
  await gateways().tell(OTHER, 'first');
  expect(await execute('select id from gateway')).toEqual([{ id: OTHER }]);
});
