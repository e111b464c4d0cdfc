import { Migration } from '@mikro-orm/migrations';

/** Tells a run that began before a change of mapping from those after it: where it ended is no place to go on from. */
export class WorkflowGeneration extends Migration {
  override up(): void {
    this.addSql(`alter table "workflow" add column "generation" int not null default 0`);
    this.addSql(`alter table "run" add column "generation" int not null default 0`);
  }

  override down(): void {
    this.addSql(`alter table "run" drop column "generation"`);
    this.addSql(`alter table "workflow" drop column "generation"`);
  }
}
