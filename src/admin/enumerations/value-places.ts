import { isCompanion } from '../../mapping/companions.js';
import type { CampaignSchema, SchemaElement } from '../../model/campaign-schema.js';
import type { Catalog } from '../../model/catalog.js';
import type { ValuePlace } from './used-values.js';

/** Where records may hold the values of a list: what its columns are mapped to, and attributes of mapped schemas that offer the list. */
export function placesOf(
  { mappings, schemas }: Catalog,
  list: string,
  columns: readonly { readonly table: string; readonly column: string; readonly several: boolean }[],
): readonly ValuePlace[] {
  const mapped = columns.flatMap(({ table, column, several }) => {
    const mapping = mappings.find((one) => one.table === table);
    const schema = schemas.find((one) => one.name === mapping?.schema);
    const field = mapping?.fields.find((one) => one.column === column && !isCompanion(one, mapping.fields));
    return schema && field ? [{ schema, path: field.path, several }] : [];
  });
  const targets = schemas.filter((schema) => mappings.some((mapping) => mapping.schema === schema.name));
  return [...mapped, ...targets.flatMap((schema) => offering(schema, list))];
}

function offering(schema: CampaignSchema, list: string): readonly ValuePlace[] {
  const pathsIn = (element: SchemaElement, prefix: string): readonly string[] => [
    ...element.attributes.filter((one) => one.itemizedList === list).map((one) => `${prefix}${one.name}`),
    ...element.elements.flatMap((child) => pathsIn(child, `${prefix}${child.name}/`)),
  ];
  return pathsIn(schema.root, '').map((path) => ({ schema, path, several: false }));
}
