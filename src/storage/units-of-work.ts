import { IsolationLevel } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { StorageError } from './storage-error.js';

type Work<Result> = (em: SqlEntityManager) => Promise<Result>;

/** Gives every unit of work an EntityManager of its own. */
export class UnitsOfWork {
  private readonly underWay = new Set<Promise<unknown>>();
  private isClosed = false;

  constructor(private readonly em: SqlEntityManager) {}

  read<Result>(work: Work<Result>): Promise<Result> {
    return this.begin(work);
  }

  /** Several reads that see the database at one moment. */
  readTogether<Result>(work: Work<Result>): Promise<Result> {
    return this.begin((em) => em.transactional(work, { isolationLevel: IsolationLevel.REPEATABLE_READ }));
  }

  /** Happens whole or not at all. */
  write<Result>(work: Work<Result>): Promise<Result> {
    return this.begin((em) => em.transactional(work));
  }

  /** Lets the units under way end. There are no more after them: the ORM by itself would connect anew. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.allSettled(this.underWay);
  }

  private async begin<Result>(work: Work<Result>): Promise<Result> {
    if (this.isClosed) throw new StorageError('UNAVAILABLE', 'The database is closed: Isthmus is stopping.');
    const unit = work(this.em.fork());
    this.underWay.add(unit);
    return unit.finally(() => this.underWay.delete(unit));
  }
}
