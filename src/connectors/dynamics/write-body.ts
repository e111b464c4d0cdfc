import { keyPathsOf, type WriteRequest, type WriteValue } from '../../model/query.js';
import { type Column, findColumn, type LookupTarget, type Table } from '../../model/table.js';
import { badInput, isGuid, isLookup, plainValue } from './literal.js';

/** Finds the entity set of a table, for references to its records. */
export type SetNameLookup = (logicalName: string) => Promise<string>;

type WriteRecord = WriteRequest<Table>['records'][number];

/** Rejects a column that does not exist or that can never be written so, with `BAD_USER_INPUT` naming it: before anything is sent. */
export function assertWritable(request: WriteRequest<Table>): void {
  if (request.operation === 'delete') return;
  const names = new Set(request.records.flatMap((record) => Object.keys(record)));
  for (const path of keyPathsOf(request)) names.delete(path);
  for (const name of names) assertColumn(request, name);
}

function assertColumn({ to, operation }: WriteRequest<Table>, name: string): void {
  const column = findColumn(to, name);
  if (!column) throw badInput(`Expected a column of table ${to.logicalName}, but it has none called "${name}".`);
  const allowed = {
    create: column.creatable,
    update: column.updatable,
    upsert: column.creatable || column.updatable,
    delete: true,
  }[operation];
  if (!allowed)
    throw badInput(
      `Expected a column that ${operation} may set, but Dynamics itself sets column "${name}" of table ${to.logicalName}.`,
    );
}

/**
 * Makes the JSON body of a record: lookups as references to entity sets. Rejects a value that does not fit its column with
 * `BAD_USER_INPUT`. A value for a lookup is an id, or `table:id` where the lookup may lead to several tables.
 */
export async function buildBody(
  request: WriteRequest<Table>,
  record: WriteRecord,
  setNameOf: SetNameLookup,
): Promise<Record<string, unknown>> {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    const column = findColumn(request.to, name);
    if (!column || isInAddress(request, name)) continue;
    if (isLookup(column))
      Object.assign(body, await buildBinding(column, value, request.operation === 'create', setNameOf));
    else body[name] = buildValue(column, value);
  }
  return body;
}

/** Whether records are addressed by their id. */
export function isById({ to, key }: WriteRequest<Table>): boolean {
  return key === to.primaryId || (key.length === 1 && key[0] === to.primaryId);
}

/** What an upsert is addressed by Dynamics itself copies into a record that it makes; one that it finds has it already. */
function isInAddress(request: WriteRequest<Table>, name: string): boolean {
  if (!keyPathsOf(request).includes(name)) return false;
  return isById(request) || request.operation !== 'create';
}

function buildValue(column: Column, value: WriteValue): WriteValue | bigint {
  if (value === null) return null;
  if (column.type === 'choices') return buildChoices(column, value);
  const plain = plainValue(column, value);
  switch (column.type) {
    case 'integer':
    case 'choice':
    case 'state':
    case 'status':
    case 'decimal':
    case 'double':
    case 'money':
      return Number(plain);
    case 'boolean':
      return plain === 'true';
    case 'bigint':
      return BigInt(plain);
    default:
      return plain;
  }
}

/** Several choices are written as their values with commas between. */
function buildChoices(column: Column, value: string | number | boolean): string | null {
  const parts = String(value)
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  return parts.length === 0 ? null : parts.map((part) => plainValue(column, part)).join(',');
}

async function buildBinding(
  column: Column,
  value: WriteValue,
  isNew: boolean,
  setNameOf: SetNameLookup,
): Promise<Record<string, unknown>> {
  if (value === null) return isNew ? {} : clearing(column);
  const { target, id } = readReference(column, value);
  return { [`${target.navigation}@odata.bind`]: `/${await setNameOf(target.table)}(${id})` };
}

/** A lookup to several tables is one column behind several navigation properties: clearing each clears whichever is set. */
function clearing(column: Column): Record<string, null> {
  const navigations = new Set(
    column.targets.map(({ navigation }) => navigation).filter((navigation) => navigation !== null),
  );
  return Object.fromEntries([...navigations].map((navigation) => [`${navigation}@odata.bind`, null]));
}

function readReference(column: Column, value: string | number | boolean): { target: LookupTarget; id: string } {
  const [first = '', second] = String(value).split(':');
  const [table, id] = second === undefined ? [null, first] : [first, second];
  if (!isGuid(id))
    throw badInput(
      `Expected an id (a GUID) for column "${column.name}", but got ${JSON.stringify(value).slice(0, 80)}.`,
    );
  const candidates = column.targets.filter(
    (target) => target.navigation !== null && (table === null || target.table === table),
  );
  const [target] = candidates;
  const tables = column.targets.map((one) => one.table).join(', ');
  if (!target)
    throw badInput(
      `Expected a record of ${tables || 'a described table'} for column "${column.name}", but got one of ${table ?? 'no table'}.`,
    );
  if (candidates.length > 1)
    throw badInput(
      `Expected the table before the id for column "${column.name}", as in "${target.table}:${id}"; it may be one of ${tables}.`,
    );
  return { target, id: id.toLowerCase() };
}
