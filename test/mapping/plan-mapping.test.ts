import { describe, expect, it } from 'vitest';
import { neededForMapping, planMapping } from '../../src/mapping/plan-mapping.js';
import { planUnmapping } from '../../src/mapping/plan-unmapping.js';
import { aChoice, aColumn, aField, aLookup, aMapping, anAttribute, aSchema, aTable } from '../support/builders.js';
import { documentOf, documentsOf, mappingInput, replan } from './planning.js';
import { xmlText } from './xml-text.js';

const account = aTable('account', [
  aColumn('name', 'string', { label: 'Account Name', maxLength: 160 }),
  aChoice('industrycode', { 1: 'Accounting', 2: 'Agriculture' }, { label: 'Industry' }),
  aColumn('description', 'memo', { label: 'Description', maxLength: 100_000 }),
  aColumn('modifiedon', 'datetime', { label: 'Modified On', creatable: false, updatable: false }),
  aColumn('entityimage', 'image'),
]);

describe('a table mapped for the first time', () => {
  const plan = planMapping(mappingInput({ selections: [{ table: 'account' }], tables: [account] }));

  it('gets a schema of its own, with copies of its enumerations', () => {
    expect(xmlText(documentOf(plan, 'cus:crmAccount'))).toBe(
      `
<srcSchema xtkschema="xtk:srcSchema" entitySchema="xtk:srcSchema" namespace="cus" name="crmAccount" label="Accounts" labelSingular="Account" desc="Made by Isthmus for table 'account' of external account 'dynamicsCRM'." mappingType="sql">
  <enumeration basetype="string" name="Account_industrycode" label="List of 'Industry' from 'Account'">
    <value name="1" label="Accounting" value="1"/>
    <value name="2" label="Agriculture" value="2"/>
  </enumeration>
  <element name="crmAccount" label="Account" autopk="true">
    <key name="crmId">
      <keyfield xpath="@crmId"/>
    </key>
    <attribute name="crmId" label="Dynamics id" type="string" length="36" desc="Made by Isthmus for table 'account'."/>
    <attribute name="name" label="Account Name" type="string" length="160" desc="Made by Isthmus for table 'account'."/>
    <attribute name="industrycode" label="Industry" type="string" length="12" enum="Account_industrycode" desc="Made by Isthmus for table 'account'."/>
    <attribute name="modifiedon" label="Modified On" type="datetime" desc="Made by Isthmus for table 'account'."/>
    <element name="description" label="Description" type="memo" desc="Made by Isthmus for table 'account'."/>
  </element>
</srcSchema>`.trim(),
    );
  });

  it("is listed in the account's schema as Campaign's own connector lists it", () => {
    expect(xmlText(documentOf(plan, 'mscrm:mscrmSchemadynamicsCRM'))).toBe(
      `
<srcSchema xtkschema="xtk:srcSchema" entitySchema="xtk:srcSchema" namespace="mscrm" name="mscrmSchemadynamicsCRM" label="List of tables of connector 'Microsoft CRM' linked to external account 'dynamicsCRM'." mappingType="sql" view="true">
  <enumeration basetype="string" name="Account_industrycode" label="List of 'Industry' from 'Account'">
    <value name="1" label="Accounting" value="1"/>
    <value name="2" label="Agriculture" value="2"/>
  </enumeration>
  <element name="account" label="Account">
    <key name="accountid" internal="true">
      <keyfield xpath="@accountid"/>
    </key>
    <attribute name="accountid" label="Account" type="string" length="36"/>
    <attribute name="name" label="Account Name" type="string" length="160"/>
    <attribute name="industrycode" label="Industry" type="string" length="12" enum="Account_industrycode"/>
    <attribute name="description" label="Description" type="string" length="100000"/>
    <attribute name="modifiedon" label="Modified On" type="datetime"/>
  </element>
</srcSchema>`.trim(),
    );
  });

  it('has each column at an attribute of its name, the id at the key', () => {
    expect(plan.mappings).toEqual([
      aMapping('account', 'cus:crmAccount', [
        aField('name', '@name'),
        aField('industrycode', '@industrycode'),
        aField('description', 'description'),
        aField('modifiedon', '@modifiedon', { direction: 'TO_CAMPAIGN' }),
      ]),
    ]);
  });

  it('tells every change for a person to read', () => {
    expect(plan.changes.map((change) => `${change.kind} ${change.subject}: ${change.detail}`)).toEqual([
      'CREATE_SCHEMA cus:crmAccount: Source schema "cus:crmAccount" is made: Accounts',
      'ADD_ENUMERATION cus:crmAccount:Account_industrycode: 2 values',
      'ADD_KEY cus:crmAccount#crmId: Key over @crmId',
      'ADD_ATTRIBUTE cus:crmAccount/@crmId: string(36) "Dynamics id"',
      'ADD_ATTRIBUTE cus:crmAccount/@name: string(160) "Account Name"',
      'ADD_ATTRIBUTE cus:crmAccount/@industrycode: string(12) of Account_industrycode "Industry"',
      'ADD_ATTRIBUTE cus:crmAccount/@modifiedon: datetime "Modified On"',
      'ADD_ATTRIBUTE cus:crmAccount/description: memo "Description"',
      'CREATE_SCHEMA mscrm:mscrmSchemadynamicsCRM: Source schema "mscrm:mscrmSchemadynamicsCRM" is made: ' +
        "List of tables of connector 'Microsoft CRM' linked to external account 'dynamicsCRM'.",
      'ADD_ENUMERATION mscrm:mscrmSchemadynamicsCRM:Account_industrycode: 2 values',
      'ADD_TABLE mscrm:mscrmSchemadynamicsCRM/account: 5 attributes',
      'ADD_MAPPING account: account → cus:crmAccount by @crmId, 4 columns',
    ]);
  });

  it('changes nothing when it is mapped the same way again', () => {
    const again = replan(plan, { selections: [{ table: 'account' }], tables: [account] });
    expect(again.changes).toEqual([]);
    expect(again.documents.map((document) => document.changed)).toEqual([false, false]);
  });
});

describe('a table mapped anew', () => {
  const first = planMapping(mappingInput({ selections: [{ table: 'account' }], tables: [account] }));

  it('loses what its new columns have no use for', () => {
    const plan = replan(first, { selections: [{ table: 'account', columns: ['name'] }], tables: [account] });
    expect(plan.changes.map((change) => `${change.kind} ${change.subject}`)).toEqual([
      'REMOVE_ENUMERATION cus:crmAccount:Account_industrycode',
      'REMOVE_ATTRIBUTE cus:crmAccount/@industrycode',
      'REMOVE_ATTRIBUTE cus:crmAccount/@modifiedon',
      'REMOVE_ATTRIBUTE cus:crmAccount/description',
      'REMOVE_ENUMERATION mscrm:mscrmSchemadynamicsCRM:Account_industrycode',
      'REMOVE_ATTRIBUTE mscrm:mscrmSchemadynamicsCRM/account/@industrycode',
      'REMOVE_ATTRIBUTE mscrm:mscrmSchemadynamicsCRM/account/@description',
      'REMOVE_ATTRIBUTE mscrm:mscrmSchemadynamicsCRM/account/@modifiedon',
      'CHANGE_MAPPING account',
    ]);
  });

  it('follows a column that became longer and an option that was added', () => {
    const wider = aTable('account', [
      aColumn('name', 'string', { label: 'Account Name', maxLength: 200 }),
      aChoice('industrycode', { 1: 'Accounting', 2: 'Agriculture', 3: 'Broking' }, { label: 'Industry' }),
      ...account.columns.slice(3),
    ]);
    const plan = replan(first, { selections: [{ table: 'account' }], tables: [wider] });
    expect(plan.changes.filter((change) => change.subject.startsWith('cus:'))).toEqual([
      { kind: 'CHANGE_ENUMERATION', subject: 'cus:crmAccount:Account_industrycode', detail: '3 values' },
      {
        kind: 'CHANGE_ATTRIBUTE',
        subject: 'cus:crmAccount/@name',
        detail: 'string(160) "Account Name" → string(200) "Account Name"',
      },
    ]);
  });

  it('leaves its former schema, which then goes', () => {
    const target = { schema: 'cus:company' };
    const plan = replan(first, { selections: [{ table: 'account', target }], tables: [account] });
    expect(plan.documents.find((one) => one.name === 'cus:crmAccount')).toMatchObject({
      document: null,
      changed: true,
    });
    expect(plan.mappings.map((mapping) => mapping.schema)).toEqual(['cus:company']);
  });

  it('leaves the other tables as they are', () => {
    const lead = aTable('lead', [aColumn('subject')]);
    const plan = replan(first, { selections: [{ table: 'lead' }], tables: [account, lead] });
    expect(plan.mappings.map((mapping) => mapping.table)).toEqual(['account', 'lead']);
    expect(plan.changes.filter((change) => change.subject.includes('account'))).toEqual([]);
    const listed = documentOf(plan, 'mscrm:mscrmSchemadynamicsCRM').children.filter(
      (child) => xmlName(child) === 'element',
    );
    expect(listed).toHaveLength(2);
  });
});

describe('what planning must be told of', () => {
  it('names the tables, the targets and the source schemas behind them', () => {
    const existing = [aMapping('contact', 'nms:recipient', []), aMapping('lead', 'cus:crmLead', [])];
    const selections = [{ table: 'contact', target: { schema: 'cus:person' } }, { table: 'account' }];
    expect(neededForMapping({ account: 'dynamicsCRM', selections, existing })).toEqual({
      tables: ['contact', 'account', 'lead'],
      schemas: ['cus:person', 'cus:crmAccount', 'nms:recipient', 'cus:crmLead'],
      sourceSchemas: ['mscrm:mscrmSchemadynamicsCRM', 'cus:person', 'cus:crmAccount', 'cus:recipient', 'cus:crmLead'],
    });
  });
});

describe('lookups', () => {
  const task = aTable('task', [
    aLookup('ownerid', ['systemuser', 'team'], { type: 'owner' }),
    aLookup('stageid', ['stage']),
  ]);
  const plan = planMapping(mappingInput({ selections: [{ table: 'task' }], tables: [task] }));

  it('are written back only where they point to one table', () => {
    expect(plan.mappings[0]?.fields).toEqual([
      aField('ownerid', '@ownerid', { direction: 'TO_CAMPAIGN' }),
      aField('ownerid', '@ownerid_type', { direction: 'TO_CAMPAIGN' }),
      aField('stageid', '@stageid'),
    ]);
  });
});

describe('two tables on one schema', () => {
  const lead = aTable('lead', [aColumn('lastname'), aColumn('jobtitle')]);
  const contact = aTable('contact', [aColumn('lastname'), aColumn('jobtitle')]);
  const schemas = [aSchema('nms:recipient', [anAttribute('lastName'), anAttribute('leadId')])];
  const plan = planMapping(
    mappingInput({
      selections: [
        { table: 'contact', target: { schema: 'nms:recipient' } },
        { table: 'lead', target: { schema: 'nms:recipient', key: '@leadId' } },
      ],
      tables: [contact, lead],
      schemas,
    }),
  );

  it('share its attributes under keys of their own', () => {
    expect(plan.mappings.map(({ key, fields }) => [key, ...fields.map((field) => field.path)])).toEqual([
      ['@crmId', '@lastName', '@jobtitle'],
      ['@leadId', '@lastName', '@jobtitle'],
    ]);
  });

  it('keep what they share when one of them goes', () => {
    const input = { account: 'dynamicsCRM', existing: plan.mappings, sourceSchemas: documentsOf(plan) };
    const less = planUnmapping({ ...input, tables: ['contact'] });
    expect(less.changes.map((change) => `${change.kind} ${change.subject}`)).toEqual([
      'REMOVE_KEY nms:recipient#crmId',
      'REMOVE_ATTRIBUTE nms:recipient/@crmId',
      'REMOVE_TABLE mscrm:mscrmSchemadynamicsCRM/contact',
      'REMOVE_MAPPING contact',
    ]);
    expect(planUnmapping({ ...input, tables: ['contact', 'lead'] }).documents).toMatchObject([
      { name: 'cus:recipient', document: null },
      { name: 'mscrm:mscrmSchemadynamicsCRM', document: null },
    ]);
  });
});

describe('a plan without a selection', () => {
  it('brings what was made before up to the options of today', () => {
    const before = aTable('lead', [aChoice('rating', { 1: 'Cold' })]);
    const after = aTable('lead', [aChoice('rating', { 1: 'Cold', 2: 'Hot' })]);
    const made = planMapping(mappingInput({ selections: [{ table: 'lead' }], tables: [before] }));
    expect(replan(made, { tables: [before] }).changes).toEqual([]);
    expect(replan(made, { tables: [after] }).changes).toEqual([
      { kind: 'CHANGE_ENUMERATION', subject: 'cus:crmLead:Lead_rating', detail: '2 values' },
      { kind: 'CHANGE_ENUMERATION', subject: 'mscrm:mscrmSchemadynamicsCRM:Lead_rating', detail: '2 values' },
    ]);
  });
});

function xmlName(node: unknown): unknown {
  return typeof node === 'object' && node !== null && 'name' in node ? node.name : undefined;
}

describe('a moment without its offset', () => {
  it('is kept in an attribute without a zone', () => {
    const table = aTable('task', [aColumn('scheduledend', 'datetime')]);
    const fields = [{ column: 'scheduledend', path: '@due', conversion: 'WITHOUT_TIME_OFFSET' as const }];
    const selections = [{ table: 'task', target: { schema: 'cus:crmTask', fields } }];
    const plan = planMapping(mappingInput({ selections, tables: [table] }));
    expect(plan.changes).toContainEqual({
      kind: 'ADD_ATTRIBUTE',
      subject: 'cus:crmTask/@due',
      detail: 'datetimenotz "scheduledend"',
    });
  });
});

describe('the columns of a whole table', () => {
  it('that cannot be mapped are told with the reason', () => {
    const table = aTable('task', [
      aColumn('subject'),
      aColumn('photo', 'image'),
      aColumn('secret', 'string', { readable: false }),
    ]);
    const plan = planMapping(mappingInput({ selections: [{ table: 'task' }], tables: [table] }));
    expect(plan.skipped).toEqual([
      { table: 'task', column: 'photo', reason: 'The column is of type image, which no Campaign attribute can hold.' },
      { table: 'task', column: 'secret', reason: 'The column cannot be read.' },
    ]);
    expect(plan.mappings[0]?.fields.map((field) => field.column)).toEqual(['subject']);
  });
});
