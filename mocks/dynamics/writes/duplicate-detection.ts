import type { MockRequest } from '../../control.js';
import type { RequestContext } from '../context.js';
import { CODES, DynamicsError } from '../errors.js';
import type { Row } from '../store.js';
import type { Table } from '../tables.js';

/** The rules that an organization has published from the start: the same e-mail address. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  account: ['emailaddress1'],
  contact: ['emailaddress1'],
  lead: ['emailaddress1'],
};

/**
 * Asserts that a row just written is no duplicate of another one, where the client asks for it.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/manage-duplicate-detection-create-update
 *
 * @throws DynamicsError 412; within a transaction, which takes the row back.
 */
export function assertNoDuplicate(context: RequestContext, table: Table, row: Row, { headers }: MockRequest): void {
  if (String(headers['mscrm.suppressduplicatedetection']).toLowerCase() !== 'false') return;
  const rows = context.store.table(table.name);
  for (const column of RULES[table.name] ?? []) {
    const value = row[column];
    if (typeof value !== 'string' || rows.idsWith(column, value).size <= 1) continue;
    throw new DynamicsError(
      412,
      CODES.duplicatesFound,
      'A record was not created or updated because a duplicate of the current record already exists.',
    );
  }
}
