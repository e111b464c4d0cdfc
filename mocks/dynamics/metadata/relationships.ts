import type { KeyDefinition, ManyToManyDefinition } from '../table-definitions.js';
import type { OneToManyRelationship, Table, Tables } from '../tables.js';
import { INTRODUCED_VERSION, type JsonObject, label, managed, metadataId } from './common.js';

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/onetomanyrelationshipmetadata */
export function oneToManyJson(it: OneToManyRelationship): JsonObject {
  return {
    ReferencedAttribute: it.referencedAttribute,
    ReferencedEntity: it.referencedEntity,
    ReferencingAttribute: it.referencingAttribute,
    ReferencingEntity: it.referencingEntity,
    IsHierarchical: it.isHierarchical,
    EntityKey: null,
    IsDenormalizedLookup: false,
    DenormalizedAttributeName: null,
    RelationshipBehavior: 0,
    ReferencedEntityNavigationPropertyName: it.referencedNavigation,
    ReferencingEntityNavigationPropertyName: it.referencingNavigation,
    IsCustomRelationship: false,
    IsValidForAdvancedFind: true,
    SchemaName: it.name,
    SecurityTypes: 'Append',
    IsManaged: true,
    RelationshipType: 'OneToManyRelationship',
    IntroducedVersion: INTRODUCED_VERSION,
    MetadataId: metadataId('relationship', relationshipKey(it)),
    HasChanged: null,
    IsCustomizable: managed(true, 'iscustomizable'),
    AssociatedMenuConfiguration: menu(),
    CascadeConfiguration: cascade(it),
  };
}

/** Owner relationships of several tables may share a name with none, but ids must differ in any case. */
function relationshipKey(it: OneToManyRelationship): string {
  return `${it.name}:${it.referencingEntity}.${it.referencingAttribute}`;
}

function cascade({ onDelete }: OneToManyRelationship): JsonObject {
  const follows = onDelete === 'Cascade' ? 'Cascade' : 'NoCascade';
  return {
    Assign: follows,
    Delete: onDelete,
    Archive: 'NoCascade',
    Merge: follows,
    Reparent: follows,
    Share: follows,
    Unshare: follows,
    RollupView: 'NoCascade',
  };
}

function menu(): JsonObject {
  return {
    Behavior: 'DoNotDisplay',
    Group: 'Details',
    Order: null,
    IsCustomizable: true,
    Icon: null,
    ViewId: '00000000-0000-0000-0000-000000000000',
    AvailableOffline: true,
    MenuId: null,
    QueryApi: null,
    Label: { LocalizedLabels: [], UserLocalizedLabel: null },
  };
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/manytomanyrelationshipmetadata */
export function manyToManyJson(it: ManyToManyDefinition): JsonObject {
  return {
    IntersectEntityName: it.intersect,
    Entity1LogicalName: it.entity1,
    Entity1IntersectAttribute: it.entity1Attribute,
    Entity1NavigationPropertyName: it.entity1Navigation ?? it.name,
    Entity2LogicalName: it.entity2,
    Entity2IntersectAttribute: it.entity2Attribute,
    Entity2NavigationPropertyName: it.entity2Navigation ?? it.name,
    IsCustomRelationship: false,
    IsValidForAdvancedFind: true,
    SchemaName: it.name,
    SecurityTypes: 'None',
    IsManaged: true,
    RelationshipType: 'ManyToManyRelationship',
    IntroducedVersion: INTRODUCED_VERSION,
    MetadataId: metadataId('relationship', it.name),
    HasChanged: null,
    IsCustomizable: managed(true, 'iscustomizable'),
    Entity1AssociatedMenuConfiguration: menu(),
    Entity2AssociatedMenuConfiguration: menu(),
  };
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/entitykeymetadata */
export function keyJson(table: Table, key: KeyDefinition): JsonObject {
  return {
    SchemaName: key.name,
    LogicalName: key.name.toLowerCase(),
    DisplayName: label(key.label ?? key.name, `key:${table.name}.${key.name}`),
    EntityLogicalName: table.name,
    KeyAttributes: [...key.columns],
    EntityKeyIndexStatus: key.status ?? 'Active',
    AsyncJob: null,
    IsManaged: false,
    IsSynchronous: false,
    IsExportKey: false,
    IsSecondaryKey: false,
    IntroducedVersion: '1.0.0.0',
    IsCustomizable: managed(true, 'iscustomizable'),
    MetadataId: metadataId('key', `${table.name}.${key.name}`),
    HasChanged: null,
  };
}

/** The relationships in which the table is on the one side; users and teams share those of `owner`. */
export function oneToManyOf(tables: Tables, table: Table): JsonObject[] {
  return tables.relationships.filter((it) => it.referencedEntity === table.name).map(oneToManyJson);
}

export function manyToOneOf(tables: Tables, table: Table): JsonObject[] {
  return tables.relationships.filter((it) => it.referencingEntity === table.name).map(oneToManyJson);
}

export function manyToManyOf(tables: Tables, table: Table): JsonObject[] {
  return tables.manyToMany.filter((it) => it.entity1 === table.name || it.entity2 === table.name).map(manyToManyJson);
}
