import type { CampaignSchema, SchemaAttribute, SchemaElement, SchemaLink } from '../../src/model/campaign-schema.js';
import type { Catalog } from '../../src/model/catalog.js';
import type { TableMapping } from '../../src/model/mapping.js';
import type { Column, ColumnType, Relationship, Table } from '../../src/model/table.js';

/** A column of a type that says all; `targets` are the tables a lookup may lead to. */
export function column(name: string, type: ColumnType = 'string', targets: readonly string[] = []): Column {
  return {
    name,
    type,
    label: name,
    description: null,
    required: 'none',
    readable: true,
    creatable: true,
    updatable: true,
    maxLength: type === 'string' ? 100 : null,
    min: null,
    max: null,
    precision: null,
    format: null,
    optionSet: null,
    targets: targets.map((table) => ({ table, navigation: targets.length === 1 ? name : `${name}_${table}` })),
  };
}

/** A table with its id column and these. */
export function table(
  logicalName: string,
  columns: readonly Column[],
  more: Partial<Table> & { readonly relationships?: readonly Relationship[] } = {},
): Table {
  const primaryId = `${logicalName}id`;
  return {
    logicalName,
    setName: `${logicalName}s`,
    label: logicalName,
    pluralLabel: `${logicalName}s`,
    changeTracking: true,
    isCustom: false,
    primaryId,
    primaryName: null,
    isIntersect: false,
    columns: [column(primaryId, 'uniqueid'), ...columns],
    keys: [],
    relationships: [],
    ...more,
  };
}

export function attribute(
  name: string,
  type: SchemaAttribute['type'] = 'string',
  more: Partial<SchemaAttribute> = {},
): SchemaAttribute {
  const length = type === 'string' ? 128 : null;
  return {
    name,
    label: name,
    type,
    length,
    enumeration: null,
    itemizedList: null,
    computed: false,
    isElement: false,
    ...more,
  };
}

export function element(
  name: string,
  attributes: readonly SchemaAttribute[],
  more: Partial<SchemaElement> = {},
): SchemaElement {
  return { name, label: name, attributes, elements: [], links: [], ...more };
}

export function link(name: string, target: string, cardinality: SchemaLink['cardinality'] = 'one'): SchemaLink {
  return { name, label: name, target, cardinality, join: [{ source: `${name}-id`, destination: 'id' }] };
}

/** A schema whose primary key is `@id`. */
export function schema(
  name: string,
  attributes: readonly SchemaAttribute[],
  more: Partial<SchemaElement> = {},
): CampaignSchema {
  const [, local = name] = name.split(':');
  return {
    name,
    label: `${local}s`,
    labelSingular: local,
    md5: null,
    root: element(local, [attribute('id', 'long'), ...attributes], more),
    enumerations: [],
    keys: [{ name: 'id', fields: ['id'], internal: true }],
  };
}

/** Maps columns to paths: `{ emailaddress1: '@email' }`. */
export function mapping(tableName: string, schemaName: string, fields: Readonly<Record<string, string>>): TableMapping {
  return {
    account: 'contoso',
    table: tableName,
    schema: schemaName,
    key: '@crmId',
    fields: Object.entries(fields).map(([name, path]) => ({
      column: name,
      path,
      conversion: 'DEFAULT',
      direction: 'BOTH',
    })),
  };
}

const account = table('account', [column('name'), column('primarycontactid', 'lookup', ['contact'])], {
  relationships: [
    {
      kind: 'one-to-many',
      name: 'contact_customer_accounts',
      navigation: 'contact_customer_accounts',
      table: 'contact',
      column: 'parentcustomerid',
    },
  ],
});

const contact = table('contact', [
  column('firstname'),
  column('lastname'),
  column('emailaddress1'),
  column('gendercode', 'choice'),
  column('numberofchildren', 'integer'),
  column('birthdate', 'date'),
  column('createdon', 'datetime'),
  column('parentcustomerid', 'customer', ['account', 'contact']),
  column('accountid', 'lookup', ['account']),
  column('ownerid', 'owner', ['systemuser', 'team']),
]);

const recipient = schema(
  'nms:recipient',
  [
    attribute('email'),
    attribute('firstName'),
    attribute('gender', 'byte', { enumeration: 'nms:recipient:gender' }),
    attribute('crmId'),
    attribute('folder-id', 'long'),
  ],
  {
    elements: [element('location', [attribute('city'), attribute('zipCode')])],
    links: [link('folder', 'xtk:folder'), link('operator', 'xtk:operator'), link('deliveries', 'nms:delivery', 'many')],
  },
);

const crmAccount = schema('cus:crmAccount', [attribute('crmId'), attribute('name')]);

const folder = schema('xtk:folder', [attribute('label'), attribute('name')]);

/** Contacts mapped to recipients and accounts to a schema of their own. Users and teams are not part of the graph. */
export const CRM_CATALOG: Catalog = {
  tables: [account, contact],
  schemas: [recipient, crmAccount, folder],
  mappings: [
    mapping('contact', 'nms:recipient', {
      emailaddress1: '@email',
      firstname: '@firstName',
      gendercode: '@gender',
    }),
    mapping('account', 'cus:crmAccount', { name: '@name' }),
  ],
};

export const TABLES = { account, contact };
export const SCHEMAS = { recipient, crmAccount, folder };
