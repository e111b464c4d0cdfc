import { Migration } from '@mikro-orm/migrations';

/**
 * What the remotes described later than the mappings were made, and of tables and schemas beside them; `content` is null of what is gone.
 * A mark is where the last look at a system's metadata ended.
 */
export class Observations extends Migration {
  override up(): void {
    this.addSql(`create table "observation" (
      "kind" text not null,
      "name" text not null,
      "content" jsonb null,
      "digest" text not null,
      primary key ("kind", "name"),
      constraint "observation_kind_check" check (kind in ('table', 'schema'))
    )`);
    this.addSql(`create table "metadata_mark" (
      "system" text not null,
      "account" text null,
      "server" text not null,
      "mark" text not null,
      primary key ("system"),
      constraint "metadata_mark_system_check" check (system in ('dynamics', 'campaign'))
    )`);
  }

  override down(): void {
    this.addSql(`drop table "metadata_mark"`);
    this.addSql(`drop table "observation"`);
  }
}
