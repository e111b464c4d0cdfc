import { CODES, DynamicsError } from '../errors.js';
import { type Cell, isReference, type Reference, type Row, type RowChanges, type Store } from '../store.js';
import { defaultStatus, type Table } from '../tables.js';

type Cells = Readonly<Record<string, Cell | undefined>>;

/** A row with the changes made; what is set to null is left out. */
export function applyChanges(row: Row, changes: RowChanges): Row {
  const merged: Record<string, Cell> = {};
  for (const [name, cell] of Object.entries(row)) {
    if (cell !== undefined && changes[name] === undefined) merged[name] = cell;
  }
  for (const [name, cell] of Object.entries(changes)) {
    if (cell !== null && cell !== undefined) merged[name] = cell;
  }
  return merged;
}

/**
 * The columns that follow from others: full names, composite addresses, amounts in the base currency, the parts of the owner.
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
  const composites: Record<string, string | null> = {};
  for (const names of ADDRESSES)
    if (table.columns.has(names.composite)) composites[names.composite] = compositeAddress(row, names);
  return composites;
}

/** The names are made once: rows are many. */
const ADDRESSES = [1, 2, 3].map((number) => ({
  composite: `address${number}_composite`,
  lines: [`address${number}_line1`, `address${number}_line2`, `address${number}_line3`],
  city: `address${number}_city`,
  region: [`address${number}_stateorprovince`, `address${number}_postalcode`],
  country: `address${number}_country`,
}));

/** Street lines, then city with state and postal code, then country. */
function compositeAddress(row: Cells, names: (typeof ADDRESSES)[number]): string | null {
  const place = joined(row[names.city], joinCells(row, names.region, ' '), ', ');
  const lines = joined(joinCells(row, names.lines, '\r\n'), place, '\r\n');
  const address = joined(lines, row[names.country], '\r\n');
  return address === '' ? null : address;
}

function joinCells(row: Cells, names: readonly string[], separator: string): string {
  let text = '';
  for (const name of names) text = joined(text, row[name], separator);
  return text;
}

function joined(before: Cell | undefined, after: Cell | undefined, separator: string): string {
  const [first, second] = [typeof before === 'string' ? before : '', typeof after === 'string' ? after : ''];
  if (first === '') return second;
  return second === '' ? first : `${first}${separator}${second}`;
}

/** Tables with money hold each amount in the base currency, too. https://learn.microsoft.com/power-apps/developer/data-platform/transaction-currency-currency-entity */
function baseAmounts(store: Store, table: Table, row: Cells): RowChanges {
  const columns = moneyColumns(table);
  if (!columns.some(({ name }) => row[name] !== undefined)) return {};
  const currency = row.transactioncurrencyid ?? baseCurrency(store);
  if (currency === undefined || !isReference(currency)) return {};
  const rate = Number(store.row(currency)?.exchangerate ?? 1);
  const amounts: Record<string, Cell | null> = { transactioncurrencyid: currency, exchangerate: rate };
  for (const { name, base } of columns) {
    const amount = row[name];
    amounts[base] = amount === undefined ? null : Math.round((Number(amount) / rate) * 100) / 100;
  }
  return amounts;
}

const MONEY_COLUMNS = new WeakMap<Table, readonly { readonly name: string; readonly base: string }[]>();

function moneyColumns(table: Table): readonly { readonly name: string; readonly base: string }[] {
  const known = MONEY_COLUMNS.get(table);
  if (known !== undefined) return known;
  const money = table.definition.columns.filter(
    ({ name, type }) => type === 'Money' && table.columns.has(`${name}_base`),
  );
  const found = money.map(({ name }) => ({ name, base: `${name}_base` }));
  MONEY_COLUMNS.set(table, found);
  return found;
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
 * @throws DynamicsError 400 where both are given and do not fit, or the table has no such status.
 */
export function settleState(table: Table, changes: RowChanges, id: string): RowChanges {
  const { statecode, statuscode } = changes;
  if (!table.columns.has('statecode') || (statecode === undefined && statuscode === undefined)) return {};
  if (typeof statecode === 'number' && typeof statuscode !== 'number')
    return { statecode, statuscode: defaultStatus(table, statecode) };
  if (typeof statuscode !== 'number') return {};
  const options = table.columns.get('statuscode')?.options;
  const option = options?.find(({ value }) => value === statuscode);
  const implied = option?.state;
  const isUnknown = options !== undefined && option === undefined;
  const isOfOther = typeof statecode === 'number' && implied !== undefined && implied !== statecode;
  if (isUnknown || isOfOther) throw invalidStatus(table, { statecode, statuscode, id });
  return implied === undefined ? {} : { statecode: implied, statuscode };
}

function invalidStatus(
  table: Table,
  { statecode, statuscode, id }: { statecode: unknown; statuscode: number; id: string },
): DynamicsError {
  const state =
    table.columns.get('statecode')?.options?.find((option) => option.value === statecode)?.label ?? String(statecode);
  return new DynamicsError(
    400,
    CODES.invalidStatus,
    `${statuscode} is not a valid status code for state code ${table.name}State.${state} on ${table.name} with Id ${id}.`,
  );
}
