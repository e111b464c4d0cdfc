import { afterAll, beforeAll, expect, it } from 'vitest';
import { MIGRATIONS } from '../../migrations/migrations.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

it('migrations make the tables that the entities describe, and leave those of the queue alone', async () => {
  const em = opened.database.orm.em.fork();
  await em.execute('create schema if not exists pgboss');
  await em.execute('create table pgboss.not_ours (id int primary key)');
  expect(await opened.database.orm.schemaDifference()).toBe('');
});

it('a migration that ran is not run again', async () => {
  await opened.database.orm.migrate();
  const executed = await opened.database.orm.em.fork().execute('select name from mikro_orm_migrations');
  expect(executed).toEqual(MIGRATIONS.map(({ name }) => ({ name })));
});

it('the difference tells of a column that is missing', async () => {
  await opened.database.orm.em.fork().execute('alter table workflow drop column schedule');
  expect(await opened.database.orm.schemaDifference()).toContain('add "schedule" text null');
});

it('a database that answers is told from one that is closed', async () => {
  const other = await openTestDatabase();
  await expect(other.database.storage.ping()).resolves.toBeUndefined();
  await other.close();
  await expect(other.database.storage.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
