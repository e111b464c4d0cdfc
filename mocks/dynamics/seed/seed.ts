import type { Cell, Row, RowChanges, Store } from '../store.js';
import { computeColumns } from '../writes/complete-row.js';
import { makeAccount } from './accounts.js';
import { makeCampaign, makeLists, makeMembers } from './campaigns.js';
import { makeContact } from './contacts.js';
import { makeLead, makeOpportunity } from './leads.js';
import { seedOrganization } from './organization.js';
import type { Cells } from './parts.js';
import { createRandom, type Random } from './random.js';

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
}

/** Fills an empty store with a believable organization; the same options give the same rows. */
export function seedStore(store: Store, { contacts, seed }: SeedOptions): void {
  seedOrganization(store);
  const random = createRandom(seed);
  const made = { random, accounts: [] as Row[], contacts: [] as Row[], leads: [] as Row[], campaigns: [] as Row[] };
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

interface Batch {
  readonly count: number;
  make(at: number): Cells;
}

/**
 * Completes each row as the service would, so that full names, addresses and base amounts fit. Columns without a value stay as
 * undefined: rows of one shape are several times faster to make and to read.
 */
function fill(store: Store, table: string, rows: Row[], { count, make }: Batch): void {
  const definition = store.tables.get(table);
  const made: Cells[] = [];
  for (let at = 0; at < count; at += 1) {
    const begun = make(at);
    const row: Cells = { ...begun, ...withoutNulls(computeColumns(store, definition, begun)), versionnumber: 0 };
    rows.push(row);
    made.push(row);
  }
  store.load(table, made);
}

function withoutNulls(changes: RowChanges): Cells {
  const cells: Record<string, Cell | null | undefined> = { ...changes };
  for (const name in cells) if (cells[name] === null) cells[name] = undefined;
  // No null is left, which the compiler cannot tell.
  return cells as Cells;
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
