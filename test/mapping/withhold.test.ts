import { describe, expect, it } from 'vitest';
import { planMapping } from '../../src/mapping/plan-mapping.js';
import { planUnmapping } from '../../src/mapping/plan-unmapping.js';
import { type SourceStep, takesAway, withheldTables, withhold } from '../../src/mapping/withhold.js';
import type { CampaignSchema, SchemaLink } from '../../src/model/campaign-schema.js';
import { xml } from '../../src/model/xml.js';
import { aColumn, aLookup, anAttribute, anElement, aSchema, aTable } from '../support/builders.js';
import { documentOf, documentsOf, mappingInput, replan } from './planning.js';

const account = aTable('account', [aColumn('name'), aLookup('primarycontactid', ['contact'])]);
const contact = aTable('contact', [aColumn('lastname'), aColumn('jobtitle'), aColumn('fax')]);
const tables = [account, contact];
const stock = aSchema('nms:recipient', [anAttribute('lastName')]);
const toRecipient = (...columns: readonly string[]) => ({
  table: 'contact',
  columns,
  target: { schema: 'nms:recipient', fields: [{ column: 'lastname', path: '@lastName' }] },
});
const both = [{ table: 'account' }, toRecipient('jobtitle', 'fax')];
const plan = planMapping(mappingInput({ selections: both, tables, schemas: [stock] }));

const link = (name: string, target: string, cardinality: SchemaLink['cardinality'], join: SchemaLink['join']) => ({
  ...{ name, label: name, target, cardinality, join },
});
const recipient = withLinks(aSchema('nms:recipient', ['lastName', 'crmId', 'jobtitle', 'fax'].map(named)), [
  link('account_primarycontactid', 'cus:crmAccount', 'many', [{ source: 'crmId', destination: 'primarycontactid' }]),
]);
const crmAccount: CampaignSchema = {
  ...withLinks(aSchema('cus:crmAccount', ['crmId', 'name', 'primarycontactid'].map(named)), [
    link('primarycontactid_contact', 'nms:recipient', 'one', [{ source: 'primarycontactid', destination: 'crmId' }]),
  ]),
  keys: [{ name: 'crmId', fields: ['crmId'], internal: false }],
};
const catalog = { tables, schemas: [crmAccount, recipient], mappings: plan.mappings };

/** The steps from what the first plan made to what another one makes. */
function stepsTo(next: typeof plan): readonly SourceStep[] {
  const before = documentsOf(plan);
  return next.writes.map(({ name, document }) => ({
    subject: name,
    before: before.get(name) ?? null,
    after: document,
  }));
}

const remapped = (...columns: readonly string[]) =>
  stepsTo(replan(plan, { selections: [toRecipient(...columns)], tables, schemas: [recipient] }));
const unmapped = (...gone: readonly string[]) => {
  const made = { account: 'dynamicsCRM', existing: plan.mappings, sourceSchemas: documentsOf(plan) };
  return stepsTo(planUnmapping({ ...made, tables: gone }));
};

describe('a change of mappings that is under way', () => {
  it('withholds nothing where it only adds', () => {
    const steps = plan.writes.map(({ name, document }) => ({ subject: name, before: null, after: document }));
    expect(takesAway(steps)).toBe(false);
    expect(withhold(catalog, steps)).toBe(catalog);
    expect(withheldTables(plan.mappings, steps)).toEqual([]);
  });

  it('withholds the attribute of a column that is mapped no more, and the field that it is mapped to', () => {
    const left = withhold(catalog, remapped('jobtitle'));
    expect(attributesOf(left.schemas[1])).toEqual(['id', 'lastName', 'crmId', 'jobtitle']);
    expect(left.mappings.map(({ fields }) => fields.map(({ column }) => column))).toEqual([
      ['name', 'primarycontactid'],
      ['lastname', 'jobtitle'],
    ]);
    expect(left.tables).toBe(tables);
  });

  it('names the tables whose mappings lack something', () => {
    expect(withheldTables(plan.mappings, remapped('jobtitle'))).toEqual(['contact']);
    expect(withheldTables(plan.mappings, unmapped('account'))).toEqual(['account']);
  });

  it('withholds a schema that goes, and the links to it', () => {
    const left = withhold(catalog, unmapped('account'));
    expect(left.schemas.map(({ name }) => name)).toEqual(['nms:recipient']);
    expect(left.schemas[0]?.root.links).toEqual([]);
    expect(left.mappings.map(({ table }) => table)).toEqual(['contact']);
  });

  it('withholds a mapping whose key goes, with the links that end there', () => {
    const left = withhold(catalog, unmapped('contact'));
    expect(left.mappings.map(({ table }) => table)).toEqual(['account']);
    expect(left.schemas.map(({ root }) => root.links)).toEqual([[], []]);
    expect(attributesOf(left.schemas[1])).toEqual(['id', 'lastName']);
  });

  it('withholds what a step takes away and a later one brings back', () => {
    const name = 'cus:recipient';
    const document = documentOf(plan, name);
    const steps = [
      { subject: name, before: document, after: null },
      { subject: name, before: document, after: document },
    ];
    expect(attributesOf(withhold(catalog, steps).schemas[1])).toEqual(['id', 'lastName']);
  });

  it('withholds an attribute that gets another type, and an element with its last attribute', () => {
    const nested = { ...anElement('place', [named('city')]) };
    const schema = aSchema('nms:recipient', [named('fax')], { elements: [nested, anElement('empty', [])] });
    const steps = [{ subject: 'cus:recipient', before: extension('string'), after: extension('long') }];
    const [left] = withhold({ ...catalog, schemas: [schema] }, steps).schemas;
    expect(attributesOf(left)).toEqual(['id']);
    expect(left?.root.elements.map(({ name }) => name)).toEqual(['empty']);
  });

  it('withholds a schema whose records cannot be told apart any more', () => {
    const steps = [{ subject: 'cus:recipient', before: extension('string'), after: null }];
    const schema = { ...recipient, keys: [{ name: 'fax', fields: ['fax'], internal: false }] };
    expect(withhold({ ...catalog, schemas: [schema] }, steps).schemas).toEqual([]);
  });
});

function named(name: string) {
  return anAttribute(name);
}

function withLinks(schema: CampaignSchema, links: readonly SchemaLink[]): CampaignSchema {
  return { ...schema, root: { ...schema.root, links } };
}

function attributesOf(schema: CampaignSchema | undefined): readonly string[] | undefined {
  return schema?.root.attributes.map(({ name }) => name);
}

/** An extension with an attribute, and one within an element, of a type. */
function extension(type: string) {
  const attributes = { extendedSchema: 'nms:recipient', name: 'recipient', namespace: 'cus' };
  const fax = xml('attribute', { name: 'fax', type });
  const city = xml('attribute', { name: 'city', type });
  return xml('srcSchema', attributes, [
    xml('element', { name: 'recipient' }, [fax, xml('element', { name: 'place' }, [city])]),
  ]);
}
