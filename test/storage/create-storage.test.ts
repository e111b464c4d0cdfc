import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../migrations/migrations.js';
import { createLogger } from '../../src/log.js';
import { createStorage } from '../../src/storage/create-storage.js';
import { lockFolder } from '../../src/storage/folder-lock.js';
import { createDatabase, openTestDatabase, TEST_SECRET_KEY } from '../support/database.js';
import { CONTOSO } from './fixtures.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'isthmus-storage-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const common = { secretKey: TEST_SECRET_KEY, log: createLogger('silent') };

describe('the embedded database', () => {
  it('makes its folder, keeps what it is given, and lets no second one in', async () => {
    const options = { ...common, databaseUrl: null, dataDir: join(dataDir, 'new') };
    const first = await createStorage(options);
    await first.storage.accounts.save(CONTOSO, CONTOSO.credentials);
    const refusal = {
      code: 'LOCKED',
      message: expect.stringMatching(/new\/db" is open in process \d+ .*DATA_DIR.*DATABASE_URL/),
    };
    await expect(createStorage(options)).rejects.toMatchObject(refusal);
    await first.close();
    const second = await createStorage(options);
    expect(await second.storage.accounts.find('contoso')).toMatchObject({ name: 'contoso' });
    await second.close();
    expect(existsSync(join(dataDir, 'new', 'db.lock'))).toBe(false);
  });

  it('that does not open says which folder it is and what to do, and lets go of it', async () => {
    mkdirSync(join(dataDir, 'db'));
    writeFileSync(join(dataDir, 'db', 'PG_VERSION'), '9.1');
    const refusal = { code: 'UNAVAILABLE', message: expect.stringContaining(join(dataDir, 'db')) };
    await expect(createStorage({ ...common, databaseUrl: null, dataDir })).rejects.toMatchObject(refusal);
    expect(existsSync(join(dataDir, 'db.lock'))).toBe(false);
  });

  it('lets units of work under way end before it closes', async () => {
    const { database, close } = await openTestDatabase();
    const saving = database.storage.accounts.save(CONTOSO, CONTOSO.credentials);
    const closing = database.storage.close();
    await expect(saving).resolves.toMatchObject({ name: 'contoso' });
    await closing;
    await close();
  });
});

describe('a migration', () => {
  it('of a newer Isthmus is left alone', async () => {
    const { database, close } = await openTestDatabase();
    await database.orm.em.fork().execute("insert into mikro_orm_migrations (name) values ('9999-future')");
    await expect(database.orm.migrate()).rejects.toThrow('"9999-future" of a newer Isthmus');
    await close();
  });
});

describe('a PostgreSQL', () => {
  it('that does not answer is named with the remedy, but without its password', async () => {
    const databaseUrl = 'postgres://isthmus:hunter2@127.0.0.1:1/isthmus';
    const failure = await createStorage({ ...common, databaseUrl, dataDir }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/127\.0\.0\.1:1.*DATABASE_URL/),
    });
    expect(String(failure)).not.toContain('hunter2');
  });

  it.runIf(process.env.TEST_DATABASE_URL)('is brought up to date once by processes that start at once', async () => {
    const { url, drop } = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
    const opened = await Promise.all([1, 2, 3].map(() => createStorage({ ...common, databaseUrl: url, dataDir })));
    const executed = await opened[0]?.orm.em.fork().execute('select name from mikro_orm_migrations');
    expect(executed).toEqual(MIGRATIONS.map(({ name }) => ({ name })));
    await Promise.all(opened.map((database) => database.close()));
    await drop();
  });
});

describe('the lock of a folder', () => {
  const path = () => join(dataDir, 'db.lock');
  const leave = (content: unknown) => writeFileSync(path(), JSON.stringify(content));
  const lock = () => lockFolder(join(dataDir, 'db'));

  it('tells who holds it and ends with its holder', () => {
    const unlock = lock();
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
    expect(lock).toThrow(expect.objectContaining({ code: 'LOCKED' }));
    unlock();
    unlock();
    lock()();
  });

  it('of a process that died is taken over', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    leave({ pid: child.pid, host: hostname(), birth: null });
    lock()();
  });

  it('of a process that lives is respected', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    leave({ pid: child.pid, host: hostname(), birth: null });
    expect(lock).toThrow(`process ${child.pid}`);
    child.kill();
    await once(child, 'exit');
  });

  it('of a process that died is taken over although another one got its pid', () => {
    leave({ pid: process.ppid, host: hostname(), birth: 'an earlier boot/1' });
    lock()();
  });

  it('of an earlier process with our own pid, as in a container, is taken over', () => {
    leave({ pid: process.pid, host: hostname(), birth: null });
    lock()();
  });

  it('held on another machine is respected as long as it is touched', () => {
    leave({ pid: 1, host: 'elsewhere', birth: null });
    expect(lock).toThrow('process 1 on elsewhere');
    utimesSync(path(), new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
    lock()();
  });

  it('that is half written is respected while it is new', () => {
    writeFileSync(path(), '{"pid":');
    expect(lock).toThrow('another process');
  });
});
