import { ACCESS_RIGHTS, type Access, ADMINISTRATOR_TEMPLATE_ID, privilegeId, privilegeName } from '../privileges.js';
import type { Cell, Store } from '../store.js';
import type { Table } from '../tables.js';
import {
  ADMINISTRATION_USER_ID,
  ADMINISTRATOR_ID,
  APPLICATION_USER_ID,
  audit,
  BEGINNING,
  BUSINESS_UNIT_ID,
  CRM_USER_ID,
  reference,
  SALES_PERSON_IDS,
  SALES_UNIT_ID,
} from './organization.js';

/** Ids of the roles of the root business unit. Those of other units are copies with ids of their own. */
export const ROLE_IDS = {
  'System Administrator': '0f0f0f0f-0000-4000-8000-000000000001',
  'Basic User': '0f0f0f0f-0000-4000-8000-000000000002',
  Salesperson: '0f0f0f0f-0000-4000-8000-000000000003',
  'Service Reader': '0f0f0f0f-0000-4000-8000-000000000004',
  'Service Writer': '0f0f0f0f-0000-4000-8000-000000000005',
  'Service Deleter': '0f0f0f0f-0000-4000-8000-000000000006',
} as const;

type RoleName = keyof typeof ROLE_IDS;

const ACCESSES = Object.keys(ACCESS_RIGHTS) as Access[]; // the keys of a constant are known

/** https://learn.microsoft.com/power-platform/admin/database-security#predefined-security-roles */
const GRANTS: Readonly<Record<RoleName, (table: Table, access: Access) => boolean>> = {
  'System Administrator': () => true,
  'Basic User': isEverydayUse,
  Salesperson: isEverydayUse,
  'Service Reader': (_, access) => access === 'Read',
  'Service Writer': (_, access) => ['Read', 'Create', 'Write', 'Append', 'AppendTo'].includes(access),
  'Service Deleter': (_, access) => access === 'Delete',
};

/** People work with the rows that they can own, and look the others up. */
function isEverydayUse({ definition }: Table, access: Access): boolean {
  return definition.ownership === 'UserOwned' || access === 'Read' || access === 'AppendTo';
}

/** Loads privileges for every table, the roles with what they hold in each of the business units, and who holds them. */
export function seedSecurity(store: Store): void {
  store.load('roletemplate', [{ roletemplateid: ADMINISTRATOR_TEMPLATE_ID, name: 'System Administrator' }]);
  store.load('privilege', privileges(store.tables.all));
  const names = Object.keys(ROLE_IDS) as RoleName[]; // the keys of a constant are known
  store.load(
    'role',
    names.map((name) => role(name, { roleid: ROLE_IDS[name], unit: BUSINESS_UNIT_ID })),
  );
  store.load(
    'role',
    names.map((name) => ({ ...role(name, { roleid: copyId(name), unit: SALES_UNIT_ID }), ...parents(name) })),
  );
  store.load(
    'roleprivileges',
    names.flatMap((name) => granted(name, store.tables.all)),
  );
  store.load('systemuserroles', [
    held(1, APPLICATION_USER_ID, 'System Administrator'),
    held(2, CRM_USER_ID, 'System Administrator'),
    held(3, ADMINISTRATOR_ID, 'System Administrator'),
    held(4, ADMINISTRATION_USER_ID, 'System Administrator'),
    ...SALES_PERSON_IDS.map((id, at) => held(at + 5, id, 'Salesperson')),
  ]);
}

function held(number: number, systemuserid: string, name: RoleName): Record<string, Cell> {
  return {
    systemuserroleid: `1b1b1b1b-0000-4000-8000-0000000000${String(number).padStart(2, '0')}`,
    systemuserid,
    roleid: ROLE_IDS[name],
  };
}

function* privileges(tables: readonly Table[]): Iterable<Record<string, Cell | undefined>> {
  for (const table of tables) {
    for (const access of ACCESSES) {
      const name = privilegeName(table, access);
      const depths = { canbebasic: true, canbelocal: true, canbedeep: true, canbeglobal: true };
      yield { privilegeid: privilegeId(name), name, accessright: ACCESS_RIGHTS[access], ...depths };
    }
  }
}

function role(name: RoleName, { roleid, unit }: { roleid: string; unit: string }): Record<string, Cell> {
  return {
    roleid,
    name,
    businessunitid: reference('businessunit', unit),
    ...(name === 'System Administrator'
      ? { roletemplateid: reference('roletemplate', ADMINISTRATOR_TEMPLATE_ID) }
      : {}),
    ...audit(BEGINNING, BEGINNING),
  };
}

function copyId(name: RoleName): string {
  return ROLE_IDS[name].replace('-0000-', '-0001-');
}

function parents(name: RoleName): Record<string, Cell> {
  const original = reference('role', ROLE_IDS[name]);
  return { parentroleid: original, parentrootroleid: original };
}

/** Administrators hold everything without rows of their own. */
function granted(name: RoleName, tables: readonly Table[]): Record<string, Cell | undefined>[] {
  if (name === 'System Administrator') return [];
  return tables.flatMap((table) =>
    ACCESSES.filter((access) => GRANTS[name](table, access)).map((access) => {
      const privilegeid = privilegeId(privilegeName(table, access));
      const roleid = ROLE_IDS[name];
      return { roleprivilegeid: privilegeId(`${roleid}${privilegeid}`), roleid, privilegeid, privilegedepthmask: 8 };
    }),
  );
}
