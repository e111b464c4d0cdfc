import type { Compiled } from '../expression/compile.js';
import { logic } from '../expression/compile.js';
import type { CompiledSchema } from '../schema-model.js';
import { childrenNamed, type XmlElement } from '../xml.js';
import { compileConditions } from './conditions.js';
import type { QueryContext } from './context.js';

/**
 * The rows of a schema that an operator may read or write: its `sysFilter` elements of this name, and those without a name, which are
 * about both. Undefined where nothing restricts.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/editing-schemas/filtering-schemas.html
 */
export function systemFilter(
  schema: CompiledSchema,
  access: 'readAccess' | 'writeAccess',
  context: QueryContext,
): Compiled | undefined {
  const conditions = filtersOf(schema)
    .filter(({ attributes }) => (attributes.name ?? access) === access)
    .flatMap((filter) => compileConditions(filter, schema, context) ?? []);
  const [only] = conditions;
  return conditions.length > 1 ? logic('and', conditions) : only;
}

const FILTERS = new WeakMap<XmlElement, readonly XmlElement[]>();

function filtersOf({ document, name }: CompiledSchema): readonly XmlElement[] {
  let filters = FILTERS.get(document);
  if (!filters) {
    const root = childrenNamed(document, 'element').find((child) => child.attributes.name === name);
    filters = root?.children.filter((child) => child.name.toLowerCase() === 'sysfilter') ?? [];
    FILTERS.set(document, filters);
  }
  return filters;
}
