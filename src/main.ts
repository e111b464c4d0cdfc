import './heap.js';

import type { Logger } from 'pino';
import { type AppOptions, startApp, startWorker } from './app.js';
import { type Config, ConfigError, readConfig } from './config.js';
import { createLogger } from './log.js';
import { formatSettings } from './settings.js';
import { createStorage } from './storage/create-storage.js';
import { StorageError } from './storage/storage-error.js';

const HELP = `Usage: npm start [-- --help]      the gateway
       npm run worker               a further process that runs workflows; needs PostgreSQL

${formatSettings()}`;

/** How long an orderly stop may take before the process ends all the same. */
const STOP_TIMEOUT_MS = 20_000;

/** One Ctrl-C may arrive twice, from the terminal and again from npm. */
const SAME_SIGNAL_MS = 1_000;

/** Runs the process until it is told to stop; its result is the exit code. */
async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const unknown = words.find((word) => word !== 'worker');
  if (unknown !== undefined) {
    process.stderr.write(`Unknown argument "${unknown}".\n\n${HELP}`);
    return 2;
  }
  try {
    await serve(readConfig(process.env), words.includes('worker'));
    return 0;
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  }
}

async function serve(config: Config, isWorker: boolean): Promise<void> {
  if (isWorker && config.databaseUrl === null) {
    throw new ConfigError(['DATABASE_URL: is not set, but a worker beside the gateway needs PostgreSQL.']);
  }
  const log = createLogger(config.logLevel);
  const stopped = onSignal(log);
  const database = await createStorage({ ...config, log });
  try {
    const close = await (isWorker ? work({ config, database, log }) : listen({ config, database, log }));
    await stopped;
    await close();
  } finally {
    await database.close();
  }
  log.info('stopped');
}

async function listen(options: AppOptions): Promise<() => Promise<void>> {
  const app = await startApp(options);
  process.stdout.write(
    `The graph is at ${app.gateway.url}/graphql, a page to try it at ${app.gateway.url}/graphiql.\nThe gateway is ready.\n`,
  );
  return () => app.close();
}

async function work(options: AppOptions): Promise<() => Promise<void>> {
  const worker = await startWorker(options);
  process.stdout.write('The worker is ready.\n');
  return () => worker.close();
}

/** Resolves at the first SIGTERM or SIGINT, or when a parent that opened a channel is gone; a second signal ends the process at once. */
function onSignal(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    let since: number | null = null;
    const stop = (reason: string) => {
      if (since !== null && performance.now() - since > SAME_SIGNAL_MS) process.exit(130);
      if (since !== null) return;
      since = performance.now();
      log.info({ reason }, 'stopping');
      setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
    process.once('disconnect', () => stop('the parent process is gone'));
    // The channel alone is no reason to stay.
    process.channel?.unref();
  });
}

/** What went wrong at the start, in words where we know it. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StorageError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `Port ${error.port} is taken. Stop what listens there, or set PORT to another one.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

process.exitCode = await main(process.argv.slice(2));
