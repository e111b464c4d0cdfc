import { Migration } from '@mikro-orm/migrations';

/**
 * The journal of a set-up operation that writes to Campaign step by step, and what the two sides of an enumeration held when they were
 * last synchronized.
 */
export class SetUpJournal extends Migration {
  override up(): void {
    this.addSql(`create table "journal_step" (
      "account" text not null,
      "position" int not null,
      "subject" text not null,
      "content_before" jsonb null,
      "content_after" jsonb null,
      "state" text not null,
      primary key ("account", "position"),
      constraint "journal_step_account_foreign" foreign key ("account") references "external_account" ("name") on delete cascade,
      constraint "journal_step_state_check" check (state in ('PLANNED', 'BEGUN', 'DONE'))
    )`);
    this.addSql(`alter table "enumeration_mapping" add column "base" jsonb null`);
    this.addSql(`alter table "enumeration_mapping" add column "synchronized_at" timestamptz(6) null`);
  }

  override down(): void {
    this.addSql(`alter table "enumeration_mapping" drop column "synchronized_at"`);
    this.addSql(`alter table "enumeration_mapping" drop column "base"`);
    this.addSql(`drop table "journal_step"`);
  }
}
