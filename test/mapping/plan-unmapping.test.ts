import { describe, expect, it } from 'vitest';
import { planMapping } from '../../src/mapping/plan-mapping.js';
import { neededForUnmapping, planUnmapping } from '../../src/mapping/plan-unmapping.js';
import { putAttribute } from '../../src/mapping/schema-document.js';
import { childElements, type XmlElement, xml } from '../../src/model/xml.js';
import { aChoice, aColumn, aMapping, aTable } from '../support/builders.js';
import { documentOf, documentsOf, mappingInput } from './planning.js';
import { xmlText } from './xml-text.js';

const account = aTable('account', [aColumn('name', 'string', { maxLength: 160 }), aChoice('rating', { 1: 'Cold' })]);
const lead = aTable('lead', [aColumn('subject')]);
const made = planMapping(
  mappingInput({ selections: [{ table: 'account' }, { table: 'lead' }], tables: [account, lead] }),
);
const before = { account: 'dynamicsCRM', existing: made.mappings, sourceSchemas: documentsOf(made) };

describe('a table that is unmapped', () => {
  const plan = planUnmapping({ ...before, tables: ['account'] });

  it('takes its schema and its place in the list with it', () => {
    expect(plan.changes.map((change) => `${change.kind} ${change.subject}`)).toEqual([
      'REMOVE_ENUMERATION mscrm:mscrmSchemadynamicsCRM:Account_rating',
      'REMOVE_TABLE mscrm:mscrmSchemadynamicsCRM/account',
      'REMOVE_SCHEMA cus:crmAccount',
      'REMOVE_MAPPING account',
    ]);
    expect(plan.documents.find((one) => one.name === 'cus:crmAccount')).toMatchObject({
      document: null,
      changed: true,
    });
  });

  it('leaves the others as they were', () => {
    expect(plan.mappings.map((mapping) => mapping.table)).toEqual(['lead']);
    expect(plan.documents.find((one) => one.name === 'cus:crmLead')).toMatchObject({ changed: false });
    const listed = childElements(documentOf(plan, 'mscrm:mscrmSchemadynamicsCRM'), 'element');
    expect(listed.map((element) => element.attributes.name)).toEqual(['lead']);
  });

  it('leaves what somebody added to its schema', () => {
    const sourceSchemas = new Map(before.sourceSchemas).set(
      'cus:crmAccount',
      withTier(documentOf(made, 'cus:crmAccount')),
    );
    const kept = planUnmapping({ ...before, sourceSchemas, tables: ['account'] });
    expect(childElements(documentOf(kept, 'cus:crmAccount')).map((element) => xmlText(element))).toEqual([
      '<element name="crmAccount" label="Account" autopk="true">\n  <attribute name="tier" type="string"/>\n</element>',
    ]);
  });
});

describe('what unmapping must be told of', () => {
  it("is the account's schema and those of every mapping, for any may link to the tables", () => {
    const existing = [aMapping('contact', 'nms:recipient', []), aMapping('lead', 'cus:crmLead', [])];
    expect(neededForUnmapping({ account: 'dynamicsCRM', existing })).toEqual([
      'mscrm:mscrmSchemadynamicsCRM',
      'cus:recipient',
      'cus:crmLead',
    ]);
  });
});

function withTier(document: XmlElement): XmlElement {
  const tier = xml('attribute', { name: 'tier', type: 'string' });
  const children = childElements(document).map((child) =>
    child.name === 'element' ? putAttribute(child, tier) : child,
  );
  return { ...document, children };
}
