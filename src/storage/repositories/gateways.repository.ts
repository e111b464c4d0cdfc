import type { GatewayRepository } from '../storage.js';
import type { UnitsOfWork } from '../units-of-work.js';

/** Rows of gateways that ended without a word are of no use after that. */
const FORGOTTEN_AFTER = '1 hour';

/** All by the clock of the database: those of the processes may differ. */
export class DatabaseGateways implements GatewayRepository {
  constructor(private readonly units: UnitsOfWork) {}

  tell(id: string, revision: string): Promise<void> {
    return this.units.write(async (em) => {
      await em.execute(
        `insert into gateway (id, revision, seen_at) values (?, ?, now())
         on conflict (id) do update set revision = excluded.revision, seen_at = excluded.seen_at`,
        [id, revision],
      );
      await em.execute(`delete from gateway where seen_at < now() - interval '${FORGOTTEN_AFTER}'`);
    });
  }

  async leave(id: string): Promise<void> {
    await this.units.write((em) => em.execute('delete from gateway where id = ?', [id]));
  }

  async others(id: string, seconds: number): Promise<readonly string[]> {
    const rows = await this.units.read((em) =>
      em.execute<{ revision: string }[]>(
        'select revision from gateway where id <> ? and seen_at > now() - make_interval(secs => ?)',
        [id, seconds],
      ),
    );
    return rows.map(({ revision }) => revision);
  }
}
