import type { MockResponse } from '../../control.js';
import { answerJson, contextUrl, type RequestContext } from '../context.js';
import { CODES, DynamicsError, queryError } from '../errors.js';
import { assertPrivilege } from '../privileges.js';
import { assertAccess } from '../reach.js';
import { unquote } from '../resource-path.js';
import { isReference } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { readReference } from '../writes/payload.js';
import { bindingOf, mappedCells } from './attribute-maps.js';
import { requireReferenced } from './references.js';

/**
 * Answers with the beginning of a new row: what the maps between two tables take over from an existing one. Nothing is written.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/initializefrom
 */
export function initializeFrom(context: RequestContext, parameters: ReadonlyMap<string, string>): MockResponse {
  const source = readReference(context, monikerOf(parameters.get('EntityMoniker')));
  const name = unquote(parameters.get('TargetEntityName') ?? '');
  const target = context.tables.find(name);
  if (target === undefined)
    throw new DynamicsError(
      400,
      CODES.invalidArgument,
      `The entity with a name = '${name}' was not found in the MetadataCache.`,
    );
  assertPrivilege(context, 'Read', context.tables.get(source.table));
  const isWanted = fieldFilter(parameters.get('TargetFieldType'));
  const row = { table: context.tables.get(source.table), row: requireReferenced(context, source) };
  assertAccess(context, 'Read', row);
  const members = Object.entries(mappedCells(row, target) ?? {}).flatMap(([column, cell]) => {
    const definition = target.columns.get(column);
    if (definition === undefined || !isWanted(definition)) return [];
    if (!isReference(cell)) return [[column, cell] as const];
    const bound = context.tables.get(cell.table).definition.setName;
    return [[`${bindingOf(target, column, cell) ?? column}@odata.bind`, `${bound}(${cell.id})`] as const];
  });
  return answerJson(context, {
    '@odata.context': contextUrl(context, `${target.definition.setName}/$entity`),
    '@odata.type': `#Microsoft.Dynamics.CRM.${target.name}`,
    ...Object.fromEntries(members),
  });
}

/** `{'@odata.id':'accounts(…)'}`, in either kind of quotes. */
function monikerOf(text: string | undefined): string {
  const url = /["']@odata\.id["']\s*:\s*["']([^"']+)["']/.exec(text ?? '')?.[1];
  if (url === undefined) throw queryError('InitializeFrom expects EntityMoniker to be {"@odata.id":"accounts(<id>)"}.');
  return url;
}

/** Which columns the new row may have: `Microsoft.Dynamics.CRM.TargetFieldType'ValidForCreate'`. */
function fieldFilter(text = ''): (column: ColumnDefinition) => boolean {
  const kind = /'(\w+)'$/.exec(text)?.[1] ?? 'All';
  switch (kind) {
    case 'All':
    case 'ValidForRead':
      return () => true;
    case 'ValidForCreate':
      return ({ readOnly }) => readOnly !== true;
    case 'ValidForUpdate':
      return ({ readOnly, createOnly }) => readOnly !== true && createOnly !== true;
    default:
      throw queryError(
        `'${text}' is no TargetFieldType; there are All, ValidForCreate, ValidForUpdate and ValidForRead.`,
      );
  }
}
