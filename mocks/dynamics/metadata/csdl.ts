import type { MockRequest, MockResponse } from '../../control.js';
import type { RequestContext } from '../context.js';
import { parseOptions } from '../query/options.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { isLookup, type Navigation, type Property, type Table, type Tables } from '../tables.js';

/** `GET $metadata`. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-service-documents */
export function answerCsdl(context: RequestContext, request: MockRequest): MockResponse {
  const withAnnotations =
    parseOptions(request.search).all.get('annotations') === 'true' ||
    context.prefer.includesAnnotation('Org.OData.Core.V1.Computed');
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: csdlOf(context.tables, withAnnotations) };
}

/** Megabytes of text that seldom change: kept once made, with and without annotations. */
const MADE = new WeakMap<Tables, { readonly version: number; plain?: string; annotated?: string }>();

function csdlOf(tables: Tables, withAnnotations: boolean): string {
  const known = MADE.get(tables);
  const made = known?.version === tables.version ? known : { version: tables.version };
  MADE.set(tables, made);
  if (withAnnotations) {
    made.annotated ??= buildCsdl(tables, true);
    return made.annotated;
  }
  made.plain ??= buildCsdl(tables, false);
  return made.plain;
}

/** The schema of the tables as CSDL. */
export function buildCsdl(tables: Tables, withAnnotations: boolean): string {
  const types = tables.all.map((table) => entityType(tables, table, withAnnotations));
  const sets = tables.all.map((table) => entitySet(tables, table, withAnnotations));
  return `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
 <edmx:DataServices>
  <Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
   <EntityType Name="crmbaseentity" Abstract="true"/>
   <EntityType Name="expando" BaseType="mscrm.crmbaseentity" OpenType="true"/>
   <EntityType Name="principal" BaseType="mscrm.crmbaseentity">
    <Key><PropertyRef Name="ownerid"/></Key>
    <Property Name="ownerid" Type="Edm.Guid"/>
   </EntityType>
${types.join('\n')}
   <ComplexType Name="WhoAmIResponse">
    <Property Name="BusinessUnitId" Type="Edm.Guid" Nullable="false"/>
    <Property Name="UserId" Type="Edm.Guid" Nullable="false"/>
    <Property Name="OrganizationId" Type="Edm.Guid" Nullable="false"/>
   </ComplexType>
   <Function Name="WhoAmI"><ReturnType Type="mscrm.WhoAmIResponse" Nullable="false"/></Function>
   <EntityContainer Name="System">
${sets.join('\n')}
    <FunctionImport Name="WhoAmI" Function="Microsoft.Dynamics.CRM.WhoAmI"/>
   </EntityContainer>
  </Schema>
 </edmx:DataServices>
</edmx:Edmx>
`;
}

/** Users and teams inherit the key of `principal`. */
function isPrincipal(table: Table): boolean {
  return table.name === 'systemuser' || table.name === 'team';
}

function entityType(tables: Tables, table: Table, withAnnotations: boolean): string {
  const base = isPrincipal(table) ? 'principal' : 'crmbaseentity';
  const properties = [...table.properties.values()].filter(
    (property) => !(isPrincipal(table) && property.name === 'ownerid'),
  );
  const lines = [
    `   <EntityType Name="${table.name}" BaseType="mscrm.${base}">`,
    ...(isPrincipal(table) ? [] : [`    <Key><PropertyRef Name="${table.definition.primaryId}"/></Key>`]),
    ...properties.map((property) => propertyXml(property, withAnnotations)),
    ...[...table.navigation.values()].map((navigation) => navigationXml(tables, navigation)),
    '   </EntityType>',
  ];
  return lines.join('\n');
}

const EDM_TYPES: Partial<Record<ColumnDefinition['type'], string>> = {
  Integer: 'Edm.Int32',
  Picklist: 'Edm.Int32',
  State: 'Edm.Int32',
  Status: 'Edm.Int32',
  BigInt: 'Edm.Int64',
  Decimal: 'Edm.Decimal',
  Money: 'Edm.Decimal',
  Double: 'Edm.Double',
  Boolean: 'Edm.Boolean',
  DateTime: 'Edm.DateTimeOffset',
  DateOnly: 'Edm.Date',
  Uniqueidentifier: 'Edm.Guid',
  Lookup: 'Edm.Guid',
  Customer: 'Edm.Guid',
  Owner: 'Edm.Guid',
  Image: 'Edm.Binary',
  File: 'Edm.Guid',
};

function propertyXml({ name, column }: Property, withAnnotations: boolean): string {
  const type = EDM_TYPES[column.type] ?? 'Edm.String';
  const facets = type === 'Edm.String' ? ' Unicode="false"' : type === 'Edm.Decimal' ? ' Scale="Variable"' : '';
  const notes = withAnnotations ? annotations(column) : [];
  const open = `    <Property Name="${name}" Type="${type}"${facets}`;
  return notes.length === 0 ? `${open}/>` : [`${open}>`, ...notes, '    </Property>'].join('\n');
}

function annotations(column: ColumnDefinition): string[] {
  const description =
    column.label === undefined
      ? []
      : [`     <Annotation Term="Org.OData.Core.V1.Description" String="${escapeXml(column.label)}"/>`];
  const isComputed = column.readOnly === true || isLookup(column);
  return [...description, ...(isComputed ? ['     <Annotation Term="Org.OData.Core.V1.Computed" Bool="true"/>'] : [])];
}

function navigationXml(tables: Tables, navigation: Navigation): string {
  if (navigation.kind !== 'lookup') {
    const partner = navigation.kind === 'many-to-many' ? navigation.name : navigation.partner;
    return `    <NavigationProperty Name="${navigation.name}" Type="Collection(mscrm.${navigation.table})" Partner="${partner}"/>`;
  }
  const [first = ''] = navigation.targets;
  const isOwner = navigation.targets.length > 1;
  const referenced = isOwner ? 'ownerid' : tables.get(first).definition.primaryId;
  return [
    `    <NavigationProperty Name="${navigation.name}" Type="mscrm.${isOwner ? 'principal' : first}" Nullable="false" Partner="${navigation.partner}">`,
    `     <ReferentialConstraint Property="_${navigation.column.name}_value" ReferencedProperty="${referenced}"/>`,
    '    </NavigationProperty>',
  ].join('\n');
}

function entitySet(tables: Tables, table: Table, withAnnotations: boolean): string {
  const bindings = [...table.navigation.values()].map((navigation) => {
    const target =
      navigation.kind === 'lookup'
        ? navigation.targets.length > 1
          ? 'owner'
          : (navigation.targets[0] ?? '')
        : navigation.table;
    return `     <NavigationPropertyBinding Path="${navigation.name}" Target="${tables.get(target).definition.setName}"/>`;
  });
  return [
    `    <EntitySet Name="${table.definition.setName}" EntityType="Microsoft.Dynamics.CRM.${table.name}">`,
    ...bindings,
    ...(withAnnotations ? setAnnotations(table) : []),
    '    </EntitySet>',
  ].join('\n');
}

function setAnnotations(table: Table): string[] {
  const tracking = `     <Annotation Term="Org.OData.Capabilities.V1.ChangeTracking"><Record><PropertyValue Property="Supported" Bool="${table.definition.changeTracking !== false}"/></Record></Annotation>`;
  const keys = (table.definition.keys ?? []).map((key) => {
    const refs = key.columns.map(
      (name) =>
        `<Record Type="OData.Community.Keys.V1.PropertyRef"><PropertyValue Property="Alias" String="${name}"/><PropertyValue Property="Name" PropertyPath="${name}"/></Record>`,
    );
    return `<Record Type="OData.Community.Keys.V1.AlternateKey"><PropertyValue Property="Key"><Collection>${refs.join('')}</Collection></PropertyValue></Record>`;
  });
  if (keys.length === 0) return [tracking];
  return [
    tracking,
    `     <Annotation Term="OData.Community.Keys.V1.AlternateKeys"><Collection>${keys.join('')}</Collection></Annotation>`,
  ];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
