import type { CampaignSchema } from '../model/campaign-schema.js';
import { RequestError } from '../model/errors.js';
import type { TableMapping } from '../model/mapping.js';
import type { Table } from '../model/table.js';
import type { XmlElement } from '../model/xml.js';
import { newAccountDocument, putTable } from './account-document.js';
import type { SkippedColumn } from './choose-columns.js';
import { amendLinks } from './links.js';
import { isMade } from './made-elements.js';
import { finishPlan, type MappingPlan } from './mapping-plan.js';
import { accountSchemaName, defaultSchemaName } from './names.js';
import { resolveTable } from './resolve-table.js';
import { DEFAULT_NAMESPACE, type TableSelection } from './selection.js';
import { documentName, resolveTarget, type Target } from './target.js';
import { amendTarget, releaseTarget, type UsedValues } from './target-document.js';

export type { FieldSelection, TableSelection, TargetSelection } from './selection.js';

export interface MappingInput {
  /** Name of the external account. */
  readonly account: string;
  readonly selections: readonly TableSelection[];
  /** Descriptions of the tables selected and of those mapped before. */
  readonly tables: readonly Table[];
  /** Mappings of this account; where a table is not selected anew, its mapping is kept and what was made for it brought up to date. */
  readonly existing: readonly TableMapping[];
  /** The compiled schemas that exist, of those that `neededForMapping` names. */
  readonly schemas: readonly CampaignSchema[];
  /** The source schemas that exist, of those that `neededForMapping` names. */
  readonly sourceSchemas: ReadonlyMap<string, XmlElement>;
  /** Customer namespace that schemas are made in; `cus` where none is given. */
  readonly namespace?: string;
  /** Of what `goneOptions` tells: the values that stay, as records hold them. */
  readonly used?: UsedValues;
}

/**
 * Plans what must change in Campaign for tables to be mapped: the account's schema that lists them, a target schema or an extension for each
 * with the attributes that are missing. Planning the same again, on what the first plan made, changes nothing.
 *
 * Rejects with a `RequestError` whose `field` names the input, as in `tables.0.columns.2`: NOT_FOUND for an unknown table or column, UNSUPPORTED
 * for a column that cannot be mapped, CONFLICT for two tables on one schema and key, BAD_USER_INPUT for the rest.
 */
export function planMapping(input: MappingInput): MappingPlan {
  assertSelectedOnce(input.selections);
  const documents = new Map(input.sourceSchemas);
  const skipped: SkippedColumn[] = [];
  const mappings = input.selections.reduce(
    (mapped, selection, index) => mapTable(input, documents, mapped, { selection, prefix: `tables.${index}`, skipped }),
    input.existing,
  );
  for (const mapping of input.existing) refreshKept(input, documents, mapping);
  for (const before of input.existing) releaseReplaced(input, documents, before, mappings);
  for (const mapping of mappings) linkTable(input, documents, mapping, mappings);
  listTables(input, documents, mappings);
  return finishPlan({ mappings, before: input.existing, documents, sourceSchemas: input.sourceSchemas, skipped });
}

/** The names of what `planMapping` must be told of: tables to describe, compiled schemas, and source schemas as they were authored. */
export function neededForMapping(input: Pick<MappingInput, 'account' | 'selections' | 'existing' | 'namespace'>): {
  readonly tables: readonly string[];
  readonly schemas: readonly string[];
  readonly sourceSchemas: readonly string[];
} {
  const namespace = input.namespace ?? DEFAULT_NAMESPACE;
  const mappings = [...input.selections, ...input.existing];
  const targets = [
    ...input.selections.map((selection) => targetName(selection, namespace)),
    ...input.existing.map((mapping) => mapping.schema),
  ];
  return {
    tables: unique(mappings.map((one) => one.table)),
    schemas: unique(targets),
    sourceSchemas: unique([accountSchemaName(input.account), ...targets.map((one) => documentName(one, namespace))]),
  };
}

interface PlacedSelection {
  readonly selection: TableSelection;
  /** Path of the selection in the input. */
  readonly prefix: string;
  /** Collects the columns that cannot be mapped. */
  readonly skipped: SkippedColumn[];
}

/** Plans one table on top of what was planned for those before it, and gives all mappings with this one among them. */
function mapTable(
  input: MappingInput,
  documents: Map<string, XmlElement>,
  mapped: readonly TableMapping[],
  { selection, prefix, skipped }: PlacedSelection,
): readonly TableMapping[] {
  const table = findTable(input, selection.table, `${prefix}.table`);
  const namespace = input.namespace ?? DEFAULT_NAMESPACE;
  const field = selection.target ? `${prefix}.target.schema` : `${prefix}.table`;
  const target = resolveTarget(targetName(selection, namespace), {
    schemas: input.schemas,
    documents,
    namespace,
    field,
  });
  const { mapping, skipped: left } = resolveTable(input.account, table, selection, target, prefix);
  skipped.push(...left);
  const others = mapped.filter((one) => one.table !== mapping.table);
  assertOwnKey(mapping, others, `${prefix}.target`);
  assertNotMadeForOther(target, mapping, others, field);
  const document = amendTarget(target, table, mapping, input.used);
  if (document) documents.set(target.document, document);
  const isReplaced = others.length < mapped.length;
  return isReplaced ? mapped.map((one) => (one.table === mapping.table ? mapping : one)) : [...mapped, mapping];
}

function findTable(input: MappingInput, name: string, field: string): Table {
  const table = input.tables.find((one) => one.logicalName === name);
  if (table) return table;
  throw new RequestError(
    'NOT_FOUND',
    `Dynamics has no table "${name}". See dynamicsTables(search) for the tables there are.`,
    {
      field,
    },
  );
}

function targetName(selection: TableSelection, namespace: string): string {
  return selection.target?.schema ?? defaultSchemaName(selection.table, namespace);
}

/** Brings what was made for a table that is not selected up to its description of today: labels, lengths, options. */
function refreshKept(input: MappingInput, documents: Map<string, XmlElement>, mapping: TableMapping): void {
  const table = input.tables.find((one) => one.logicalName === mapping.table);
  if (!table || isSelected(input, mapping.table)) return;
  const target = usableTarget(input, documents, mapping.schema);
  const document = target && amendTarget(target, table, mapping, input.used);
  if (target && document) documents.set(target.document, document);
}

/** Ties the schema of a table to those of the tables that its lookups lead to. */
function linkTable(
  input: MappingInput,
  documents: Map<string, XmlElement>,
  mapping: TableMapping,
  mappings: readonly TableMapping[],
): void {
  const table = input.tables.find((one) => one.logicalName === mapping.table);
  const target = table && usableTarget(input, documents, mapping.schema);
  const document = target && amendLinks(target, table, mapping, mappings);
  if (target && document) documents.set(target.document, document);
}

/** A kept mapping whose schema is gone or taken must not stand in the way of mapping another table. */
function usableTarget(input: MappingInput, documents: Map<string, XmlElement>, schema: string): Target | null {
  const namespace = input.namespace ?? DEFAULT_NAMESPACE;
  try {
    return resolveTarget(schema, { schemas: input.schemas, documents, namespace, field: 'tables' });
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

/** Takes back what the mapping of a table had made until now and its new one has no use for. */
function releaseReplaced(
  input: MappingInput,
  documents: Map<string, XmlElement>,
  before: TableMapping,
  mappings: readonly TableMapping[],
): void {
  if (!isSelected(input, before.table)) return;
  const name = documentName(before.schema, input.namespace ?? DEFAULT_NAMESPACE);
  const document = documents.get(name);
  const released = document && releaseTarget(document, before, mappings);
  if (released === null) documents.delete(name);
  else if (released) documents.set(name, released);
}

function isSelected(input: MappingInput, table: string): boolean {
  return input.selections.some((selection) => selection.table === table);
}

/** Lists every mapped table that Dynamics still describes. */
function listTables(input: MappingInput, documents: Map<string, XmlElement>, mappings: readonly TableMapping[]): void {
  const name = accountSchemaName(input.account);
  let document = documents.get(name) ?? newAccountDocument(input.account);
  for (const mapping of mappings) {
    const table = input.tables.find((one) => one.logicalName === mapping.table);
    const before = input.existing.find((one) => one.table === mapping.table);
    if (table) document = putTable(document, table, mapping, before);
  }
  if (mappings.length > 0) documents.set(name, document);
}

function assertSelectedOnce(selections: readonly TableSelection[]): void {
  selections.forEach(({ table }, index) => {
    if (selections.findIndex((one) => one.table === table) === index) return;
    throw new RequestError(
      'BAD_USER_INPUT',
      `Table "${table}" is selected twice. Select it once, with all its columns.`,
      {
        field: `tables.${index}.table`,
      },
    );
  });
}

function assertOwnKey(mapping: TableMapping, others: readonly TableMapping[], field: string): void {
  const other = others.find((one) => one.schema === mapping.schema && one.key === mapping.key);
  if (!other) return;
  throw new RequestError(
    'CONFLICT',
    `Tables "${other.table}" and "${mapping.table}" would both keep their ids in "${mapping.key}" of "${mapping.schema}". Name another schema or another key for one of them.`,
    { field },
  );
}

/** Its key is unique and takes no empty value, so that records of a second table would not fit in. */
function assertNotMadeForOther(target: Target, mapping: TableMapping, others: readonly TableMapping[], field: string) {
  const other = others.find((one) => one.schema === mapping.schema);
  if (!other || !target.source || !isMade(target.source) || target.document !== target.schema) return;
  throw new RequestError(
    'CONFLICT',
    `Schema "${mapping.schema}" was made for table "${other.table}". Name another schema for "${mapping.table}".`,
    { field },
  );
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
