import { Migration } from '@mikro-orm/migrations';

/** The gateways that serve the graph of this database, each with the mappings that it is asked for, so that a change can wait for all. */
export class Gateways extends Migration {
  override up(): void {
    this.addSql(`create table "gateway" (
      "id" uuid not null,
      "revision" text not null,
      "seen_at" timestamptz(6) not null,
      primary key ("id")
    )`);
  }

  override down(): void {
    this.addSql(`drop table "gateway"`);
  }
}
