import type { Row, Store } from '../store.js';

/** When the organization was made. */
const BEGINNING = '2016-01-04T08:00:00Z';

/** A view that every organization has from the start. */
interface View {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly order: string;
  /** The state of the rows it shows; null for all of them. */
  readonly state: number | null;
  readonly isDefault: boolean;
}

const VIEWS: readonly View[] = [
  ...views('account', 'Accounts', ['name', 'accountnumber', 'address1_city', 'primarycontactid', 'telephone1']),
  ...views('contact', 'Contacts', ['fullname', 'emailaddress1', 'parentcustomerid', 'telephone1']),
  {
    name: 'Open Leads',
    table: 'lead',
    columns: ['fullname', 'subject', 'companyname', 'statuscode', 'createdon'],
    order: 'fullname',
    state: 0,
    isDefault: true,
  },
  {
    name: 'Open Opportunities',
    table: 'opportunity',
    columns: ['name', 'customerid', 'estimatedvalue', 'estimatedclosedate', 'statuscode'],
    order: 'name',
    state: 0,
    isDefault: true,
  },
  ...views('list', 'Marketing Lists', ['listname', 'type', 'createdfromcode', 'membercount']),
  {
    name: 'All Campaigns',
    table: 'campaign',
    columns: ['name', 'typecode', 'statuscode', 'createdon'],
    order: 'name',
    state: null,
    isDefault: true,
  },
];

/** `Active Contacts`, `Inactive Contacts`, `All Contacts`. */
function views(table: string, plural: string, columns: readonly string[]): View[] {
  const common = { table, columns, order: columns[0] ?? '' };
  return [
    { ...common, name: `Active ${plural}`, state: 0, isDefault: true },
    { ...common, name: `Inactive ${plural}`, state: 1, isDefault: false },
    { ...common, name: `All ${plural}`, state: null, isDefault: false },
  ];
}

/** Loads the views that an organization has from the start and the personal options of its users, where the tables hold such. */
export function seedQueries(store: Store): void {
  if (store.tables.find('savedquery') !== undefined) store.load('savedquery', VIEWS.map(viewRow));
  if (store.tables.find('usersettings') === undefined) return;
  const users = [...store.table('systemuser').all()].map(({ systemuserid }) => String(systemuserid));
  store.load('usersettings', users.map(settingsRow));
}

/** US English, and UTC (92). */
function settingsRow(systemuserid: string): Row {
  const language = { uilanguageid: 1033, helplanguageid: 1033, localeid: 1033 };
  return { systemuserid, ...language, timezonecode: 92, paginglimit: 50, createdon: BEGINNING, modifiedon: BEGINNING };
}

function viewRow(view: View, at: number): Row {
  return {
    savedqueryid: `1c1c1c1c-0000-4000-8000-0000000000${String(at + 1).padStart(2, '0')}`,
    name: view.name,
    returnedtypecode: view.table,
    querytype: 0,
    fetchxml: fetchXml(view),
    layoutxml: layoutXml(view),
    isdefault: view.isDefault,
    isquickfindquery: false,
    isuserdefined: false,
    ismanaged: true,
    statecode: 0,
    statuscode: 1,
    createdon: BEGINNING,
    modifiedon: BEGINNING,
  };
}

function fetchXml({ table, columns, order, state }: View): string {
  const attributes = columns.map((name) => `<attribute name="${name}" />`).join('');
  const filter =
    state === null
      ? ''
      : `<filter type="and"><condition attribute="statecode" operator="eq" value="${state}" /></filter>`;
  return `<fetch version="1.0" mapping="logical"><entity name="${table}">${attributes}<attribute name="${table}id" /><order attribute="${order}" descending="false" />${filter}</entity></fetch>`;
}

function layoutXml({ table, columns, order }: View): string {
  const cells = columns.map((name) => `<cell name="${name}" width="150" />`).join('');
  return `<grid name="resultset" jump="${order}" select="1" preview="1" icon="1"><row name="result" id="${table}id">${cells}</row></grid>`;
}
