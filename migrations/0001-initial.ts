import { Migration } from '@mikro-orm/migrations';

/** The first tables: external accounts, mappings and the descriptions of the served graph, workflows with their runs and rejects. */
export class Initial extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }

  override down(): void {
    for (const table of [
      'reject',
      'run',
      'workflow',
      'enumeration_mapping',
      'table_mapping',
      'description',
      'external_account',
    ]) {
      this.addSql(`drop table "${table}"`);
    }
  }
}

const STATEMENTS = [
  `create table "external_account" (
    "name" text not null,
    "label" text not null,
    "server" text not null,
    "tenant_id" text not null,
    "client_id" text not null,
    "oauth_type" text not null,
    "status" text not null,
    "last_test" jsonb null,
    "credentials" text not null,
    primary key ("name"),
    constraint "external_account_oauth_type_check" check (oauth_type in ('CERTIFICATE', 'PASSWORD_CREDENTIALS', 'CLIENT_SECRET')),
    constraint "external_account_status_check" check (status in ('DRAFT', 'CONNECTED', 'CONFIGURED', 'FAILED'))
  )`,

  `create table "description" (
    "kind" text not null,
    "name" text not null,
    "content" jsonb not null,
    primary key ("kind", "name"),
    constraint "description_kind_check" check (kind in ('table', 'schema'))
  )`,

  `create table "table_mapping" (
    "table_name" text not null,
    "account" text not null,
    "schema_name" text not null,
    "key_path" text not null,
    "fields" jsonb not null,
    primary key ("table_name"),
    constraint "table_mapping_account_foreign" foreign key ("account") references "external_account" ("name")
  )`,
  `create index "table_mapping_account" on "table_mapping" ("account")`,

  `create table "enumeration_mapping" (
    "account" text not null,
    "table_name" text not null,
    "column_name" text not null,
    "list" text not null,
    "mode" text not null,
    primary key ("account", "table_name", "column_name"),
    constraint "enumeration_mapping_account_foreign" foreign key ("account") references "external_account" ("name") on delete cascade,
    constraint "enumeration_mapping_mode_check" check (mode in ('ADD', 'REPLACE'))
  )`,

  `create table "workflow" (
    "name" text not null,
    "account" text not null,
    "operation" text not null,
    "table_name" text not null,
    "filter" jsonb null,
    "order_by" jsonb not null,
    "automatic_index" boolean not null,
    "schedule" text null,
    "batch_size" int not null,
    "next_index" text null,
    primary key ("name"),
    constraint "workflow_account_foreign" foreign key ("account") references "external_account" ("name"),
    constraint "workflow_operation_check" check (operation in ('IMPORT', 'EXPORT', 'IMPORT_DELETED', 'DELETE')),
    constraint "workflow_batch_size_check" check (batch_size >= 1 and batch_size <= 5000)
  )`,
  `create index "workflow_account" on "workflow" ("account")`,

  `create table "run" (
    "id" uuid not null,
    "workflow" text not null,
    "status" text not null,
    "stop_requested" boolean not null default false,
    "queued_at" timestamptz(6) not null default clock_timestamp(),
    "started_at" timestamptz(6) null,
    "finished_at" timestamptz(6) null,
    "read_count" int not null default 0,
    "created_count" int not null default 0,
    "updated_count" int not null default 0,
    "unchanged_count" int not null default 0,
    "deleted_count" int not null default 0,
    "rejected_count" int not null default 0,
    "error_code" text null,
    "error_message" text null,
    "cursor" text null,
    primary key ("id"),
    constraint "run_workflow_foreign" foreign key ("workflow") references "workflow" ("name") on delete cascade,
    constraint "run_status_check" check (status in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'STOPPED'))
  )`,
  `create index "run_newest" on "run" ("queued_at", "id")`,
  `create index "run_newest_of_workflow" on "run" ("workflow", "queued_at", "id")`,
  // A workflow has at most one run that is queued or running, whoever asks for it and however often.
  `create unique index "run_active" on "run" ("workflow") where status in ('QUEUED', 'RUNNING')`,

  `create table "reject" (
    "id" bigserial primary key,
    "run" uuid not null,
    "record_key" text not null,
    "code" text not null,
    "message" text not null,
    "record" jsonb not null,
    "attempts" int not null default 1,
    constraint "reject_run_foreign" foreign key ("run") references "run" ("id") on delete cascade,
    constraint "reject_record" unique ("run", "record_key")
  )`,
  `create index "reject_oldest" on "reject" ("run", "id")`,
];
