import { seedQueries } from '../fetch/seed-queries.js';
import type { Cell, Reference, Row, Store } from '../store.js';

/** Fixed ids of what every organization has from the start. */
export const ORGANIZATION_ID = '0a0a0a0a-0000-4000-8000-000000000001';
export const BUSINESS_UNIT_ID = '0b0b0b0b-0000-4000-8000-000000000001';
export const APPLICATION_USER_ID = '0c0c0c0c-0000-4000-8000-000000000001';
export const CRM_USER_ID = '0c0c0c0c-0000-4000-8000-000000000002';
export const ADMINISTRATOR_ID = '0c0c0c0c-0000-4000-8000-000000000003';
export const ADMINISTRATION_USER_ID = '0c0c0c0c-0000-4000-8000-000000000004';
export const TEAM_IDS = [
  '0d0d0d0d-0000-4000-8000-000000000001',
  '0d0d0d0d-0000-4000-8000-000000000002',
  '0d0d0d0d-0000-4000-8000-000000000003',
] as const;
const SYSTEM_USER_ID = '0c0c0c0c-0000-4000-8000-00000000000a';
const INTEGRATION_USER_ID = '0c0c0c0c-0000-4000-8000-00000000000b';
export const SALES_UNIT_ID = '0b0b0b0b-0000-4000-8000-000000000002';

export const CURRENCY_IDS = {
  USD: '0e0e0e0e-0000-4000-8000-000000000001',
  EUR: '0e0e0e0e-0000-4000-8000-000000000002',
  GBP: '0e0e0e0e-0000-4000-8000-000000000003',
  JPY: '0e0e0e0e-0000-4000-8000-000000000004',
} as const;

/** People who own the rows, beside the two users that tokens are mapped to. */
const SALES_PEOPLE = [
  ['Jamie', 'Reding'],
  ['Zoë', 'Köhler'],
  ['Alicia', 'Thornber'],
  ['Dan', 'Jümp'],
  ['Carlos', 'Ibáñez'],
  ['Renée', 'Løvland'],
] as const;

export const SALES_PERSON_IDS = SALES_PEOPLE.map(
  (_, at) => `0c0c0c0c-0000-4000-8000-0000000001${String(at).padStart(2, '0')}`,
);

export const BEGINNING = '2016-01-04T08:00:00Z';

/** Rows share the references to what few there are of, as users and currencies: `reference` makes each of those once. */
const SHARED_TABLES = new Set([
  'systemuser',
  'transactioncurrency',
  'businessunit',
  'organization',
  'campaign',
  'list',
]);
const SHARED = new Map<string, Reference>();

export function reference(table: string, id: string): Reference {
  if (!SHARED_TABLES.has(table)) return { table, id };
  const known = SHARED.get(id);
  if (known?.table === table) return known;
  const made = { table, id };
  SHARED.set(id, made);
  return made;
}

/** Columns that the server fills. */
export function audit(createdon: string, modifiedon: string, by: string = APPLICATION_USER_ID): Record<string, Cell> {
  const user = reference('systemuser', by);
  return { createdon, modifiedon, createdby: user, modifiedby: user };
}

/** Loads the organization itself: business units, users, teams, currencies. */
export function seedOrganization(store: Store): void {
  store.load('organization', [
    {
      organizationid: ORGANIZATION_ID,
      name: 'Contoso',
      languagecode: 1033,
      expirechangetrackingindays: 7,
      createdon: BEGINNING,
      modifiedon: BEGINNING,
    },
  ]);
  store.load('businessunit', [
    businessUnit(BUSINESS_UNIT_ID, 'Contoso'),
    {
      ...businessUnit(SALES_UNIT_ID, 'Contoso Sales'),
      parentbusinessunitid: reference('businessunit', BUSINESS_UNIT_ID),
    },
  ]);
  store.load('transactioncurrency', currencies());
  store.load('systemuser', users());
  store.load('team', [
    team(TEAM_IDS[0], 'Contoso', true),
    team(TEAM_IDS[1], 'Key Accounts', false),
    team(TEAM_IDS[2], 'Équipe Europe', false),
  ]);
  store.load(
    'teammembership',
    SALES_PERSON_IDS.slice(0, 4).map((systemuserid, at) => ({
      teammembershipid: `1a1a1a1a-0000-4000-8000-00000000000${at}`,
      teamid: TEAM_IDS[at < 2 ? 1 : 2] ?? '',
      systemuserid,
    })),
  );
  seedQueries(store);
}

function businessUnit(businessunitid: string, name: string): Row {
  return {
    businessunitid,
    name,
    isdisabled: false,
    organizationid: reference('organization', ORGANIZATION_ID),
    ...audit(BEGINNING, BEGINNING),
  };
}

function team(teamid: string, name: string, isdefault: boolean): Row {
  return {
    teamid,
    ownerid: teamid,
    name,
    isdefault,
    teamtype: 0,
    systemmanaged: false,
    administratorid: reference('systemuser', CRM_USER_ID),
    businessunitid: reference('businessunit', BUSINESS_UNIT_ID),
    organizationid: reference('organization', ORGANIZATION_ID),
    ...audit(BEGINNING, BEGINNING),
  };
}

function currencies(): Row[] {
  const make = (
    code: keyof typeof CURRENCY_IDS,
    currencyname: string,
    currencysymbol: string,
    exchangerate: number,
  ): Row => ({
    transactioncurrencyid: CURRENCY_IDS[code],
    isocurrencycode: code,
    currencyname,
    currencysymbol,
    exchangerate,
    currencyprecision: code === 'JPY' ? 0 : 2,
    statecode: 0,
    statuscode: 1,
    organizationid: reference('organization', ORGANIZATION_ID),
    ...audit(BEGINNING, BEGINNING),
  });
  return [
    make('USD', 'US Dollar', '$', 1),
    make('EUR', 'Euro', '€', 0.92),
    make('GBP', 'Pound Sterling', '£', 0.79),
    make('JPY', 'Yen', '¥', 149.5),
  ];
}

function users(): Row[] {
  return [
    user({
      id: APPLICATION_USER_ID,
      firstname: '#',
      lastname: 'Isthmus',
      domainname: 'isthmus@contoso.example',
      accessmode: 4,
      applicationid: '22222222-2222-2222-2222-222222222222',
      azureactivedirectoryobjectid: '33333333-3333-3333-3333-333333333333',
    }),
    user({
      id: CRM_USER_ID,
      firstname: 'Robin',
      lastname: 'Danielsen',
      domainname: 'crm.user@contoso.example',
      azureactivedirectoryobjectid: '44444444-4444-4444-4444-444444444444',
    }),
    user({
      id: ADMINISTRATOR_ID,
      firstname: 'Alex',
      lastname: 'Administrator',
      domainname: 'admin@contoso.example',
      azureactivedirectoryobjectid: '55555555-5555-5555-5555-555555555555',
    }),
    user({
      id: ADMINISTRATION_USER_ID,
      firstname: '#',
      lastname: 'Administration',
      domainname: 'administration@contoso.example',
      accessmode: 4,
      islicensed: false,
      applicationid: '66666666-6666-6666-6666-666666666666',
      azureactivedirectoryobjectid: '77777777-7777-7777-7777-777777777777',
    }),
    user({
      id: SYSTEM_USER_ID,
      firstname: '',
      lastname: 'SYSTEM',
      domainname: 'SYSTEM',
      isdisabled: true,
      accessmode: 3,
    }),
    user({
      id: INTEGRATION_USER_ID,
      firstname: '',
      lastname: 'INTEGRATION',
      domainname: 'INTEGRATION',
      isdisabled: true,
      accessmode: 3,
      isintegrationuser: true,
    }),
    ...SALES_PEOPLE.map(([firstname, lastname], at) =>
      user({
        id: SALES_PERSON_IDS[at] ?? '',
        firstname,
        lastname,
        domainname: `sales${at + 1}@contoso.example`,
        isdisabled: at === SALES_PEOPLE.length - 1,
        title: 'Sales Representative',
      }),
    ),
  ];
}

function user({
  id,
  firstname,
  lastname,
  domainname,
  ...rest
}: { id: string; firstname: string; lastname: string; domainname: string } & Record<string, Cell>): Row {
  return {
    systemuserid: id,
    ownerid: id,
    ...(firstname === '' ? {} : { firstname }),
    lastname,
    fullname: firstname === '' ? lastname : `${firstname} ${lastname}`,
    domainname,
    ...(domainname.includes('@') ? { internalemailaddress: domainname } : {}),
    isdisabled: false,
    accessmode: 0,
    islicensed: true,
    setupuser: false,
    isintegrationuser: false,
    businessunitid: reference('businessunit', BUSINESS_UNIT_ID),
    organizationid: reference('organization', ORGANIZATION_ID),
    ...audit(BEGINNING, BEGINNING),
    ...rest,
  };
}
