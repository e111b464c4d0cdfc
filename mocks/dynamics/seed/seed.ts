import type { Cell, Reference, Row, Store } from '../store.js';
import { computeColumns } from '../writes/complete-row.js';
import { makeAccount } from './accounts.js';
import { makeCampaign, makeLists, makeMembers } from './campaigns.js';
import { makeContact } from './contacts.js';
import { makeLead, makeOpportunity } from './leads.js';
import { seedOrganization } from './organization.js';
import type { Cells } from './parts.js';
import { createRandom, type Random } from './random.js';
import { seedSecurity } from './security.js';

/** How much to make, and which of the possible organizations. */
export interface SeedOptions {
  /** The number of contacts; other tables in proportion. */
  readonly contacts: number;
  readonly seed: number;
}

/** What a maker of rows may refer to: rows made before it. */
export interface Made {
  readonly random: Random;
  readonly accounts: readonly Row[];
  readonly contacts: readonly Row[];
  readonly leads: readonly Row[];
  readonly campaigns: readonly Row[];
  /** The reference to a row made before, one object for all that refer to it. */
  referTo(table: string, row: Row): Reference;
}

/** Fills an empty store with a believable organization; the same options give the same rows. */
export function seedStore(store: Store, { contacts, seed }: SeedOptions): void {
  seedOrganization(store);
  seedSecurity(store);
  const random = createRandom(seed);
  const made = { random, referTo: createReferences(store), ...noRows() };
  fill(store, 'campaign', made.campaigns, {
    count: Math.min(24, Math.ceil(contacts / 50)),
    make: (at) => makeCampaign(made, at),
  });
  fill(store, 'account', made.accounts, { count: Math.ceil(contacts / 4), make: (at) => makeAccount(made, at) });
  fill(store, 'lead', made.leads, { count: Math.ceil(contacts / 3), make: (at) => makeLead(made, at) });
  fill(store, 'contact', made.contacts, { count: contacts, make: (at) => makeContact(made, at) });
  namePrimaryContacts(store, made);
  fill(store, 'opportunity', [], { count: Math.ceil(contacts / 5), make: () => makeOpportunity(made) });
  seedLists(store, made);
}

function noRows() {
  return { accounts: [] as Row[], contacts: [] as Row[], leads: [] as Row[], campaigns: [] as Row[] };
}

function createReferences({ tables }: Store): Made['referTo'] {
  const references = new Map<Row, Reference>();
  return (table, row) => {
    const known = references.get(row);
    if (known !== undefined) return known;
    const made = { table, id: String(row[tables.get(table).definition.primaryId]) };
    references.set(row, made);
    return made;
  };
}

interface Batch {
  readonly count: number;
  make(at: number): Cells;
}

/** Columns whose values recur in many rows: rows that hold the same text share it. */
const RECURRING = ['fullname', 'address1_line1', 'subject', 'name'];

/**
 * Completes each row as the service would, so that full names, addresses and base amounts fit. Columns without a value stay as
 * undefined: rows of one shape are several times faster to make and to read.
 */
function fill(store: Store, table: string, rows: Row[], { count, make }: Batch): void {
  const definition = store.tables.get(table);
  const texts = new Map<Cell, Cell>();
  const made: Cells[] = [];
  let blank: Cells = { versionnumber: 0 };
  for (let at = 0; at < count; at += 1) {
    const begun = make(at);
    const computed = computeColumns(store, definition, begun);
    blank = withNamesOf(withNamesOf(blank, begun), computed);
    const row: Cells = { ...blank };
    for (const name in begun) row[name] = begun[name];
    for (const name in computed) row[name] = computed[name] ?? undefined;
    for (const name of RECURRING) share(texts, row, name);
    row.versionnumber = 0;
    rows.push(row);
    made.push(row);
  }
  store.load(table, made);
}

/**
 * A row with every column that occurs, so that its copies need not grow: an object that grows far turns into a dictionary of several
 * times its size.
 */
function withNamesOf(blank: Cells, part: object): Cells {
  let isKnown = true;
  for (const name in part) isKnown &&= name in blank;
  if (isKnown) return blank;
  const names = Object.keys({ ...blank, ...part });
  const copy = JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, 0])))) as Cells; // zeros are cells
  for (const name of names) copy[name] = undefined;
  return copy;
}

function share(texts: Map<Cell, Cell>, row: Cells, name: string): void {
  const text = row[name];
  if (text === undefined) return;
  const known = texts.get(text);
  if (known === undefined) texts.set(text, text);
  else row[name] = known;
}

/** Most accounts have one of their contacts as the primary one. */
function namePrimaryContacts(store: Store, { random, accounts, contacts }: Made): void {
  const first = new Map<string, string>();
  for (const contact of contacts) {
    const parent = contact.parentcustomerid;
    if (typeof parent !== 'object' || parent.table !== 'account' || first.has(parent.id)) continue;
    first.set(parent.id, String(contact.contactid));
  }
  const named = accounts.flatMap((account): Cells[] => {
    const id = first.get(String(account.accountid));
    return id === undefined || random.chance(0.15) ? [] : [{ ...account, primarycontactid: { table: 'contact', id } }];
  });
  store.load('account', named);
}

function seedLists(store: Store, made: Made): void {
  const lists = makeLists(made);
  const members = lists.flatMap((list) => makeMembers(made, list));
  const sizes = new Map<string, number>();
  for (const { listid } of members)
    if (typeof listid === 'object') sizes.set(listid.id, (sizes.get(listid.id) ?? 0) + 1);
  store.load(
    'list',
    lists.map((list) => ({ ...list, membercount: sizes.get(String(list.listid)) ?? 0 })),
  );
  store.load('listmember', members);
}
