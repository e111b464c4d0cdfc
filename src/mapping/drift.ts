import { type CampaignSchema, findAttribute, neutralPath, type SchemaAttribute } from '../model/campaign-schema.js';
import type { Catalog } from '../model/catalog.js';
import type { FieldMapping, TableMapping } from '../model/mapping.js';
import type { System } from '../model/system.js';
import { type Column, findColumn, type Table } from '../model/table.js';
import { unmappableReason } from './attribute-types.js';
import { isCompanion } from './companions.js';
import { accountSchemaName, enumerationName } from './names.js';

export type DriftKind =
  | 'TABLE_GONE'
  | 'COLUMN_GONE'
  | 'COLUMN_CHANGED'
  | 'OPTIONS_CHANGED'
  | 'SCHEMA_GONE'
  | 'ATTRIBUTE_GONE'
  | 'ATTRIBUTE_CHANGED'
  | 'ENUMERATION_CHANGED'
  | 'LINK_GONE'
  | 'LIST_CHANGED'
  | 'GRAPH_BROKEN'
  | 'GRAPH_CHANGED'
  | 'GRAPH_GREW'
  | 'TABLE_UNKNOWN'
  | 'SCHEMA_UNKNOWN';

/** Something that is not as it was when the mapping was made. */
export interface Drift {
  readonly kind: DriftKind;
  readonly system: System;
  /** Logical name of the table; of what belongs to no mapped table in Campaign, the schema. */
  readonly table: string;
  /** What drifted: `contact.jobtitle`, `nms:recipient/@jobtitle`. */
  readonly subject: string;
  /** What it was and what it is, for a person to read. */
  readonly detail: string;
  /** The subjects that a plan names where it repairs this. */
  readonly repairs: readonly string[];
}

export interface DriftSides {
  /** The mappings with the descriptions of the time they were made. */
  readonly kept: Catalog;
  /** The descriptions of today. */
  readonly tables: readonly Table[];
  readonly schemas: readonly CampaignSchema[];
}

/** Compares what both systems describe of the mapped tables, columns, schemas and attributes with what they did when these were mapped. */
export function findDrift({ kept, tables, schemas }: DriftSides): readonly Drift[] {
  return kept.mappings.flatMap((mapping) => [
    ...tableDrift(mapping, tableNamed(kept.tables, mapping.table), tableNamed(tables, mapping.table)),
    ...schemaDrift(mapping, schemaNamed(kept.schemas, mapping.schema), schemaNamed(schemas, mapping.schema)),
  ]);
}

function tableDrift(mapping: TableMapping, before: Table | undefined, now: Table | undefined): readonly Drift[] {
  const { table } = mapping;
  if (!now) {
    const detail = `Dynamics has no table "${table}" any more, or hides it from this account.`;
    return [{ kind: 'TABLE_GONE', system: 'dynamics', table, subject: table, detail, repairs: [table] }];
  }
  return ownFields(mapping).flatMap((field) => columnDrift(mapping, field, before, now));
}

function columnDrift(
  mapping: TableMapping,
  field: FieldMapping,
  before: Table | undefined,
  now: Table,
): readonly Drift[] {
  const column = findColumn(now, field.column);
  const found = (kind: DriftKind, detail: string): Drift => {
    const subject = `${mapping.table}.${field.column}`;
    return { kind, system: 'dynamics', table: mapping.table, subject, detail, repairs: repairsOf(mapping, field) };
  };
  if (!column) return [found('COLUMN_GONE', 'The column is not there any more.')];
  const reason = unmappableReason(column);
  if (reason !== null) return [found('COLUMN_GONE', `The column ${reason}.`)];
  const held = before && findColumn(before, field.column);
  if (!held) return [];
  const [was, is] = [describeColumn(held), describeColumn(column)];
  const options = describeOptions(held, column);
  return [
    ...(was === is ? [] : [found('COLUMN_CHANGED', `${was} → ${is}`)]),
    ...(options === null ? [] : [found('OPTIONS_CHANGED', options)]),
  ];
}

/** `string(50) "Job Title"`, a lookup with the tables it leads to. */
function describeColumn({ type, maxLength, label, targets }: Column): string {
  const length = maxLength === null ? '' : `(${maxLength})`;
  const leads =
    targets.length === 0 ? '' : ` of ${[...new Set(targets.map((target) => target.table))].sort().join(', ')}`;
  return `${type}${length}${leads} "${label}"`;
}

function describeOptions(before: Column, now: Column): string | null {
  const labels = (column: Column) =>
    new Map((column.optionSet?.options ?? []).map(({ value, label }) => [String(value), label]));
  return describeValues(labels(before), labels(now));
}

function describeValues(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string | null {
  const added = [...now].filter(([value]) => !before.has(value)).map(([value, label]) => `${value} "${label}" added`);
  const gone = [...before].filter(([value]) => !now.has(value)).map(([value, label]) => `${value} "${label}" gone`);
  const renamed = [...now].flatMap(([value, label]) => {
    const old = before.get(value);
    return old === undefined || old === label ? [] : [`${value} "${old}" → "${label}"`];
  });
  const changes = [...added, ...renamed, ...gone];
  return changes.length === 0 ? null : changes.join('; ');
}

function schemaDrift(
  mapping: TableMapping,
  before: CampaignSchema | undefined,
  now: CampaignSchema | undefined,
): readonly Drift[] {
  const { table, schema } = mapping;
  if (!now) {
    const detail = `Campaign has no schema "${schema}" any more.`;
    return [{ kind: 'SCHEMA_GONE', system: 'campaign', table, subject: schema, detail, repairs: [schema] }];
  }
  const paths = [mapping.key, ...mapping.fields.map((field) => field.path)];
  return [...paths.flatMap((path) => attributeDrift(mapping, path, before, now)), ...linkDrift(mapping, before, now)];
}

function attributeDrift(
  mapping: TableMapping,
  path: string,
  before: CampaignSchema | undefined,
  now: CampaignSchema,
): readonly Drift[] {
  const attribute = findAttribute(now, path);
  const held = before && findAttribute(before, path);
  const subject = `${mapping.schema}/${path}`;
  const field = mapping.fields.find((one) => one.path === path);
  const repairs = field ? repairsOf(mapping, field) : [subject];
  const found = (kind: DriftKind, detail: string): Drift => {
    return { kind, system: 'campaign', table: mapping.table, subject, detail, repairs };
  };
  if (!attribute) return [found('ATTRIBUTE_GONE', 'The attribute is not there any more.')];
  if (!held || !before) return [];
  const [was, is] = [describeAttribute(held), describeAttribute(attribute)];
  const values = describeValues(enumerationLabels(before, held), enumerationLabels(now, attribute));
  return [
    ...(was === is ? [] : [found('ATTRIBUTE_CHANGED', `${was} → ${is}`)]),
    ...(values === null ? [] : [found('ENUMERATION_CHANGED', values)]),
  ];
}

/** `string(50)`; a label in Campaign belongs to Campaign. */
function describeAttribute({ type, length, computed, enumeration }: SchemaAttribute): string {
  const size = length === null ? '' : `(${length})`;
  const values = enumeration === null ? '' : ` of ${enumeration}`;
  return `${type}${size}${values}${computed ? ', computed' : ''}`;
}

function enumerationLabels(schema: CampaignSchema, { enumeration }: SchemaAttribute): ReadonlyMap<string, string> {
  const found = schema.enumerations.find(
    (one) => one.name === enumeration || `${schema.name}:${one.name}` === enumeration,
  );
  return new Map((found?.values ?? []).map(({ value, label }) => [value, label]));
}

/** Links that join a mapped attribute. */
function linkDrift(mapping: TableMapping, before: CampaignSchema | undefined, now: CampaignSchema): readonly Drift[] {
  const sources = new Set(mapping.fields.map((field) => neutralPath(field.path)));
  const held = (before?.root.links ?? []).filter(
    (link) => link.cardinality === 'one' && link.join.some((pair) => sources.has(pair.source)),
  );
  const gone = held.filter((link) => !now.root.links.some((one) => one.name === link.name));
  return gone.map((link): Drift => {
    const subject = `${mapping.schema}/${link.name}`;
    const detail = `The link to ${link.target} is not there any more.`;
    return { kind: 'LINK_GONE', system: 'campaign', table: mapping.table, subject, detail, repairs: [subject] };
  });
}

/** Where a plan changes what keeps the column in Campaign. */
function repairsOf({ account, table, schema }: TableMapping, { column, path }: FieldMapping): readonly string[] {
  const list = accountSchemaName(account);
  const enumeration = enumerationName(table, column);
  return [`${schema}/${path}`, `${list}/${table}/@${column}`, `${schema}:${enumeration}`, `${list}:${enumeration}`];
}

/** The fields of a mapping without those that only go with another. */
function ownFields(mapping: TableMapping): readonly FieldMapping[] {
  return mapping.fields.filter((field) => !isCompanion(field, mapping.fields));
}

function tableNamed(tables: readonly Table[], name: string): Table | undefined {
  return tables.find((table) => table.logicalName === name);
}

function schemaNamed(schemas: readonly CampaignSchema[], name: string): CampaignSchema | undefined {
  return schemas.find((schema) => schema.name === name);
}
