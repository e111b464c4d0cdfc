import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { RequestError } from '../../model/errors.js';
import { withAdvisoryLock } from '../advisory-lock.js';
import { JournalStepEntity, type JournalStepRow } from '../entities/journal-step.entity.js';
import type { JournalRepository, JournalState, JournalStep } from '../storage.js';
import type { UnitsOfWork } from '../units-of-work.js';
import { restartWorkflows } from './restart-workflows.js';

export class DatabaseJournal implements JournalRepository {
  /** `url` is the PostgreSQL that other processes may share; null for the embedded database, which is ours alone. */
  constructor(
    private readonly units: UnitsOfWork,
    private readonly url: string | null,
  ) {}

  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.url === null ? work() : withAdvisoryLock(this.url, work);
  }

  async open(account: string): Promise<readonly JournalStep[]> {
    return this.units.read((em) => listSteps(em, { account }));
  }

  begin(account: string, steps: readonly Omit<JournalStep, 'state'>[]): Promise<void> {
    const rows = steps.map((step, position) => ({ ...step, account, position, state: 'PLANNED' as const }));
    return this.units.write(async (em) => {
      if ((await em.count(JournalStepEntity, { account })) > 0) throw underWay(account);
      if (rows.length > 0) await em.insertMany(JournalStepEntity, rows);
    });
  }

  async mark(account: string, position: number, state: JournalState): Promise<void> {
    await this.units.write((em) => em.nativeUpdate(JournalStepEntity, { account, position }, { state }));
  }

  async end(account: string, restart: readonly string[] = []): Promise<void> {
    await this.units.write(async (em) => {
      if (restart.length > 0) await restartWorkflows(em, account, (table) => restart.includes(table));
      await em.nativeDelete(JournalStepEntity, { account });
    });
  }
}

/** The steps of an account's operation, or of all. */
export async function listSteps(
  em: SqlEntityManager,
  where: { readonly account?: string } = {},
): Promise<JournalStep[]> {
  const rows = await em.find(JournalStepEntity, where, { orderBy: { account: 'asc', position: 'asc' } });
  return rows.map(toStep);
}

function underWay(account: string): RequestError {
  return new RequestError(
    'CONFLICT',
    `Another change of the mappings of external account "${account}" is under way. Try again when it has ended.`,
  );
}

function toStep({ subject, before, after, state }: JournalStepRow): JournalStep {
  return { subject, before: before ?? null, after: after ?? null, state };
}
