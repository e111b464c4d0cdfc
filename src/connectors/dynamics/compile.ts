import type { RecordQuery, Selection } from '../../model/query.js';
import type { Column, Table } from '../../model/table.js';
import { type CompiledAlong, compileAlong, MAX_EXPANDS, NOTHING_ALONG } from './along.js';
import { compileOrder, compileSelect, selectedColumns } from './compile-columns.js';
import { compileFilter, noTables, type TableLookup } from './compile-filter.js';
import { badInput, isLookup } from './literal.js';
import { navigationTarget } from './navigation.js';

export type { TableLookup } from './compile-filter.js';

/** The longest path and query that related records may make of a request; it leaves room for a skiptoken. */
const MAX_TARGET_WITH_ALONG = 20_000;

const FORMATTED_VALUE = 'OData.Community.Display.V1.FormattedValue';
const LOOKUP_ANNOTATIONS = [
  'Microsoft.Dynamics.CRM.lookuplogicalname',
  'Microsoft.Dynamics.CRM.associatednavigationproperty',
];
const COUNT_ANNOTATIONS = [
  'Microsoft.Dynamics.CRM.totalrecordcount',
  'Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded',
];

/** A query in the words of the Web API. The parts are plain text; `pageTarget` encodes them. */
export interface CompiledQuery {
  readonly setName: string;
  readonly select: string;
  readonly expand: string | null;
  readonly filter: string | null;
  readonly orderBy: string;
  readonly count: boolean;
  readonly annotations: readonly string[];
  /** What the expansions bring besides what is selected. */
  readonly along: CompiledAlong;
}

/**
 * Compiles a record query to OData. Rejects an unknown path, and a value that does not fit its column, with `BAD_USER_INPUT`.
 * The primary id is always selected, and ends the order so that it is stable from page to page. Of what is welcome along, as much is
 * expanded as one request can bring.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/overview
 */
export function compileQuery(query: RecordQuery<Table>, tables: TableLookup = noTables): CompiledQuery {
  const { from: table, select } = query;
  const nested = compileNested(table, select, tables);
  if (nested.expands > MAX_EXPANDS)
    throw badInput(`Expected at most ${MAX_EXPANDS} nested records in one query, but there are ${nested.expands}.`);
  const along = compileAlong(query, nested.expands);
  const compiled = assemble(query, tables, nested, along);
  if (along === NOTHING_ALONG || pageTarget(compiled, null).length <= MAX_TARGET_WITH_ALONG) return compiled;
  return assemble(query, tables, nested, NOTHING_ALONG);
}

function assemble(
  query: RecordQuery<Table>,
  tables: TableLookup,
  nested: CompiledNested,
  along: CompiledAlong,
): CompiledQuery {
  const { from: table, select } = query;
  const columns = [...selectedColumns(table, select), ...nested.columns, ...along.columns];
  return {
    setName: table.setName,
    select: compileSelect(table, select),
    expand: [nested.text ?? [], along.items].flat().join(',') || null,
    filter: query.filter ? compileFilter(table, query.filter, tables) : null,
    orderBy: compileOrder(table, query.orderBy ?? []),
    count: query.count ?? false,
    annotations: [...columnAnnotations(columns), ...(query.count ? COUNT_ANNOTATIONS : [])],
    along,
  };
}

/** Path and query below the Web API for one page. `skipToken` is as it stood in the nextLink, still encoded. */
export function pageTarget(query: CompiledQuery, skipToken: string | null): string {
  const options = [`$select=${encode(query.select)}`];
  if (query.expand) options.push(`$expand=${encode(query.expand)}`);
  if (query.filter) options.push(`$filter=${encode(query.filter)}`);
  options.push(`$orderby=${encode(query.orderBy)}`);
  if (query.count) options.push('$count=true');
  if (skipToken) options.push(`$skiptoken=${skipToken}`);
  return `${query.setName}?${options.join('&')}`;
}

/** The `Prefer` header for one page. */
export function pagePreference(query: CompiledQuery, size: number): string {
  const annotations = query.annotations.length > 0 ? `,odata.include-annotations="${query.annotations.join(',')}"` : '';
  return `odata.maxpagesize=${size}${annotations}`;
}

interface CompiledNested {
  readonly text: string | null;
  readonly expands: number;
  readonly columns: readonly Column[];
}

function compileNested(table: Table, selection: Selection, tables: TableLookup): CompiledNested {
  const parts: string[] = [];
  const columns: Column[] = [];
  let expands = 0;
  for (const [navigation, inner] of Object.entries(selection.nested ?? {})) {
    const target = tables(navigationTarget(table, navigation));
    const deeper = compileNested(target, inner, tables);
    const expand = deeper.text ? `;$expand=${deeper.text}` : '';
    parts.push(`${navigation}($select=${compileSelect(target, inner)}${expand})`);
    columns.push(...selectedColumns(target, inner), ...deeper.columns);
    expands += 1 + deeper.expands;
  }
  return { text: parts.length > 0 ? parts.join(',') : null, expands, columns };
}

/** Annotations double the size of an answer, so only those needed are asked for. */
export function columnAnnotations(columns: readonly Column[]): readonly string[] {
  const lookups = columns.some(isLookup);
  const choices = columns.some((column) => ['choice', 'choices', 'state', 'status'].includes(column.type));
  return [...(lookups || choices ? [FORMATTED_VALUE] : []), ...(lookups ? LOOKUP_ANNOTATIONS : [])];
}

/** Percent-encodes an option's value, but leaves legible what has no meaning in a query string. */
export function encode(value: string): string {
  if (/^[\w, ]*$/.test(value)) return value.replaceAll(' ', '%20');
  return encodeURIComponent(value).replaceAll(/%(?:24|2C|2F|3A|3B|3D|40)/g, (code) => LEGIBLE[code] ?? code);
}

const LEGIBLE: Readonly<Record<string, string>> = {
  '%24': '$',
  '%2C': ',',
  '%2F': '/',
  '%3A': ':',
  '%3B': ';',
  '%3D': '=',
  '%40': '@',
};
