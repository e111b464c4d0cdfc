import { CURRENCY_IDS, reference } from './organization.js';
import { type Cells, dayFrom, history } from './parts.js';
import type { Made } from './seed.js';

const SEASONS = ['Spring', 'Summer', 'Autumn', 'Winter'] as const;

/** A marketing campaign. */
export function makeCampaign({ random }: Made, at: number): Cells {
  const past = history(random);
  const begins = dayFrom(random, String(past.createdon).slice(0, 10), 60);
  return {
    campaignid: random.guid(),
    name: `${random.pick(SEASONS)} ${random.integer(2018, 2026)} ${random.pick(['Newsletter', 'Trade fair', 'Rückblick', 'Événement', 'Launch'])}`,
    codename: `CMP-${String(at + 1001).padStart(5, '0')}-X${random.integer(0, 9)}Z`,
    typecode: random.integer(1, 5),
    proposedstart: `${begins}T00:00:00Z`,
    proposedend: `${dayFrom(random, begins, 90)}T00:00:00Z`,
    budgetedcost: random.integer(1, 200) * 500,
    expectedresponse: random.integer(0, 100),
    istemplate: false,
    transactioncurrencyid: reference('transactioncurrency', CURRENCY_IDS.USD),
    ...past,
    statecode: 0,
    statuscode: random.integer(0, 5),
  };
}

/** What a list may hold, by the code of its members' type. */
const MEMBER_TYPES = [
  { code: 2, table: 'contact', id: 'contactid', rows: 'contacts' },
  { code: 1, table: 'account', id: 'accountid', rows: 'accounts' },
  { code: 4, table: 'lead', id: 'leadid', rows: 'leads' },
] as const;

const LIST_NAMES = [
  'Newsletter',
  'Clients privilégiés',
  'Trade fair visitors',
  'Accounts without a visit',
  'Fresh leads',
  'Wiedervorlage',
] as const;

export function makeLists({ random }: Made): Cells[] {
  return LIST_NAMES.map((listname, at) => {
    const { code } = MEMBER_TYPES[at === 3 ? 1 : at === 4 ? 2 : 0];
    return {
      listid: random.guid(),
      listname,
      createdfromcode: code,
      membertype: code,
      type: at === 5,
      lockstatus: at === 2,
      ...(at === 5
        ? { query: '<fetch version="1.0"><entity name="contact"><attribute name="contactid" /></entity></fetch>' }
        : {}),
      donotsendonoptout: true,
      ignoreinactivelistmembers: true,
      ...history(random),
      statecode: 0,
      statuscode: 0,
    };
  });
}

/** A twentieth of the rows, at most two thousand, each once. Dynamic lists have a query in place of members. */
export function makeMembers(made: Made, list: Cells): Cells[] {
  const type = MEMBER_TYPES.find((it) => it.code === list.createdfromcode);
  if (type === undefined || list.type === true) return [];
  const { random } = made;
  const rows = made[type.rows];
  const wanted = Math.min(2000, Math.ceil(rows.length / 20));
  const ids = new Set<string>();
  for (let tries = 0; ids.size < wanted && tries < wanted * 4; tries += 1) ids.add(String(random.pick(rows)[type.id]));
  return [...ids].map((id) => ({
    listmemberid: random.guid(),
    listid: reference('list', String(list.listid)),
    entityid: reference(type.table, id),
    entitytype: type.code,
    createdon: list.createdon,
    modifiedon: list.modifiedon,
  }));
}
