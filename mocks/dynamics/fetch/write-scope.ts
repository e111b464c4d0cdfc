import type { RequestContext } from '../context.js';
import { formattedValue } from '../query/formatted-value.js';
import { etagOf } from '../query/write-row.js';
import { type Cell, isReference, type Row } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { isLookup, propertyName } from '../tables.js';
import type { FetchColumn, FetchEntity, FetchQuery } from './query.js';
import type { Scope } from './scope.js';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';
const LOOKUP_TABLE = 'Microsoft.Dynamics.CRM.lookuplogicalname';
const NAVIGATION = 'Microsoft.Dynamics.CRM.associatednavigationproperty';
const ATTRIBUTE_NAME = 'OData.Community.Display.V1.AttributeName';

type JsonRow = Record<string, string | number | boolean>;

/**
 * A joined row as an answer has it: columns of linked tables as `alias_x002e_column`, columns without a value left out.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/overview#use-fetchxml
 */
export function writeScope(context: RequestContext, query: FetchQuery, scope: Scope): JsonRow {
  const json: JsonRow = {};
  const root = scope[query.root.index];
  if (!query.isDistinct && root !== undefined) {
    const { primaryId } = query.root.table.definition;
    json['@odata.etag'] = etagOf(root);
    json[primaryId] = String(root[primaryId]);
  }
  for (const entity of query.entities) {
    const row = scope[entity.index];
    if (row === undefined) continue;
    for (const column of entity.columns) writeColumn(context, json, { entity, column, row });
  }
  return json;
}

interface Written {
  readonly entity: FetchEntity;
  readonly column: FetchColumn;
  readonly row: Row;
}

function writeColumn(context: RequestContext, json: JsonRow, { entity, column, row }: Written): void {
  const cell = row[column.column.name];
  if (cell === undefined) return;
  const name = outputName(entity, column);
  const annotate = annotator(context, json, name);
  annotate(FORMATTED, formattedValue(context, row, column.column));
  if (isLookup(column.column) && isReference(cell)) {
    annotate(LOOKUP_TABLE, cell.table);
    const target = column.column.targets?.find((it) => it.table === cell.table);
    if (entity.alias === null) annotate(NAVIGATION, target?.navigation);
  }
  if (entity.alias !== null || column.alias !== null) annotate(ATTRIBUTE_NAME, column.column.name);
  json[name] = isReference(cell) ? cell.id : cell;
}

function annotator(context: RequestContext, json: JsonRow, name: string) {
  return (term: string, value: string | undefined): void => {
    if (value !== undefined && context.prefer.includesAnnotation(term)) json[`${name}@${term}`] = value;
  };
}

/** A dot cannot stand in the name of a property. */
function outputName(entity: FetchEntity, { alias, column }: FetchColumn): string {
  if (alias !== null) return alias.replaceAll('.', '_x002e_');
  if (entity.alias === null) return propertyName(column);
  return `${entity.alias}.${column.name}`.replaceAll('.', '_x002e_');
}

export interface AggregateValue {
  readonly alias: string;
  readonly column: ColumnDefinition;
  readonly cell: Cell | undefined;
  /** Whether the value is one of the column, not a number of rows. */
  readonly isOfColumn: boolean;
}

/** A row of an aggregate query. */
export function writeAggregate(context: RequestContext, values: readonly AggregateValue[]): JsonRow {
  const json: JsonRow = {};
  for (const { alias, column, cell, isOfColumn } of values) {
    if (cell === undefined) continue;
    const name = alias.replaceAll('.', '_x002e_');
    const annotate = annotator(context, json, name);
    annotate(FORMATTED, isOfColumn ? formattedValue(context, { [column.name]: cell }, column) : formatCount(cell));
    if (isReference(cell)) annotate(LOOKUP_TABLE, cell.table);
    annotate(ATTRIBUTE_NAME, column.name);
    json[name] = isReference(cell) ? cell.id : cell;
  }
  return json;
}

function formatCount(cell: Cell): string | undefined {
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : undefined;
}
