import type { CallOptions } from '../../model/call.js';
import { RemoteError } from '../../model/errors.js';
import type { Table } from '../../model/table.js';
import type { MetadataChanges } from '../connector.js';
import type { DynamicsClient, JsonObject } from './client.js';
import { isObject } from './decode.js';

/** The stamp is older than the organization keeps changes of its metadata, 90 days as a rule. */
const EXPIRED = '0x80044352';

/** Tables, each with its parts, by their names alone. */
const NAMES = {
  Properties: named('LogicalName', 'Attributes', 'Keys', 'OneToManyRelationships', 'ManyToManyRelationships'),
  AttributeQuery: { Properties: named('LogicalName') },
  RelationshipQuery: { Properties: named('SchemaName') },
  KeyQuery: { Properties: named('LogicalName') },
};

/** What a request asks that only wants a stamp: a table that every organization has. */
const STAMP = {
  Criteria: {
    FilterOperator: 'And',
    Conditions: [
      {
        PropertyName: 'LogicalName',
        ConditionOperator: 'Equals',
        Value: { Type: 'System.String', Value: 'systemuser' },
      },
    ],
  },
  Properties: named('LogicalName'),
};

/**
 * Asks which tables have changed since a stamp. Of what was deleted Dynamics tells ids only, so that the names of all that is left are
 * compared with the tables known then.
 * https://learn.microsoft.com/power-apps/developer/data-platform/cache-schema-data
 */
export async function readMetadataChanges(
  client: DynamicsClient,
  known: readonly Table[],
  stamp: string | null,
  options?: CallOptions,
): Promise<MetadataChanges> {
  if (stamp === null) return { mark: stampOf(await ask(client, STAMP, null, options)), changed: null };
  try {
    const answer = await ask(client, NAMES, stamp, options);
    const changed = tablesOf(answer).map(nameOf);
    const lessened = hasDeletions(answer) ? lessenedOf(known, await ask(client, NAMES, null, options)) : [];
    return { mark: stampOf(answer), changed: [...new Set([...changed, ...lessened])] };
  } catch (error) {
    if (error instanceof RemoteError && error.upstream.code === EXPIRED)
      return readMetadataChanges(client, known, null, options);
    throw error;
  }
}

function ask(client: DynamicsClient, query: object, stamp: string | null, options?: CallOptions): Promise<JsonObject> {
  const parameters = [
    `@p1=${encodeURIComponent(JSON.stringify(query))}`,
    `@p2=${stamp === null ? 'null' : encodeURIComponent(`'${stamp}'`)}`,
    `@p3=Microsoft.Dynamics.CRM.DeletedMetadataFilters'Entity,Attribute,Relationship'`,
  ];
  const resource = `RetrieveMetadataChanges(Query=@p1,ClientVersionStamp=@p2,DeletedMetadataFilters=@p3)?${parameters.join('&')}`;
  return client.get(resource, 'tell what has changed in its tables', options);
}

/** Tables that are gone, or have lost a column, a key or a relationship. */
function lessenedOf(known: readonly Table[], answer: JsonObject): readonly string[] {
  const left = new Map(tablesOf(answer).map((table) => [nameOf(table), partsOf(table)]));
  const isWhole = ({ logicalName, columns, keys, relationships }: Table): boolean => {
    const parts = left.get(logicalName);
    return parts !== undefined && [...columns, ...keys, ...relationships].every(({ name }) => parts.has(name));
  };
  return known.filter((table) => !isWhole(table)).map(({ logicalName }) => logicalName);
}

function partsOf({ Attributes, Keys, OneToManyRelationships, ManyToManyRelationships }: JsonObject): Set<string> {
  const relationships = [...objects(OneToManyRelationships), ...objects(ManyToManyRelationships)];
  return new Set([
    ...[...objects(Attributes), ...objects(Keys)].map(nameOf),
    ...relationships.map(({ SchemaName }) => String(SchemaName)),
  ]);
}

function hasDeletions({ DeletedMetadata: deleted }: JsonObject): boolean {
  return isObject(deleted) && Number(deleted.Count) > 0;
}

function tablesOf(answer: JsonObject): readonly JsonObject[] {
  return objects(answer.EntityMetadata);
}

function nameOf({ LogicalName }: JsonObject): string {
  return String(LogicalName);
}

function stampOf({ ServerVersionStamp }: JsonObject): string {
  return String(ServerVersionStamp);
}

function named(...PropertyNames: readonly string[]) {
  return { AllProperties: false, PropertyNames };
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
