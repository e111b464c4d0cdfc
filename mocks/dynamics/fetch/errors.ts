import { CODES, DynamicsError } from '../errors.js';
import type { Table } from '../tables.js';

/** https://learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes */
const FETCH_CODES = {
  invalidXml: CODES.invalidArgument,
  invalidQuery: CODES.invalidArgument,
  noTable: '0x80041102',
  noColumn: '0x80041103',
  tooManyConditions: '0x8004430c',
  tooManyLinks: '0x8004430d',
  tooManyRows: '0x8004e023',
} as const;

/** 400 for a query in XML that cannot be carried out. */
export function fetchError(code: keyof typeof FETCH_CODES, message: string): DynamicsError {
  return new DynamicsError(400, FETCH_CODES[code], message);
}

export function unknownTable(name: string): DynamicsError {
  return fetchError(
    'noTable',
    `The entity with a name = '${name}' with namemapping = 'Logical' was not found in the MetadataCache.`,
  );
}

export function unknownColumn(table: Table, name: string): DynamicsError {
  return fetchError(
    'noColumn',
    `'${table.name}' entity doesn't contain attribute with Name = '${name}' and NameMapping = 'Logical'.`,
  );
}

/** Aggregation stops here. https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/aggregate-data#limitations */
export const AGGREGATE_LIMIT = 50_000;

export function aggregateLimitExceeded(): DynamicsError {
  return fetchError('tooManyRows', `The maximum record limit is exceeded. Reduce the number of records.`);
}
