import type { CampaignSchema } from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import { keepLast, once } from '../../model/keep-last.js';
import type { Order, RecordQuery } from '../../model/query.js';
import { type XmlElement, xml } from '../../model/xml.js';
import { allOf, anyOf, type Condition, compileFilter, expression, whereElement } from './compile-filter.js';
import { badCursor, fingerprint, readCursor } from './cursor.js';
import { isZeroWhenEmpty, literal, literalKind } from './literals.js';
import { type Describe, keyPaths, type ResolvedPath, resolvePath } from './paths.js';
import { buildShape, type Shape, shapePaths } from './shape.js';

/** A query in Campaign's words, and what its answer is read by. */
export interface CompiledQuery {
  /** `<queryDef operation="select">`; asks for one record more than the page, to see whether there are more. */
  readonly select: XmlElement;
  /** `<queryDef operation="count">` of all matching records, whatever the cursor. */
  readonly count: () => XmlElement;
  readonly shape: Shape;
  /** What the records are ordered by, the key last. A record's values of these make its cursor. */
  readonly order: readonly OrderTerm[];
  /** What cursors tell the query by. */
  readonly fingerprint: () => string;
  /** True where the filter can match nothing, so that nothing need be asked. */
  readonly matchesNothing: boolean;
}

export interface OrderTerm {
  readonly path: ResolvedPath;
  readonly descending: boolean;
  /** What Campaign orders by: the path, or what stands in for it where it has no value. */
  readonly expression: string;
}

/** The most records a page may have. */
export const MAX_PAGE = 5_000;

/**
 * Compiles a neutral query to `xtk:queryDef` documents: https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 *
 * Pages go by key and never by `startLine`, which repeats or loses records when others come and go between two pages.
 * Throws `BAD_USER_INPUT` for an unknown path, a value that does not fit its attribute, and a cursor of another query.
 */
export function compileQuery(query: RecordQuery<CampaignSchema>, describe: Describe): CompiledQuery {
  assertPageSize(query.first);
  const schema = query.from;
  const resolve = (path: string) => resolvePath(schema, path, describe);
  const shape = buildShape(schema, query.select, describe);
  const order = orderOf(schema, query.orderBy ?? [], resolve);
  // Few queries need it, and hashing takes longer than the rest.
  const print = once(() =>
    fingerprint(
      schema,
      query.filter,
      order.map(({ expression, descending }) => `${expression} ${descending}`),
    ),
  );
  const filter = query.filter ? compileFilter(query.filter, resolve) : ALWAYS;
  const after = query.after === undefined ? ALWAYS : compileAfter(query.after, print(), order);
  return {
    select: selectElement(schema, query.first, partsOf(shape, order), allOf([filter, after])),
    count: () => xml('queryDef', queryAttributes(schema, 'count'), [whereElement(filter)]),
    shape,
    order,
    fingerprint: print,
    matchesNothing: filter.kind === 'constant' && !filter.value,
  };
}

const ALWAYS: Condition = { kind: 'constant', value: true };

function assertPageSize(first: number): void {
  if (Number.isInteger(first) && first >= 1 && first <= MAX_PAGE) return;
  throw new RequestError('BAD_USER_INPUT', `A page may have 1 to ${MAX_PAGE} records, but ${first} were asked for.`);
}

function selectElement(
  schema: CampaignSchema,
  first: number,
  { select, orderBy }: SelectParts,
  where: Condition,
): XmlElement {
  const attributes = { ...queryAttributes(schema, 'select'), lineCount: first + 1 };
  return xml('queryDef', attributes, [select, whereElement(where), orderBy]);
}

/** The parts of a `<queryDef>` that stay the same from query to query. */
interface SelectParts {
  readonly select: XmlElement;
  readonly orderBy: XmlElement;
}

function partsOf(shape: Shape, order: readonly OrderTerm[]): SelectParts {
  return keptParts(shape, [order], () => {
    const paths = [...shapePaths(shape), ...order.map((term) => term.path)];
    const expressions = [...new Set(paths.map((path) => path.expression))];
    return {
      select: xml(
        'select',
        {},
        expressions.map((expr) => xml('node', { expr })),
      ),
      orderBy: xml('orderBy', {}, order.map(orderNode)),
    };
  });
}

const keptParts = keepLast<SelectParts>();

function queryAttributes(schema: CampaignSchema, operation: 'select' | 'count') {
  return { xtkschema: 'xtk:queryDef', schema: schema.name, operation };
}

function orderNode(term: OrderTerm): XmlElement {
  return xml('node', { expr: term.expression, sortDesc: term.descending ? true : undefined });
}

function orderOf(
  schema: CampaignSchema,
  orderBy: readonly Order[],
  resolve: (path: string) => ResolvedPath,
): readonly OrderTerm[] {
  const known = orderBy.length === 0 ? keyOrders.get(schema) : undefined;
  if (known) return known;
  const order = compileOrder(schema, orderBy, resolve);
  // Where a link is crossed, the other schema may be described anew.
  if (orderBy.length === 0 && order.every(({ path }) => path.links.length === 0)) keyOrders.set(schema, order);
  return order;
}

/** Most queries ask for no order of their own. */
const keyOrders = new WeakMap<CampaignSchema, readonly OrderTerm[]>();

/** The order asked for, made total by the key. What is named again changes nothing, and databases refuse it. */
function compileOrder(
  schema: CampaignSchema,
  orderBy: readonly Order[],
  resolve: (path: string) => ResolvedPath,
): readonly OrderTerm[] {
  const key = keyPaths(schema).map(resolve);
  const isKey = (path: ResolvedPath) => key.some((part) => part.path === path.path);
  const first = new Map<string, Order>();
  for (const order of orderBy) if (!first.has(order.path)) first.set(order.path, order);
  const asked = [...first.values()].map(({ path, descending }) => orderTerm(resolve(path), descending, isKey));
  const rest = key.filter((part) => !asked.some((term) => term.path.path === part.path));
  return [...asked, ...rest.map((part) => orderTerm(part, false, isKey))];
}

/**
 * Databases differ in where they put nulls and compare nothing with them, so what may be null is replaced by what comes before every value.
 * Keys never are, and numbers of the record itself are 0 and not null.
 */
function orderTerm(path: ResolvedPath, descending: boolean, isKey: (path: ResolvedPath) => boolean): OrderTerm {
  const neverNull = isKey(path) || (path.links.length === 0 && isZeroWhenEmpty(literalKind(path.attribute.type)));
  const ordered = neverNull ? path.expression : `Coalesce(${path.expression}, ${emptyLiteral(path)})`;
  return { path, descending, expression: ordered };
}

/** What a value that is not there counts as in an order. */
function emptyLiteral(path: ResolvedPath): string {
  const kind = literalKind(path.attribute.type);
  if (isZeroWhenEmpty(kind)) return '0';
  if (kind === 'text') return "''";
  return kind === 'time' ? '#00:00:00#' : literal('1900-01-01', path);
}

/** The records after a cursor: greater in the first term, or equal in it and greater in the second, and so on. */
function compileAfter(cursor: string, query: string, order: readonly OrderTerm[]): Condition {
  const values = readCursor(cursor, query, order.length);
  const literals = order.map((term, index) => orderLiteral(term, values[index] ?? ''));
  return anyOf(
    order.map((term, index) => {
      const same = order.slice(0, index).map((earlier, at) => expression(`${earlier.expression} = ${literals[at]}`));
      return allOf([...same, expression(`${term.expression} ${term.descending ? '<' : '>'} ${literals[index]}`)]);
    }),
  );
}

function orderLiteral(term: OrderTerm, value: string): string {
  try {
    return value === '' ? emptyLiteral(term.path) : literal(value, term.path);
  } catch {
    throw badCursor('it was not made by this server');
  }
}
