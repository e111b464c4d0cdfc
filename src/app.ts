// type-graphql's decorators need it, so that it comes before everything that is decorated.
import 'reflect-metadata';

import type { Logger } from 'pino';
import { buildStaticSchema } from './admin/build-static-schema.js';
import type { Config } from './config.js';
import { createCampaignConnector } from './connectors/campaign/create-campaign-connector.js';
import { type Connections, createConnections } from './connectors/connections.js';
import { createDynamicsConnector } from './connectors/dynamics/create-dynamics-connector.js';
import { createAuthenticate } from './http/authenticate.js';
import { createGateway, type Gateway } from './http/create-gateway.js';
import { createMetrics, type Metrics } from './http/metrics.js';
import { createJobs, type Jobs } from './jobs/jobs.js';
import type { CallOptions } from './model/call.js';
import { RequestError } from './model/errors.js';
import type { Database } from './storage/create-storage.js';
import type { Storage } from './storage/storage.js';
import { runWorkflow } from './sync/run-workflow.js';
import { composeSchema } from './unified/compose-schema.js';
import type { UnifiedContext } from './unified/context.js';
import { createLoaders } from './unified/loaders.js';
import { createPublishedSchema, type PublishedSchema } from './unified/published-schema.js';

/** How long the runs under way may go on when the process is told to end; what is left is taken up at the next start. */
const GRACE_MS = 10_000;

export interface App {
  readonly gateway: Gateway;
  /** Ends the parts in order: requests first, then runs, then what both used. The database is left to who opened it. */
  close(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  readonly database: Database;
  readonly log: Logger;
}

/** Wires the gateway: the graph over HTTP, and the runs that it starts. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, log } = options;
  const { storage } = options.database;
  const metrics = createMetrics();
  const connections = openConnections(options);
  const jobs = await startJobs(options, { connections, metrics, work: true });
  let published: PublishedSchema;
  const staticSchema = buildStaticSchema({
    storage,
    connections,
    jobs,
    onMappingsChanged: async () => publish(published, storage, log),
  });
  published = createPublishedSchema((generated) => composeSchema(staticSchema, generated));
  await publish(published, storage, log);
  const gateway = await createGateway({
    host: config.host,
    port: config.port,
    schema: published,
    authenticate: createAuthenticate(config.authentication),
    createUnifiedContext: (call) => unifiedContext(published, connections, call),
    metrics,
    queryTimeoutMs: config.queryTimeoutMs,
    limits: config.limits,
    showUpstream: config.showUpstream,
    readiness: { database: () => storage.ping() },
    exampleQuery: EXAMPLE_QUERY,
    log,
  }).catch(async (error: unknown) => {
    await jobs.stop(0);
    await connections.close();
    throw error;
  });
  return {
    gateway,
    async close() {
      await gateway.close();
      await jobs.stop(GRACE_MS);
      await connections.close();
    },
  };
}

/** Wires a further process that only runs workflows. */
export async function startWorker(options: AppOptions): Promise<{ close(): Promise<void> }> {
  const connections = openConnections(options);
  const jobs = await startJobs(options, { connections, metrics: createMetrics(), work: true });
  return {
    async close() {
      await jobs.stop(GRACE_MS);
      await connections.close();
    },
  };
}

function openConnections({ config, database, log }: AppOptions): Connections {
  const { campaign, upstreamTimeoutMs: timeoutMs } = config;
  if (campaign === null)
    log.warn('no Campaign instance is configured: set CAMPAIGN_URL, CAMPAIGN_USER and CAMPAIGN_PASSWORD');
  return createConnections({
    findConnection: (account) => database.storage.accounts.connection(account),
    openDynamics: (account) => createDynamicsConnector({ account, authority: config.entraAuthority, timeoutMs }),
    openCampaign: campaign && (() => createCampaignConnector({ ...campaign, timeoutMs })),
  });
}

interface JobParts {
  readonly connections: Connections;
  readonly metrics: Metrics;
  readonly work: boolean;
}

async function startJobs({ database, log }: AppOptions, { connections, metrics, work }: JobParts): Promise<Jobs> {
  const { storage } = database;
  const jobs: Jobs = await createJobs({
    database,
    log,
    work,
    execute: (runId, signal) => execute({ storage, connections, metrics, log }, runId, signal),
    startScheduled: async (workflow) => {
      const { run } = await storage.runs.queue(workflow);
      await jobs.enqueue(run.id);
    },
  });
  return jobs;
}

interface RunParts extends Omit<JobParts, 'work'> {
  readonly storage: Storage;
  readonly log: Logger;
}

/** Carries a run to its end. A run that a process left behind goes on from its cursor. */
async function execute(
  { storage, connections, metrics, log }: RunParts,
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  const run = await storage.runs.start(runId);
  if (run === null) return;
  const workflow = await storage.workflows.find(run.workflow);
  if (workflow === null) return;
  const [dynamics, campaign] = await Promise.all([
    connections.dynamics(workflow.account),
    connections.campaign(),
  ]).catch(async (error: unknown) => {
    await storage.runs.finish(run.id, 'FAILED', { error: describe(error) });
    throw error;
  });
  const finished = await runWorkflow({ storage, dynamics, campaign, onCall: metrics.upstream }, run, workflow, signal);
  const { status, counts, error } = finished;
  log.info({ run: runId, workflow: workflow.name, status, ...counts, ...(error && { code: error.code }) }, 'run ended');
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof RequestError) return { code: error.code, message: error.message };
  return {
    code: 'INTERNAL_SERVER_ERROR',
    message: 'The run could not begin for a reason of our own. The log tells more.',
  };
}

async function publish(published: PublishedSchema, storage: Storage, log: Logger): Promise<void> {
  const catalog = await storage.mappings.catalog();
  published.publish(catalog);
  const { mappings, tables, schemas } = catalog;
  log.info({ mappings: mappings.length, tables: tables.length, schemas: schemas.length }, 'graph published');
}

/**
 * The generated graph reads the account that carries the mappings which it was built of, so that no request waits for the database;
 * its loaders live as long as the request.
 */
function unifiedContext(published: PublishedSchema, connections: Connections, call: CallOptions): UnifiedContext {
  const remotes = {
    ...call,
    dynamics: async () => {
      const [mapping] = published.catalog.mappings;
      if (mapping === undefined)
        throw new RequestError('CONFLICT', 'No table is mapped any more. Map some with mapTables.');
      return connections.dynamics(mapping.account);
    },
    campaign: () => connections.campaign(),
  };
  return { ...remotes, loaders: createLoaders(remotes) };
}

const EXAMPLE_QUERY = `# One graph over Dynamics 365 and Campaign. Press Ctrl-Space for what can be asked here.
query Overview {
  externalAccounts { name server status }
  tableMappings { table schema key fields { column path } }
  runs(first: 5) { nodes { workflow { name } status read created updated unchanged rejected } }
}
`;
