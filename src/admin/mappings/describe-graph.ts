import type { CampaignConnector } from '../../connectors/campaign/campaign-connector.js';
import type { DynamicsConnector } from '../../connectors/dynamics/dynamics-connector.js';
import type { CallOptions } from '../../model/call.js';
import type { CampaignSchema, SchemaElement } from '../../model/campaign-schema.js';
import type { TableMapping } from '../../model/mapping.js';
import type { Table } from '../../model/table.js';

/** More than the lookups of a dozen stock tables lead to; a lookup to a table beyond it shows a reference. */
const MAX_RELATED = 60;

/** The mapped tables and schemas with those that their lookups and simple links lead to, so that the graph can follow them. */
export async function describeGraph(
  remotes: { readonly dynamics: DynamicsConnector; readonly campaign: CampaignConnector },
  mappings: readonly TableMapping[],
  tables: readonly Table[],
  call: CallOptions,
): Promise<{ readonly tables: readonly Table[]; readonly schemas: readonly CampaignSchema[] }> {
  const schemas = await remotes.campaign.introspect(unique(mappings.map((mapping) => mapping.schema)), call);
  const [relatedTables, relatedSchemas] = await Promise.all([
    remotes.dynamics.introspect(
      relatedNames(
        tables.map((table) => table.logicalName),
        tables.flatMap(lookupTargets),
      ),
      call,
    ),
    remotes.campaign.introspect(
      relatedNames(
        schemas.map((schema) => schema.name),
        schemas.flatMap((schema) => linkTargets(schema.root)),
      ),
      call,
    ),
  ]);
  return { tables: [...tables, ...relatedTables], schemas: [...schemas, ...relatedSchemas] };
}

function lookupTargets(table: Table): readonly string[] {
  return table.columns
    .filter((column) => column.readable)
    .flatMap((column) => column.targets.map((target) => target.table));
}

function linkTargets(element: SchemaElement): readonly string[] {
  const own = element.links.filter((link) => link.cardinality === 'one').map((link) => link.target);
  return [...own, ...element.elements.flatMap(linkTargets)];
}

/** The names beyond the known ones, bounded so that one odd table cannot draw in the whole organization. */
function relatedNames(known: readonly string[], names: readonly string[]): readonly string[] {
  return unique(names)
    .filter((name) => !known.includes(name))
    .sort()
    .slice(0, MAX_RELATED);
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
