import { IsolationLevel } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { StorageError } from './storage-error.js';

/** Gives every unit of work an EntityManager of its own. After `close` there are no more: the ORM by itself would connect anew. */
export class UnitsOfWork {
  private isClosed = false;

  constructor(private readonly em: SqlEntityManager) {}

  close(): void {
    this.isClosed = true;
  }

  async read<Result>(work: (em: SqlEntityManager) => Promise<Result>): Promise<Result> {
    return work(this.fork());
  }

  /** Several reads that see the database at one moment. */
  async readTogether<Result>(work: (em: SqlEntityManager) => Promise<Result>): Promise<Result> {
    return this.fork().transactional(work, { isolationLevel: IsolationLevel.REPEATABLE_READ });
  }

  /** Happens whole or not at all. */
  async write<Result>(work: (em: SqlEntityManager) => Promise<Result>): Promise<Result> {
    return this.fork().transactional(work);
  }

  private fork(): SqlEntityManager {
    if (this.isClosed) throw new StorageError('UNAVAILABLE', 'The database is closed: Isthmus is stopping.');
    return this.em.fork();
  }
}
