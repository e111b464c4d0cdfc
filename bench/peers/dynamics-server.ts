import { createDynamicsMock } from '../../mocks/dynamics/server.js';

/** What the process that forked this one may ask for. */
type Order = 'memory' | 'reset';

/**
 * Runs a mock Dynamics with as many contacts as the first argument tells and the tables of the file that the second one names. It takes
 * any token, and reports to the process that forked it.
 */
async function main(): Promise<void> {
  const contacts = Number(process.argv[2] ?? 1000);
  const tables = process.argv[3];
  const before = performance.now();
  const mock = await createDynamicsMock({
    contacts,
    ...(tables === undefined ? {} : { tables }),
    authenticate: () => ({ appid: '22222222-2222-2222-2222-222222222222' }),
  });
  const now = performance.now();
  // The times count from the beginning of the process, and from that of the mock.
  process.send?.({ url: `${mock.url}/api/data/v9.2/`, sinceStart: now, sinceImport: now - before });
  process.on('message', (order: Order) => {
    obey(order).then((result) => process.send?.({ result }));
  });

  async function obey(order: Order): Promise<number> {
    if (order === 'memory') return process.memoryUsage.rss();
    const start = performance.now();
    await mock.reset();
    return performance.now() - start;
  }
}

await main();
