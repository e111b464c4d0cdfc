// type-graphql's decorators need it, so that it comes before everything that is decorated.
import 'reflect-metadata';

import type { Logger } from 'pino';
import { readCertificateExpiries, watchCertificates } from './admin/accounts/certificate-expiry.js';
import { buildStaticSchema } from './admin/build-static-schema.js';
import { type CatchUp, createCatchUp } from './catch-up.js';
import type { Config } from './config.js';
import { createCampaignConnector } from './connectors/campaign/create-campaign-connector.js';
import { type Connections, createConnections } from './connectors/connections.js';
import { createDynamicsConnector } from './connectors/dynamics/create-dynamics-connector.js';
import { createDynamicsSetUp } from './connectors/dynamics/create-dynamics-set-up.js';
import type { DynamicsSetUp } from './connectors/dynamics/dynamics-set-up.js';
import { WriteWatch } from './connectors/write-watch.js';
import { executeRun } from './execute-run.js';
import { ALONE, type Gateways, joinGateways } from './gateways.js';
import { createAuthenticate } from './http/authenticate.js';
import { createGateway, type Gateway } from './http/create-gateway.js';
import { createMetrics, type Metrics } from './http/metrics.js';
import { createJobs, type Jobs } from './jobs/jobs.js';
import { followMetadata, type MetadataFollower } from './metadata/follow-metadata.js';
import { RequestError } from './model/errors.js';
import { createServedGraph, type ServedGraph } from './served-graph.js';
import type { Database } from './storage/create-storage.js';
import type { Reading, UnifiedContext } from './unified/context.js';
import { createLoaders } from './unified/loaders.js';

/** How long the runs under way may go on when the process is told to end; what is left is taken up at the next start. */
const GRACE_MS = 10_000;

/** How soon a gateway serves what another one has mapped. */
const WATCH_MS = 5_000;

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
  const metrics = createMetrics({ certificates: () => readCertificateExpiries(storage) });
  let graph: ServedGraph;
  let gateways: Gateways;
  let follower: MetadataFollower;
  const parts = openParts(options, () => graph.publish());
  const { connections, catchUp, writes } = parts;
  const jobs = await startJobs(options, parts, metrics);
  // In this order: what changes between the two is caught up with later.
  const serveChanged = async () => {
    await catchUp.changedHere();
    await graph.publish();
  };
  const staticSchema = buildStaticSchema({
    storage,
    connections,
    setUp: openSetUp(options, writes),
    jobs,
    onMappingsChanged: serveChanged,
    onTakingAway: async () => {
      await serveChanged();
      await Promise.all([graph.drain(), gateways.following()]);
    },
    onAccountsChanged: () => follower.accountsChanged(),
    graphChanges: () => graph.changes(),
    unknownNames: (system) => follower.unknown(system),
  });
  graph = createServedGraph({
    storage,
    wanted: config.metadata,
    staticSchema,
    queryTimeoutMs: config.queryTimeoutMs,
    log,
    onPublished() {
      writes.dynamics?.changed();
      writes.campaign?.changed();
    },
  });
  gateways = await openGateways(options, catchUp, graph);
  await serveChanged();
  await gateways.begin();
  follower = startFollowing(options, parts, graph);
  const certificates = watchCertificates({ storage, log });
  const gateway = await createGateway({
    host: config.host,
    port: config.port,
    schema: graph.published,
    authenticate: createAuthenticate(config.authentication),
    createUnifiedContext: (reading) => unifiedContext(graph, connections, reading),
    metrics,
    queryTimeoutMs: config.queryTimeoutMs,
    limits: config.limits,
    showUpstream: config.showUpstream,
    readiness: { database: () => storage.ping() },
    authentication: config.authentication.kind,
    log,
  }).catch(async (error: unknown) => {
    certificates.close();
    await gateways.close();
    await follower.close();
    await jobs.stop(0);
    await connections.close();
    throw error;
  });
  return {
    gateway,
    async close() {
      certificates.close();
      await gateway.close();
      await gateways.close();
      await follower.close();
      await jobs.stop(GRACE_MS);
      await connections.close();
    },
  };
}

/** Wires a further process that only runs workflows. */
export async function startWorker(options: AppOptions): Promise<{ close(): Promise<void> }> {
  const parts = openParts(options, async () => undefined);
  const { connections } = parts;
  await parts.catchUp.changedHere();
  const jobs = await startJobs(options, parts, createMetrics());
  return {
    async close() {
      await jobs.stop(GRACE_MS);
      await connections.close();
    },
  };
}

/** What hears of writes to each system, so that reads may be shared between them; none where they are not to be shared. */
interface Writes {
  readonly dynamics?: WriteWatch;
  readonly campaign?: WriteWatch;
}

function watchWrites({ shareReads }: Config): Writes {
  return shareReads ? { dynamics: new WriteWatch(), campaign: new WriteWatch() } : {};
}

function openSetUp({ config }: AppOptions, { dynamics: writes }: Writes): DynamicsSetUp {
  const { graphUrl, entraAuthority: authority, dynamicsHosts, administrator, upstreamTimeoutMs: timeoutMs } = config;
  return createDynamicsSetUp({ graphUrl, authority, dynamicsHosts, administrator, timeoutMs, writes });
}

function openConnections({ config, database, log }: AppOptions, catchUp: CatchUp, writes: Writes): Connections {
  const { campaign, upstreamTimeoutMs: timeoutMs } = config;
  if (campaign === null)
    log.warn('no Campaign instance is configured: set CAMPAIGN_URL, CAMPAIGN_USER and CAMPAIGN_PASSWORD');
  return createConnections({
    findConnection: (account) => database.storage.accounts.connection(account),
    openDynamics: (account) => {
      catchUp.opened(account);
      return createDynamicsConnector({
        account,
        authority: config.entraAuthority,
        timeoutMs,
        concurrency: config.dynamicsConcurrency,
        writes: writes.dynamics,
      });
    },
    openCampaign:
      campaign &&
      (() =>
        createCampaignConnector({
          ...campaign,
          timeoutMs,
          concurrency: config.campaignConcurrency,
          writes: writes.campaign,
        })),
  });
}

interface Parts {
  readonly connections: Connections;
  readonly writes: Writes;
  readonly catchUp: CatchUp;
}

/** The connections of this process, and what keeps them up to date with the other processes on the database. */
function openParts(options: AppOptions, onMappings: () => Promise<void>): Parts {
  const { storage } = options.database;
  const hasCampaign = options.config.campaign !== null;
  let connections: Connections;
  const catchUp = createCatchUp({ storage, connections: () => connections, hasCampaign, onMappings });
  const writes = watchWrites(options.config);
  connections = openConnections(options, catchUp, writes);
  return { connections, catchUp, writes };
}

async function startJobs({ database, log }: AppOptions, parts: Parts, metrics: Metrics): Promise<Jobs> {
  const { storage } = database;
  const jobs: Jobs = await createJobs({
    database,
    log,
    execute: (runId, signal) => executeRun({ ...parts, storage, log, onCall: metrics.upstream }, runId, signal),
    startScheduled: async (workflow) => {
      const { run } = await storage.runs.queue(workflow);
      await jobs.enqueue(run.id);
    },
  });
  return jobs;
}

/** Another gateway on the same PostgreSQL may change the mappings; the embedded database has one process only. */
async function openGateways(
  { config, database, log }: AppOptions,
  catchUp: CatchUp,
  graph: ServedGraph,
): Promise<Gateways> {
  if (config.databaseUrl === null) return ALONE;
  const { queryTimeoutMs } = config;
  return joinGateways({ storage: database.storage, catchUp, graph, watchMs: WATCH_MS, queryTimeoutMs, log });
}

function startFollowing({ config, database, log }: AppOptions, parts: Parts, graph: ServedGraph): MetadataFollower {
  const { connections, catchUp } = parts;
  return followMetadata({
    storage: database.storage,
    connections,
    campaignUrl: config.campaign?.url ?? null,
    observed: graph.observed,
    wanted: config.metadata,
    seconds: config.metadata.checkSeconds,
    log,
    onChanged: async () => {
      await catchUp.changedHere();
      await graph.publishAndTell();
    },
  });
}

/**
 * The generated graph reads the account that it was built for, so that no request waits for the database; its loaders live as long as the
 * request.
 */
function unifiedContext(
  graph: ServedGraph,
  connections: Connections,
  reading: Reading,
): Omit<UnifiedContext, 'mayWrite'> {
  // A request ends with the account it began with, also where the last table is unmapped meanwhile.
  const { account: begunWith } = graph;
  const remotes = {
    ...reading,
    dynamics: async () => {
      const account = begunWith ?? graph.account;
      if (account === null) throw new RequestError('CONFLICT', 'No table is mapped any more. Map some with mapTables.');
      return connections.dynamics(account);
    },
    campaign: () => connections.campaign(),
  };
  return { ...remotes, loaders: createLoaders(remotes) };
}
