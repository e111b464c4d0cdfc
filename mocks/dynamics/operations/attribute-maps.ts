import { type Cell, isReference, type Reference, type Row } from '../store.js';
import type { Table } from '../tables.js';

/** What a new row takes over from one that it is made of: pairs of columns, or one name for both. */
type AttributeMap = readonly (string | readonly [from: string, to: string])[];

const ADDRESS = ['line1', 'line2', 'line3', 'city', 'stateorprovince', 'postalcode', 'country', 'county'].map(
  (part) => `address1_${part}`,
);
const REACH = ['telephone1', 'emailaddress1', 'websiteurl', 'fax'];
const CONSENT = [
  'donotbulkemail',
  'donotemail',
  'donotfax',
  'donotphone',
  'donotpostalmail',
  'preferredcontactmethodcode',
];
const SALE = [
  'budgetstatus',
  'need',
  'purchaseprocess',
  'purchasetimeframe',
  'budgetamount',
  'campaignid',
  'decisionmaker',
];

/** https://learn.microsoft.com/power-apps/developer/data-platform/customize-entity-attribute-mappings */
const MAPS: Readonly<Record<string, AttributeMap>> = {
  'account>account': [['accountid', 'parentaccountid'], ...ADDRESS, 'transactioncurrencyid'],
  'account>contact': [
    ['accountid', 'parentcustomerid'],
    ...ADDRESS,
    'telephone1',
    'paymenttermscode',
    'transactioncurrencyid',
  ],
  'account>opportunity': [['accountid', 'customerid'], ['accountid', 'parentaccountid'], 'transactioncurrencyid'],
  'contact>contact': [['contactid', 'parentcustomerid'], ...ADDRESS, 'transactioncurrencyid'],
  'contact>opportunity': [['contactid', 'customerid'], ['contactid', 'parentcontactid'], 'transactioncurrencyid'],
  'lead>account': [
    ['companyname', 'name'],
    ['leadid', 'originatingleadid'],
    ...ADDRESS,
    ...REACH,
    ...CONSENT,
    ...['industrycode', 'numberofemployees', 'revenue', 'sic', 'transactioncurrencyid', 'ownerid'],
  ],
  'lead>contact': [
    ['leadid', 'originatingleadid'],
    ...['firstname', 'middlename', 'lastname', 'salutation', 'jobtitle', 'mobilephone', 'description'],
    ...ADDRESS,
    ...REACH,
    ...CONSENT,
    ...['transactioncurrencyid', 'ownerid'],
  ],
  'lead>opportunity': [
    ['subject', 'name'],
    ['leadid', 'originatingleadid'],
    ['estimatedamount', 'estimatedvalue'],
    ...['estimatedclosedate', 'qualificationcomments', 'transactioncurrencyid', 'ownerid'],
    ...SALE,
  ],
};

/** The cells that a row of one table gives to a new one of another; null where the tables have no map. */
export function mappedCells(
  source: { readonly table: Table; readonly row: Row },
  target: Table,
): Record<string, Cell> | null {
  const map = MAPS[`${source.table.name}>${target.name}`];
  if (map === undefined) return null;
  const cells: Record<string, Cell> = {};
  for (const entry of map) {
    const [from, to] = typeof entry === 'string' ? [entry, entry] : entry;
    const cell = cellOf(source, from);
    if (cell !== undefined && target.columns.has(to)) cells[to] = cell;
  }
  return cells;
}

/** A map from the key of the source makes a lookup to it. */
function cellOf({ table, row }: { readonly table: Table; readonly row: Row }, column: string): Cell | undefined {
  const cell = row[column];
  if (column !== table.definition.primaryId) return cell;
  const reference: Reference = { table: table.name, id: String(cell) };
  return reference;
}

/** The navigation property that a lookup to this row is bound by. */
export function bindingOf(table: Table, column: string, cell: Cell): string | null {
  if (!isReference(cell)) return null;
  const targets = table.columns.get(column)?.targets ?? [];
  return targets.find((target) => target.table === cell.table)?.navigation ?? null;
}
