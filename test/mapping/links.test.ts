import { describe, expect, it } from 'vitest';
import { orderWrites } from '../../src/mapping/order-writes.js';
import { planMapping } from '../../src/mapping/plan-mapping.js';
import { planUnmapping } from '../../src/mapping/plan-unmapping.js';
import { childElements, formatXml, type XmlElement } from '../../src/model/xml.js';
import { aColumn, aLookup, anAttribute, aSchema, aTable } from '../support/builders.js';
import { documentOf, documentsOf, mappingInput, replan } from './planning.js';

const account = aTable('account', [
  aLookup('primarycontactid', ['contact'], { label: 'Primary Contact' }),
  aLookup('parentaccountid', ['account'], { label: 'Parent' }),
]);
const contact = aTable('contact', [
  aColumn('lastname'),
  aLookup('parentcustomerid', ['account', 'contact'], { type: 'customer', label: 'Company' }),
  aLookup('ownerid', ['systemuser'], { type: 'owner' }),
]);
const tables = [account, contact];
const recipient = aSchema('nms:recipient', [anAttribute('lastName')]);
const selections = [{ table: 'account' }, { table: 'contact', target: { schema: 'nms:recipient' } }];
const plan = planMapping(mappingInput({ selections, tables, schemas: [recipient] }));

describe('a lookup between mapped tables', () => {
  it('becomes a link on the id, beside the attribute that holds it', () => {
    expect(linksOf(documentOf(plan, 'cus:crmAccount')).map((link) => formatXml(link))).toEqual([
      `<element name="primarycontactid_contact" label="Primary Contact" type="link" target="nms:recipient" externalJoin="true" integrity="neutral" revIntegrity="neutral" revLink="account_primarycontactid" desc="Made by Isthmus for table 'account'.">
  <join xpath-dst="@crmId" xpath-src="@primarycontactid"/>
</element>`,
      expect.stringContaining('name="parentaccountid_account" label="Parent" type="link" target="cus:crmAccount"'),
    ]);
  });

  it('of several tables keeps the table beside the id, and has a link for each mapped one', () => {
    const fields = plan.mappings[1]?.fields.filter((field) => field.column === 'parentcustomerid');
    expect(fields?.map((field) => field.path)).toEqual(['@parentcustomerid', '@parentcustomerid_type']);
    const links = linksOf(documentOf(plan, 'cus:recipient'));
    expect(links.map(({ attributes }) => [attributes.name, attributes.target])).toEqual([
      ['parentcustomerid_account', 'cus:crmAccount'],
      ['parentcustomerid_contact', 'nms:recipient'],
    ]);
  });

  it('is told among the changes', () => {
    expect(plan.changes).toContainEqual({
      kind: 'ADD_LINK',
      subject: 'cus:crmAccount/primarycontactid_contact',
      detail: '@primarycontactid → nms:recipient/@crmId',
    });
  });

  it('has no link where the other table is not mapped, and gets it when that is', () => {
    const alone = planMapping(mappingInput({ selections: [{ table: 'account' }], tables, schemas: [recipient] }));
    expect(linksOf(documentOf(alone, 'cus:crmAccount')).map((link) => link.attributes.name)).toEqual([
      'parentaccountid_account',
    ]);
    const both = replan(alone, { selections: selections.slice(1), tables, schemas: [recipient] });
    expect(linksOf(documentOf(both, 'cus:crmAccount'))).toHaveLength(2);
  });

  it('changes nothing when it is planned again, once Campaign has compiled the links', () => {
    const link = { label: 'Company', target: 'nms:recipient', cardinality: 'one', join: [] } as const;
    const links = ['parentcustomerid_contact', 'contact_parentcustomerid'].map((name) => ({ ...link, name }));
    const compiled = { ...recipient, root: { ...recipient.root, links } };
    expect(replan(plan, { selections, tables, schemas: [compiled] }).changes).toEqual([]);
  });

  it('loses its link when the other table is unmapped', () => {
    const made = { account: 'dynamicsCRM', existing: plan.mappings, sourceSchemas: documentsOf(plan) };
    const unmapped = planUnmapping({ ...made, tables: ['account'] });
    expect(linksOf(documentOf(unmapped, 'cus:recipient')).map((link) => link.attributes.name)).toEqual([
      'parentcustomerid_contact',
    ]);
  });

  it('takes another name where its own is an attribute already', () => {
    const odd = aTable('contact', [...contact.columns, aColumn('parentcustomerid_account')]);
    const input = { selections, tables: [account, odd], schemas: [recipient] };
    const links = linksOf(documentOf(planMapping(mappingInput(input)), 'cus:recipient'));
    expect(links.map((link) => link.attributes.name)).toContain('parentcustomerid_account_link');
  });
});

describe('schemas that link to each other', () => {
  it('are written without the links that lead to later ones first, and whole at the end', () => {
    const steps = plan.writes.map(({ name, document }) => `${name} ${document ? linksOf(document).length : 'removed'}`);
    expect(steps).toEqual([
      'cus:crmAccount 1',
      'cus:recipient 2',
      'mscrm:mscrmSchemadynamicsCRM 0',
      'cus:crmAccount 2',
    ]);
  });

  it('keep the links that Campaign has built while they are written anew', () => {
    const wider = [aColumn('fax'), aColumn('telephone1')];
    const changed = tables.map((table) => ({ ...table, columns: [...table.columns, ...wider] }));
    const again = replan(plan, { selections, tables: changed, schemas: [recipient] });
    const steps = again.writes.map(
      ({ name, document }) => `${name} ${document ? linksOf(document).length : 'removed'}`,
    );
    expect(steps).toEqual(['cus:crmAccount 2', 'cus:recipient 2', 'mscrm:mscrmSchemadynamicsCRM 0']);
  });

  it('wait for one that was linked to, but is gone', () => {
    const made = documentsOf(plan);
    const left = new Map([...made].filter(([name]) => name !== 'cus:crmAccount'));
    const steps = orderWrites(made, left).map(
      ({ name, document }) => `${name} ${document && linksOf(document).length}`,
    );
    expect(steps.slice(0, 2)).toEqual(['cus:crmAccount 2', 'cus:recipient 2']);
    const reversed = orderWrites(new Map([...made].reverse()), left);
    expect(reversed.map(({ name, document }) => `${name} ${document && linksOf(document).length}`)).toEqual([
      'mscrm:mscrmSchemadynamicsCRM 0',
      'cus:recipient 1',
      'cus:crmAccount 2',
      'cus:recipient 2',
    ]);
  });

  it('are removed after what links to them is written', () => {
    const document = documentOf(plan, 'cus:recipient');
    const writes = new Map([['cus:crmAccount', null] as const, ['cus:recipient', document] as const]);
    expect(orderWrites(writes, new Map()).map((step) => step.name)).toEqual(['cus:recipient', 'cus:crmAccount']);
  });
});

function linksOf(document: XmlElement): readonly XmlElement[] {
  const roots = childElements(document, 'element');
  return roots.flatMap((root) => childElements(root, 'element').filter((child) => child.attributes.type === 'link'));
}
