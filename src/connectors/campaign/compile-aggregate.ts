import type { AggregateFunction, AggregateQuery, Measure } from '../../model/aggregate.js';
import type { CampaignSchema } from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import { type XmlElement, xml } from '../../model/xml.js';
import { type Condition, compileFilter, whereElement } from './compile-filter.js';
import { type LiteralKind, literalKind } from './literals.js';
import { type Describe, keyPaths, type ResolvedPath, resolvePath } from './paths.js';

/** An aggregate query in Campaign's words; the answer has each value in the attribute that its alias names. */
export interface CompiledAggregate {
  /** `<queryDef operation="select">`; asks for one group more than are read, to see whether there are more. */
  readonly select: XmlElement;
  readonly keys: readonly Aliased<{ readonly path: ResolvedPath }>[];
  /** Null where the count was not asked for. */
  readonly count: string | null;
  readonly measures: readonly Aliased<{ readonly function: AggregateFunction; readonly path: ResolvedPath }>[];
  /** True where the filter can match nothing, so that nothing need be asked. */
  readonly matchesNothing: boolean;
}

type Aliased<Value> = Value & { readonly alias: string };

/** Groups that are read at most: Campaign itself has no bound. */
export const MAX_GROUPS = 10_000;

/**
 * Compiles an aggregate query to `xtk:queryDef`: https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 * Throws `BAD_USER_INPUT` for an unknown path, and one that cannot be grouped by or summed up.
 */
export function compileAggregate(query: AggregateQuery<CampaignSchema>, describe: Describe): CompiledAggregate {
  const schema = query.from;
  const resolve = (path: string) => resolvePath(schema, path, describe);
  const keys = [...new Set(query.groupBy)].map((path, index) => ({
    path: groupedPath(resolve(path)),
    alias: `k${index}`,
  }));
  const measures = query.measures.map((measure, index) => ({
    function: measure.function,
    path: measuredPath(resolve(measure.path), measure),
    alias: `v${index}`,
  }));
  const counted = query.count || (keys.length === 0 && measures.length === 0) ? countExpression(schema, resolve) : null;
  const filter: Condition = query.filter ? compileFilter(query.filter, resolve) : { kind: 'constant', value: true };
  const nodes = [
    ...keys.map(keyNode),
    ...(counted === null ? [] : [xml('node', { expr: counted, alias: '@count' })]),
    ...measures.map((measure) =>
      xml('node', { expr: `${FUNCTIONS[measure.function]}(${measure.path.expression})`, alias: `@${measure.alias}` }),
    ),
  ];
  const attributes = { xtkschema: 'xtk:queryDef', schema: schema.name, operation: 'select', lineCount: MAX_GROUPS + 1 };
  return {
    select: xml('queryDef', attributes, [xml('select', {}, nodes), whereElement(filter)]),
    keys,
    count: query.count ? 'count' : null,
    measures,
    matchesNothing: filter.kind === 'constant' && !filter.value,
  };
}

const FUNCTIONS = {
  sum: 'Sum',
  avg: 'Avg',
  min: 'Min',
  max: 'Max',
  countDistinct: 'countDistinct',
} as const satisfies Record<AggregateFunction, string>;

function countExpression(schema: CampaignSchema, resolve: (path: string) => ResolvedPath): string {
  const [key = ''] = keyPaths(schema);
  return `Count(${resolve(key).expression})`;
}

/** Campaign stores an empty text as null or as ''; both are one group. Literals cannot be bound where a query groups. */
function keyNode({ path, alias }: Aliased<{ readonly path: ResolvedPath }>): XmlElement {
  const isText = literalKind(path.attribute.type) === 'text';
  const expr = isText ? `Coalesce(${path.expression}, '')` : path.expression;
  return xml('node', { expr, alias: `@${alias}`, groupBy: true, noSqlBind: isText ? true : undefined });
}

function groupedPath(path: ResolvedPath): ResolvedPath {
  if (!LONG.has(path.attribute.type)) return path;
  throw badPath(path, 'grouped by: it holds long texts');
}

const LONG: ReadonlySet<string> = new Set(['memo', 'html', 'blob']);

function measuredPath(path: ResolvedPath, measure: Measure): ResolvedPath {
  const kind = literalKind(path.attribute.type);
  const kinds = KINDS[measure.function];
  if (!LONG.has(path.attribute.type) && (kinds === null || kinds.has(kind))) return path;
  throw badPath(path, `asked for ${measure.function}: it is of type ${path.attribute.type}`);
}

const NUMBERS: readonly LiteralKind[] = ['number', 'integer'];

/** Null where a function takes every kind. */
const KINDS: Readonly<Record<AggregateFunction, ReadonlySet<LiteralKind> | null>> = {
  sum: new Set(NUMBERS),
  avg: new Set(NUMBERS),
  min: new Set([...NUMBERS, 'date', 'datetime']),
  max: new Set([...NUMBERS, 'date', 'datetime']),
  countDistinct: null,
};

function badPath({ path }: ResolvedPath, what: string): RequestError {
  return new RequestError('BAD_USER_INPUT', `"${path}" cannot be ${what}.`);
}
