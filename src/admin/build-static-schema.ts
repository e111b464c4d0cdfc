import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type ResolverData } from 'type-graphql';
import type { Connections } from '../connectors/connections.js';
import type { DynamicsSetUp } from '../connectors/dynamics/dynamics-set-up.js';
import type { Jobs } from '../jobs/jobs.js';
import type { GraphChange } from '../model/graph-change.js';
import type { System } from '../model/system.js';
import type { Storage } from '../storage/storage.js';
import { AccountsService } from './accounts/accounts.service.js';
import { ExternalAccountsResolver } from './accounts/external-accounts.resolver.js';
import { CampaignSchemasResolver } from './catalog/campaign-schemas.resolver.js';
import { createCurrentAccount } from './catalog/current-account.js';
import { DynamicsTablesResolver } from './catalog/dynamics-tables.resolver.js';
import { type AdminContext, isAllowed, type Role } from './context.js';
import { DriftResolver } from './drift/drift.resolver.js';
import { DriftService } from './drift/drift.service.js';
import { EnumerationsResolver } from './enumerations/enumerations.resolver.js';
import { EnumerationsService } from './enumerations/enumerations.service.js';
import { MappingsResolver } from './mappings/mappings.resolver.js';
import { MappingsService } from './mappings/mappings.service.js';
import { ApplicationUsersService } from './setup/application-users.service.js';
import { ApplicationsService } from './setup/applications.service.js';
import { CertificatesService } from './setup/certificates.service.js';
import { DirectoryUsersService } from './setup/directory-users.service.js';
import { SetUpResolver } from './setup/set-up.resolver.js';
import { RunsResolver, WorkflowsResolver } from './workflows/workflows.resolver.js';
import { WorkflowsService } from './workflows/workflows.service.js';

export interface StaticSchemaOptions {
  readonly storage: Storage;
  readonly connections: Connections;
  readonly setUp: DynamicsSetUp;
  readonly jobs: Pick<Jobs, 'enqueue' | 'schedule'>;
  /** Called when the mappings have changed, or a change was put back, before the mutation answers. */
  readonly onMappingsChanged: () => Promise<void>;
  /** Called before a change of the mappings takes anything away from Campaign; resolves when nobody asks for that any more. */
  readonly onTakingAway: () => Promise<void>;
  /** Called when an external account was added, changed, tested or removed. */
  readonly onAccountsChanged: () => void;
  /** How the graph of the mapped tables differs from that of the time they were mapped. */
  readonly graphChanges: () => Promise<readonly GraphChange[]>;
  /** Names in DYNAMICS_TABLES or CAMPAIGN_SCHEMAS that the remote has nothing for. */
  readonly unknownNames: (system: System) => readonly string[];
}

/** The part of the graph that does not depend on what is mapped: set-up, catalogs, workflows. */
export function buildStaticSchema(options: StaticSchemaOptions): GraphQLSchema {
  const { storage, connections, setUp, onAccountsChanged: onChanged, graphChanges, unknownNames } = options;
  const accounts = new AccountsService({ storage, connections, assertServer: setUp.assertServer, onChanged });
  const mappings = new MappingsService(options);
  const enumerations = new EnumerationsService({ storage, connections, mappings });
  const workflows = new WorkflowsService(storage, options.jobs);
  const resolvers = [
    new ExternalAccountsResolver(accounts, storage),
    new SetUpResolver({
      applications: new ApplicationsService(setUp, connections),
      certificates: new CertificatesService(setUp),
      directoryUsers: new DirectoryUsersService(setUp),
      applicationUsers: new ApplicationUsersService(setUp),
    }),
    new DynamicsTablesResolver(connections, createCurrentAccount(storage)),
    new CampaignSchemasResolver(connections),
    new MappingsResolver(mappings, storage),
    new EnumerationsResolver(enumerations, storage),
    new DriftResolver(new DriftService({ storage, connections, mappings, enumerations, graphChanges, unknownNames })),
    new WorkflowsResolver(workflows, storage),
    new RunsResolver(workflows, storage),
  ];
  return buildSchemaSync({
    resolvers: [
      ExternalAccountsResolver,
      SetUpResolver,
      DynamicsTablesResolver,
      CampaignSchemasResolver,
      MappingsResolver,
      EnumerationsResolver,
      DriftResolver,
      WorkflowsResolver,
      RunsResolver,
    ],
    container: { get: (wanted) => resolvers.find((resolver) => resolver instanceof wanted) },
    authChecker: ({ context }: ResolverData<AdminContext>, roles: readonly Role[]) =>
      roles.every((role) => isAllowed(context.principal, role)),
    // Inputs are checked by the services, which name the field and the remedy.
    validate: false,
  });
}
