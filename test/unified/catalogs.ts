import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import type { CampaignSchema, SchemaAttribute, SchemaElement, SchemaLink } from '../../src/model/campaign-schema.js';
import type { Catalog } from '../../src/model/catalog.js';
import type { TableMapping } from '../../src/model/mapping.js';
import type { Column, ColumnType } from '../../src/model/table.js';
import {
  aChoice,
  aColumn,
  aField,
  aMapping,
  anAttribute,
  anElement,
  aSchema,
  aTable as table,
} from '../support/builders.js';

export { anAttribute as attribute, aTable as table } from '../support/builders.js';

/** The same GraphQL schema made by GraphQL itself, which follows every field to find the types and can be validated. */
export function whole(schema: GraphQLSchema): GraphQLSchema {
  return new GraphQLSchema({ ...schema.toConfig(), assumeValid: false });
}

/** A column; `tables` are where a lookup may lead: `column('ownerid', 'owner', ['systemuser', 'team'])`. */
export function column(name: string, type: ColumnType = 'string', tables: readonly string[] = []): Column {
  return aColumn(name, type, { targets: tables.map((target) => ({ table: target, navigation: `${name}_${target}` })) });
}

export function element(
  name: string,
  attributes: readonly SchemaAttribute[],
  parts: Partial<SchemaElement> = {},
): SchemaElement {
  return { ...anElement(name, attributes), ...parts };
}

/** A link of the root element, by the foreign key `@<name>-id`. */
export function link(name: string, target: string, cardinality: SchemaLink['cardinality'] = 'one'): SchemaLink {
  return { name, label: name, target, cardinality, join: [{ source: `${name}-id`, destination: 'id' }] };
}

/** A schema whose primary key is `@id`, with elements and links in its root. */
export function schema(
  name: string,
  attributes: readonly SchemaAttribute[],
  parts: Partial<SchemaElement> = {},
): CampaignSchema {
  const plain = aSchema(name, attributes);
  return { ...plain, root: { ...plain.root, ...parts } };
}

/** Maps columns to paths: `{ emailaddress1: '@email' }`. */
export function mapping(tableName: string, schemaName: string, fields: Readonly<Record<string, string>>): TableMapping {
  return aMapping(
    tableName,
    schemaName,
    Object.entries(fields).map(([name, path]) => aField(name, path)),
  );
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
  aChoice('gendercode', { 1: 'Male', 2: 'Female', 3: 'Not male' }),
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
    anAttribute('email'),
    anAttribute('firstName'),
    anAttribute('gender', 'byte', { enumeration: 'nms:recipient:gender' }),
    anAttribute('crmId'),
    anAttribute('folder-id', 'long'),
  ],
  {
    elements: [anElement('location', [anAttribute('city'), anAttribute('zipCode')])],
    links: [link('folder', 'xtk:folder'), link('operator', 'xtk:operator'), link('deliveries', 'nms:delivery', 'many')],
  },
);

const crmAccount = schema('cus:crmAccount', [anAttribute('crmId'), anAttribute('name')]);

const folder = schema('xtk:folder', [anAttribute('label'), anAttribute('name')]);

/** Contacts mapped to recipients and accounts to a schema of their own. Users and teams are not part of the graph. */
export const CRM_CATALOG: Catalog = {
  tables: [account, contact],
  schemas: [recipient, crmAccount, folder],
  mappings: [
    mapping('contact', 'nms:recipient', { emailaddress1: '@email', firstname: '@firstName', gendercode: '@gender' }),
    mapping('account', 'cus:crmAccount', { name: '@name' }),
  ],
};

export const TABLES = { account, contact };
export const SCHEMAS = { recipient, crmAccount, folder };

/** Stands for the static API: one field. */
export const STATIC_SCHEMA = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { version: { type: GraphQLString, resolve: () => '1' } } }),
});
