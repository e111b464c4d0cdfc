import { describe, expect, it } from 'vitest';
import { planMapping } from '../../src/mapping/plan-mapping.js';
import { planUnmapping } from '../../src/mapping/plan-unmapping.js';
import type { CampaignSchema } from '../../src/model/campaign-schema.js';
import { type XmlElement, xml } from '../../src/model/xml.js';
import {
  aChoice,
  aColumn,
  aField,
  anAttribute,
  anElement,
  anEnumeration,
  aSchema,
  aTable,
} from '../support/builders.js';
import { documentOf, documentsOf, mappingInput, replan } from './planning.js';
import { xmlText } from './xml-text.js';

const GENDERS = { 0: 'None specified', 1: 'Male', 2: 'Female' };

function recipient(genders: Readonly<Record<string, string>> = GENDERS): CampaignSchema {
  const attributes = [
    anAttribute('firstName'),
    anAttribute('email', 'string', { length: 128 }),
    anAttribute('gender', 'byte', { enumeration: 'nms:recipient:gender' }),
    anAttribute('company', 'string', { length: 80 }),
    anAttribute('status', 'byte'),
    anAttribute('age', 'long', { computed: true }),
  ];
  const elements = [anElement('location', [anAttribute('city', 'string', { length: 75 })])];
  return aSchema('nms:recipient', attributes, { elements, enumerations: [anEnumeration('gender', genders)] });
}

const contact = aTable('contact', [
  aColumn('firstname'),
  aColumn('emailaddress1'),
  aChoice('gendercode', { 1: 'Male', 2: 'Female' }),
  aColumn('address1_city'),
  aColumn('company', 'string', { label: 'Company Phone', maxLength: 50 }),
  aColumn('jobtitle', 'string', { label: 'Job Title' }),
]);

const onRecipient = { selections: [{ table: 'contact', target: { schema: 'nms:recipient' } }], tables: [contact] };

describe('contact mapped onto the stock recipient', () => {
  const plan = planMapping(mappingInput({ ...onRecipient, schemas: [recipient()] }));

  it('goes where a consultant would put it, the rest into attributes of its own', () => {
    expect(plan.mappings[0]?.fields.map(({ column, path }) => `${column} → ${path}`)).toEqual([
      'firstname → @firstName',
      'emailaddress1 → @email',
      'gendercode → @gender',
      'address1_city → location/@city',
      'company → @companyPhone',
      'jobtitle → @jobtitle',
    ]);
  });

  it('extends the recipient by what it lacks', () => {
    expect(xmlText(documentOf(plan, 'cus:recipient'))).toBe(
      `
<srcSchema xtkschema="xtk:srcSchema" entitySchema="xtk:srcSchema" namespace="cus" name="recipient" extendedSchema="nms:recipient" label="Recipients" labelSingular="Recipient" desc="Made by Isthmus for table 'contact' of external account 'dynamicsCRM'." mappingType="sql">
  <element name="recipient">
    <dbindex name="crmId">
      <keyfield xpath="@crmId"/>
    </dbindex>
    <key name="crmId" allowEmptyPart="true" noDbIndex="true">
      <keyfield xpath="@crmId"/>
    </key>
    <attribute name="crmId" label="Dynamics id" type="string" length="36" desc="Made by Isthmus for table 'contact'."/>
    <attribute name="companyPhone" label="Company Phone" type="string" length="50" desc="Made by Isthmus for table 'contact'."/>
    <attribute name="jobtitle" label="Job Title" type="string" length="100" desc="Made by Isthmus for table 'contact'."/>
  </element>
</srcSchema>`.trim(),
    );
  });

  it('compares a choice with the enumeration of the schema that the attribute names, and no other of that name', () => {
    const compiled = recipient();
    const [gender] = compiled.enumerations;
    const genders = compiled.root.attributes.map((one) =>
      one.name === 'gender' ? { ...one, enumeration: 'cus:person:gender' } : one,
    );
    const foreign = { ...anEnumeration('cus:person:gender', { 1: 'Female', 2: 'Male' }) };
    const other = { ...compiled, root: { ...compiled.root, attributes: genders } };
    const schemas = [{ ...other, enumerations: [...(gender ? [gender] : []), foreign] }];
    const fields = planMapping(mappingInput({ ...onRecipient, schemas })).mappings[0]?.fields;
    expect(fields?.find((field) => field.column === 'gendercode')?.path).toBe('@gendercode');
  });

  it('is on no list that marketing may use where it wants no marketing material', () => {
    const table = aTable('contact', [aColumn('donotsendmm', 'boolean'), aColumn('donotemail', 'boolean')]);
    const blackList = ['blackList', 'blackListEmail'].map((name) => anAttribute(name, 'boolean'));
    const schemas = [aSchema('nms:recipient', blackList)];
    const fields = planMapping(mappingInput({ ...onRecipient, tables: [table], schemas })).mappings[0]?.fields;
    expect(fields?.map((field) => field.path)).toEqual(['@blackList', '@donotemail']);
  });

  it('keeps the gender apart where the numbers mean something else', () => {
    const other = recipient({ 0: 'None specified', 1: 'Female', 2: 'Male' });
    const fields = planMapping(mappingInput({ ...onRecipient, schemas: [other] })).mappings[0]?.fields;
    expect(fields?.find((field) => field.column === 'gendercode')?.path).toBe('@gendercode');
  });

  it('changes nothing again, once Campaign has compiled the extension', () => {
    const made = [anAttribute('crmId', 'string', { length: 36 }), anAttribute('companyPhone'), anAttribute('jobtitle')];
    const compiled = recipient();
    const extended = { ...compiled, root: { ...compiled.root, attributes: [...compiled.root.attributes, ...made] } };
    expect(replan(plan, { ...onRecipient, schemas: [extended] }).changes).toEqual([]);
    expect(replan(plan, { ...onRecipient, schemas: [compiled] }).changes).toEqual([]);
  });
});

describe('a column named like an attribute that exists', () => {
  it('goes to that one, whatever its case, where it fits', () => {
    const lead = aTable('customer', [aColumn('firstname'), aColumn('EMAIL')]);
    const plan = planMapping(
      mappingInput({
        selections: [{ table: 'customer', target: { schema: 'nms:recipient' } }],
        tables: [lead],
        schemas: [recipient()],
      }),
    );
    expect(plan.mappings[0]?.fields.map((field) => field.path)).toEqual(['@firstName', '@email']);
  });

  it('gets an attribute of its own where that one cannot hold it or is computed', () => {
    const table = aTable('customer', [aColumn('status'), aColumn('age', 'integer')]);
    const input = {
      selections: [{ table: 'customer', target: { schema: 'nms:recipient' } }],
      tables: [table],
      schemas: [recipient()],
    };
    const plan = planMapping(mappingInput(input));
    expect(plan.mappings[0]?.fields.map((field) => field.path)).toEqual(['@crmStatus', '@crmAge']);
    expect(replan(plan, input).changes).toEqual([]);
  });
});

describe('fields with a place of their own', () => {
  const fields = [
    { column: 'emailaddress1', path: '@email' },
    { column: 'address1_city', path: 'location/@town' },
  ];

  it('are exactly what is mapped where no columns are named', () => {
    const selections = [{ table: 'contact', target: { schema: 'nms:recipient', fields } }];
    const plan = planMapping(mappingInput({ ...onRecipient, selections, schemas: [recipient()] }));
    expect(plan.mappings[0]?.fields).toEqual([
      aField('emailaddress1', '@email'),
      aField('address1_city', 'location/@town'),
    ]);
    expect(plan.changes).toContainEqual({
      kind: 'ADD_ATTRIBUTE',
      subject: 'nms:recipient/location/@town',
      detail: 'string(100) "address1_city"',
    });
  });

  it('come beside the columns that are named', () => {
    const selections = [
      { table: 'contact', columns: ['jobtitle', 'emailaddress1'], target: { schema: 'nms:recipient', fields } },
    ];
    const plan = planMapping(mappingInput({ ...onRecipient, selections, schemas: [recipient()] }));
    expect(plan.mappings[0]?.fields.map((field) => field.path)).toEqual(['@email', 'location/@town', '@jobtitle']);
  });
});

describe('an extension that somebody else made', () => {
  const foreign = xml(
    'srcSchema',
    { namespace: 'cus', name: 'recipient', extendedSchema: 'nms:recipient', md5: 'A1' },
    [
      xml('enumeration', { name: 'tier' }, [xml('value', { name: 'gold', value: 'g' })]),
      xml('element', { name: 'recipient' }, [
        xml('attribute', { name: 'tier', type: 'string', enum: 'tier' }),
        xml('attribute', { name: 'jobtitle', label: 'Position', type: 'string', length: '80' }),
        xml('element', { name: 'location' }, [xml('attribute', { name: 'district' })]),
      ]),
    ],
  );
  const sourceSchemas: ReadonlyMap<string, XmlElement> = new Map([['cus:recipient', foreign]]);
  const selections = [{ table: 'contact', columns: ['jobtitle', 'firstname'], target: { schema: 'nms:recipient' } }];
  const plan = planMapping(mappingInput({ ...onRecipient, selections, schemas: [recipient()], sourceSchemas }));

  it('is amended, and everything in it kept as it is', () => {
    expect(xmlText(documentOf(plan, 'cus:recipient'))).toBe(
      `
<srcSchema namespace="cus" name="recipient" extendedSchema="nms:recipient" md5="A1">
  <enumeration name="tier">
    <value name="gold" value="g"/>
  </enumeration>
  <element name="recipient">
    <dbindex name="crmId">
      <keyfield xpath="@crmId"/>
    </dbindex>
    <key name="crmId" allowEmptyPart="true" noDbIndex="true">
      <keyfield xpath="@crmId"/>
    </key>
    <attribute name="tier" type="string" enum="tier"/>
    <attribute name="jobtitle" label="Position" type="string" length="80"/>
    <attribute name="crmId" label="Dynamics id" type="string" length="36" desc="Made by Isthmus for table 'contact'."/>
    <element name="location">
      <attribute name="district"/>
    </element>
  </element>
</srcSchema>`.trim(),
    );
  });

  it('is as it was after the table is unmapped', () => {
    const made = { account: 'dynamicsCRM', existing: plan.mappings, sourceSchemas: documentsOf(plan) };
    const released = planUnmapping({ ...made, tables: ['contact'] });
    expect(xmlText(documentOf(released, 'cus:recipient'))).toBe(xmlText(foreign));
    expect(released.mappings).toEqual([]);
  });
});

describe('a schema that a customer made', () => {
  it('is amended itself', () => {
    const source = xml('srcSchema', { namespace: 'cus', name: 'loyalty' }, [
      xml('element', { name: 'loyalty' }, [xml('attribute', { name: 'cardNumber', type: 'string', length: '40' })]),
    ]);
    const plan = planMapping(
      mappingInput({
        selections: [
          { table: 'contact', columns: ['jobtitle'], target: { schema: 'cus:loyalty', key: '@cardNumber' } },
        ],
        tables: [contact],
        schemas: [aSchema('cus:loyalty', [anAttribute('cardNumber', 'string', { length: 40 })])],
        sourceSchemas: new Map([['cus:loyalty', source]]),
      }),
    );
    expect(plan.mappings[0]).toMatchObject({ schema: 'cus:loyalty', key: '@cardNumber' });
    expect(plan.changes.map((change) => `${change.kind} ${change.subject}`)).toEqual([
      'ADD_ATTRIBUTE cus:loyalty/@jobtitle',
      'CREATE_SCHEMA mscrm:mscrmSchemadynamicsCRM',
      'ADD_TABLE mscrm:mscrmSchemadynamicsCRM/contact',
      'ADD_MAPPING contact',
    ]);
  });
});
