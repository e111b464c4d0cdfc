import { queryError } from '../errors.js';
import type { ExpandItem, FilterNode, OrderItem } from '../odata/ast.js';
import { parseFilter } from '../odata/parser.js';
import { parseExpand, parseOrderBy, parseQueryOptions, parseSelect, parseTop } from '../odata/query-options.js';

/** The query options of a request, parsed. Those that were not given are undefined. */
export interface QueryOptions {
  readonly select?: readonly string[];
  readonly filter?: FilterNode;
  readonly orderBy?: readonly OrderItem[];
  readonly expand?: readonly ExpandItem[];
  readonly top?: number;
  readonly count?: boolean;
  readonly skipToken?: string;
  readonly deltaToken?: string;
  /** Parameter aliases and anything else, decoded, by name. */
  readonly all: ReadonlyMap<string, string>;
  /** The options as written, but for `$skiptoken` and `$deltatoken`: what links repeat. */
  readonly rawWithoutToken: readonly string[];
}

/** System options the service does not know: https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/overview */
const KNOWN = new Set([
  '$select',
  '$filter',
  '$orderby',
  '$expand',
  '$top',
  '$count',
  '$skiptoken',
  '$deltatoken',
  '$id',
  '$apply',
]);

/** Parses a query string without its `?`. @throws DynamicsError, ODataError */
export function parseOptions(search: string): QueryOptions {
  const all = parseQueryOptions(search);
  for (const name of all.keys()) {
    if (name.startsWith('$') && !KNOWN.has(name)) throw queryError(`The query parameter ${name} is not supported.`);
  }
  const text = (name: string) => all.get(name);
  return {
    ...optional('select', text('$select'), parseSelect),
    ...optional('filter', text('$filter'), (it) => parseFilter(it, { aliases: all })),
    ...optional('orderBy', text('$orderby'), (it) => parseOrderBy(it, { aliases: all })),
    ...optional('expand', text('$expand'), parseExpand),
    ...optional('top', text('$top'), parseTop),
    ...optional('count', text('$count'), parseCount),
    ...optional('skipToken', text('$skiptoken'), (it) => it),
    ...optional('deltaToken', text('$deltatoken'), (it) => it),
    all,
    rawWithoutToken: search.split('&').filter((part) => part !== '' && !/^(\$|%24)(skiptoken|deltatoken)=/i.test(part)),
  };
}

function optional<Name extends string, Value>(
  name: Name,
  text: string | undefined,
  parse: (text: string) => Value,
): { [Key in Name]?: Value } {
  if (text === undefined) return {};
  // The one property is named by the argument, which TypeScript cannot see in a computed key.
  return { [name]: parse(text) } as { [Key in Name]?: Value };
}

function parseCount(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw queryError(`Invalid value '${text}' for $count query option found. Valid values are 'true' and 'false'.`);
}
