import { CODES, DynamicsError } from '../errors.js';
import { type Cell, isReference, type Reference, type Row, type RowChanges, type Store } from '../store.js';
import { defaultStatus, type Table } from '../tables.js';

type Cells = Readonly<Record<string, Cell | undefined>>;

/** A row with the changes made; what is set to null is left out. */
export function applyChanges(row: Row, changes: RowChanges): Row {
  const merged: Record<string, Cell> = {};
  for (const [name, cell] of Object.entries({ ...row, ...changes })) {
    if (cell !== null && cell !== undefined) merged[name] = cell;
  }
  return merged;
}

/**
 * The columns that follow from others: full names, composite addresses, amounts in the base currency, the parts of the owner.
 * `changed` holds the names of the columns that a client wrote.
 */
export function computeColumns(store: Store, table: Table, row: Row): RowChanges {
  return {
    ...(table.columns.has('fullname') ? { fullname: fullName(row) } : {}),
    ...compositeAddresses(table, row),
    ...baseAmounts(store, table, row),
    ...ownerParts(store, table, row),
    ...legacyParents(table, row),
    ...(table.name === 'list' && row.createdfromcode !== undefined ? { membertype: row.createdfromcode } : {}),
  };
}

/** The default format of full names: "First Last". */
function fullName(row: Cells): string | null {
  const parts = [row.firstname, row.lastname].filter((it) => typeof it === 'string' && it !== '');
  return parts.length === 0 ? null : parts.join(' ');
}

function compositeAddresses(table: Table, row: Cells): RowChanges {
  const numbers = [1, 2, 3].filter((number) => table.columns.has(`address${number}_composite`));
  return Object.fromEntries(
    numbers.map((number) => [`address${number}_composite`, compositeAddress(row, `address${number}_`)]),
  );
}

/** Street lines, then city with state and postal code, then country. */
function compositeAddress(row: Cells, prefix: string): string | null {
  const part = (name: string) => (typeof row[prefix + name] === 'string' ? String(row[prefix + name]) : '');
  const region = [part('stateorprovince'), part('postalcode')].filter((it) => it !== '').join(' ');
  const place = [part('city'), region].filter((it) => it !== '').join(', ');
  const lines = [part('line1'), part('line2'), part('line3'), place, part('country')].filter((it) => it !== '');
  return lines.length === 0 ? null : lines.join('\r\n');
}

/** Tables with money hold each amount in the base currency, too. https://learn.microsoft.com/power-apps/developer/data-platform/transaction-currency-currency-entity */
function baseAmounts(store: Store, table: Table, row: Cells): RowChanges {
  const moneyColumns = [...table.columns.values()].filter(
    (column) => column.type === 'Money' && table.columns.has(`${column.name}_base`),
  );
  if (moneyColumns.length === 0 || !moneyColumns.some((column) => row[column.name] !== undefined)) return {};
  const currency = row.transactioncurrencyid ?? baseCurrency(store);
  if (currency === undefined || !isReference(currency)) return {};
  const rate = Number(store.row(currency)?.exchangerate ?? 1);
  const amounts = moneyColumns.map((column) => {
    const amount = row[column.name];
    return [`${column.name}_base`, amount === undefined ? null : Math.round((Number(amount) / rate) * 100) / 100];
  });
  return { transactioncurrencyid: currency, exchangerate: rate, ...Object.fromEntries(amounts) };
}

/** The currency that was there first. */
function baseCurrency(store: Store): Reference | undefined {
  const [first] = store.table('transactioncurrency').all();
  return first === undefined ? undefined : { table: 'transactioncurrency', id: String(first.transactioncurrencyid) };
}

/** `owninguser`, `owningteam` and `owningbusinessunit` follow from `ownerid`. */
function ownerParts(store: Store, table: Table, row: Cells): RowChanges {
  const owner = row.ownerid;
  if (owner === undefined || !isReference(owner) || !table.columns.has('owninguser')) return {};
  return {
    owninguser: owner.table === 'systemuser' ? owner : null,
    owningteam: owner.table === 'team' ? owner : null,
    owningbusinessunit: store.row(owner)?.businessunitid ?? null,
  };
}

/** Contacts, leads and opportunities show their customer a second time, by type, in columns of old. */
function legacyParents(table: Table, row: Cells): RowChanges {
  const customer = row[table.name === 'contact' ? 'parentcustomerid' : 'customerid'];
  if (!['contact', 'opportunity', 'lead'].includes(table.name)) return {};
  const account = customer !== undefined && isReference(customer) && customer.table === 'account' ? customer : null;
  const contact = customer !== undefined && isReference(customer) && customer.table === 'contact' ? customer : null;
  return table.name === 'contact'
    ? { accountid: account, parentcontactid: contact }
    : { accountid: account, contactid: contact };
}

/**
 * Makes state and status fit: a status implies its state, a state alone takes the status it begins with.
 *
 * @throws DynamicsError 400 where both are given and do not fit.
 */
export function settleState(table: Table, changes: RowChanges, id: string): RowChanges {
  const { statecode, statuscode } = changes;
  if (!table.columns.has('statecode') || (statecode === undefined && statuscode === undefined)) return {};
  if (typeof statecode === 'number' && typeof statuscode !== 'number')
    return { statecode, statuscode: defaultStatus(table, statecode) };
  if (typeof statuscode !== 'number') return {};
  const implied = table.columns.get('statuscode')?.options?.find((option) => option.value === statuscode)?.state;
  if (typeof statecode === 'number' && implied !== undefined && implied !== statecode)
    throw invalidStatus(table, { statecode, statuscode, id });
  return implied === undefined ? {} : { statecode: implied, statuscode };
}

function invalidStatus(
  table: Table,
  { statecode, statuscode, id }: { statecode: number; statuscode: number; id: string },
): DynamicsError {
  const state =
    table.columns.get('statecode')?.options?.find((option) => option.value === statecode)?.label ?? String(statecode);
  return new DynamicsError(
    400,
    CODES.invalidStatus,
    `${statuscode} is not a valid status code for state code ${table.name}State.${state} on ${table.name} with Id ${id}.`,
  );
}
