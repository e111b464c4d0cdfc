import { parse } from '@sap-ux/edmx-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

/*
 * $metadata, read by a CSDL reader that others wrote, against EntityDefinitions: https://github.com/SAP/open-ux-odata
 */

let organization: Organization;
let schema: Schema;
let definitions: Map<string, Definition>;

/** What of the reader's result is looked at. */
interface Schema {
  readonly entitySets: readonly { name: string; entityTypeName: string }[];
  readonly entityTypes: readonly {
    readonly name: string;
    readonly keys: readonly { name: string }[];
    readonly entityProperties: readonly { name: string }[];
    readonly navigationProperties: readonly { name: string }[];
  }[];
}

interface Definition {
  readonly EntitySetName: string;
  readonly PrimaryIdAttribute: string;
  readonly Attributes: readonly { LogicalName: string; AttributeType: string; IsValidODataAttribute: boolean }[];
  readonly ManyToOneRelationships: readonly Relationship[];
  readonly OneToManyRelationships: readonly Relationship[];
  readonly ManyToManyRelationships: readonly Record<string, string>[];
}

interface Relationship {
  readonly ReferencingEntityNavigationPropertyName: string;
  readonly ReferencedEntityNavigationPropertyName: string;
  readonly ReferencedEntity: string;
  readonly ReferencingEntity: string;
}

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0 });
  schema = parse((await organization.get('$metadata')).text).schema;
  const { body } = await organization.get(
    'EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute&$expand=Attributes($select=LogicalName,AttributeType,IsValidODataAttribute),ManyToOneRelationships,OneToManyRelationships,ManyToManyRelationships',
  );
  definitions = new Map(body.value.map((it: Definition & { LogicalName: string }) => [it.LogicalName, it]));
});

afterAll(() => organization.mock.close());

/** Types that stand for no table. */
const ABSTRACT = new Set(['crmbaseentity', 'expando', 'principal']);

function entityTypes() {
  return schema.entityTypes.filter(({ name }) => !ABSTRACT.has(name));
}

function typeNamed(name: string) {
  return schema.entityTypes.find((type) => type.name === name);
}

describe('$metadata', () => {
  it('has an entity type and an entity set for each table', () => {
    covers('dynamics', '1 Service', '$metadata: CSDL that agrees with EntityDefinitions');
    expect(
      entityTypes()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...definitions.keys()].sort());
    const sets = Object.fromEntries(schema.entitySets.map((set) => [set.name, set.entityTypeName.split('.').at(-1)]));
    const expected = [...definitions].map(([name, { EntitySetName }]) => [EntitySetName, name]);
    expect(sets).toEqual(Object.fromEntries(expected));
  });

  it('has the key of each table; users and teams inherit theirs', () => {
    for (const [name, { PrimaryIdAttribute }] of definitions) {
      const keys = typeNamed(name)?.keys.map((key) => key.name);
      expect([name, keys]).toEqual([name, name === 'systemuser' || name === 'team' ? [] : [PrimaryIdAttribute]]);
    }
    expect(typeNamed('principal')?.keys.map((key) => key.name)).toEqual(['ownerid']);
  });

  it('has a property for each column that OData shows, lookups as _x_value', () => {
    const lookups = new Set(['Lookup', 'Customer', 'Owner']);
    for (const [name, { Attributes }] of definitions) {
      const expected = Attributes.filter((it) => it.IsValidODataAttribute && it.AttributeType !== 'PartyList').map(
        (it) => (lookups.has(it.AttributeType) ? `_${it.LogicalName}_value` : it.LogicalName),
      );
      const inherited = name === 'systemuser' || name === 'team' ? ['ownerid'] : [];
      const found = typeNamed(name)?.entityProperties.map((property) => property.name) ?? [];
      expect([name, [...new Set([...found, ...inherited])].sort()]).toEqual([name, expected.sort()]);
    }
  });

  it('has the navigation properties of each relationship, on both of its sides', () => {
    for (const [name, definition] of definitions) {
      const found = new Map(typeNamed(name)?.navigationProperties.map((it) => [it.name, typeOf(it)]));
      for (const it of definition.ManyToOneRelationships)
        expect([
          name,
          it.ReferencingEntityNavigationPropertyName,
          found.get(it.ReferencingEntityNavigationPropertyName),
        ]).toEqual([
          name,
          it.ReferencingEntityNavigationPropertyName,
          it.ReferencedEntity === 'owner' ? 'principal' : it.ReferencedEntity,
        ]);
      for (const it of definition.OneToManyRelationships)
        expect(found.get(it.ReferencedEntityNavigationPropertyName)).toBe(it.ReferencingEntity);
      for (const it of definition.ManyToManyRelationships) {
        const isFirst = it.Entity1LogicalName === name;
        const own = isFirst ? it.Entity1NavigationPropertyName : it.Entity2NavigationPropertyName;
        expect(found.get(own ?? '')).toBe(isFirst ? it.Entity2LogicalName : it.Entity1LogicalName);
      }
    }
  });
});

function typeOf(property: object): string | undefined {
  const type = 'targetTypeName' in property ? String(property.targetTypeName) : '';
  return type.split('.').at(-1)?.replace(')', '');
}
