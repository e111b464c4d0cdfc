import type { FilterNode } from './ast.js';
import { ODataSyntaxError, ODataUnsupportedError } from './errors.js';
import { type ParseOptions, parseFilter } from './parser.js';
import { splitAtTopLevel } from './split.js';

/** An aggregate of `$apply`. `path` is null for `$count`. */
export interface ApplyAggregate {
  readonly path: readonly string[] | null;
  readonly method: 'count' | 'sum' | 'average' | 'min' | 'max' | 'countdistinct';
  readonly alias: string;
}

/** A parsed `$apply`: conditions first, then one grouping, or one aggregation of all rows. */
export interface ApplyNode {
  readonly filters: readonly FilterNode[];
  readonly groupBy: readonly (readonly string[])[];
  readonly aggregates: readonly ApplyAggregate[];
}

/**
 * Parses an `$apply`: `filter(…)/groupby((a,b),aggregate($count as n,revenue with sum as total))`.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/aggregate-data
 *
 * Throws `ODataSyntaxError`, and `ODataUnsupportedError` for transformations that Dataverse does not know.
 */
export function parseApply(text: string, options: ParseOptions = {}): ApplyNode {
  const steps = splitAtTopLevel(text, '/').map(({ text: step, position }) => parseCall(step, position));
  const last = steps.at(-1);
  if (last === undefined) throw new ODataSyntaxError('The $apply expression is empty.', 0);
  const isFilter = last.name === 'filter';
  const before = isFilter ? steps : steps.slice(0, -1);
  const misplaced = before.find(({ name }) => name !== 'filter');
  if (misplaced !== undefined)
    throw new ODataUnsupportedError(`The transformation '${misplaced.name}' must be the last one of $apply.`);
  const filters = before.map(({ argument }) => parseFilter(argument, options));
  return { filters, ...(isFilter ? { groupBy: [], aggregates: [] } : parseLast(last)) };
}

interface Call {
  readonly name: string;
  readonly argument: string;
  readonly position: number;
}

const TRANSFORMATIONS: ReadonlySet<string> = new Set(['filter', 'groupby', 'aggregate']);

function parseCall(text: string, position: number): Call {
  const [, name = '', argument = ''] = /^([a-z]+)\s*\((.*)\)$/s.exec(text) ?? [];
  if (TRANSFORMATIONS.has(name)) return { name, argument, position };
  throw new ODataSyntaxError(
    `'${name === '' ? text : name}' is not a valid transformation of $apply at position ${position}; filter, groupby or aggregate expected.`,
    position,
  );
}

function parseLast({ name, argument, position }: Call): Pick<ApplyNode, 'groupBy' | 'aggregates'> {
  if (name === 'aggregate') return { groupBy: [], aggregates: parseAggregates(argument) };
  const [columns, aggregate, ...others] = splitAtTopLevel(argument, ',');
  const list = /^\((.*)\)$/s.exec(columns?.text ?? '')?.[1];
  if (list === undefined || others.length > 0)
    throw new ODataSyntaxError(
      `groupby at position ${position} takes a list of properties in parentheses, and an aggregate.`,
      position,
    );
  const groupBy = splitAtTopLevel(list, ',').map(({ text, position: at }) => parsePath(text, at));
  if (groupBy.length === 0) throw new ODataSyntaxError('groupby names no property.', position);
  if (aggregate === undefined) return { groupBy, aggregates: [] };
  const call = parseCall(aggregate.text, aggregate.position);
  if (call.name !== 'aggregate')
    throw new ODataUnsupportedError(`The transformation '${call.name}' is not supported inside groupby.`);
  return { groupBy, aggregates: parseAggregates(call.argument) };
}

const METHODS: ReadonlySet<string> = new Set(['sum', 'average', 'min', 'max', 'countdistinct']);

function parseAggregates(text: string): ApplyAggregate[] {
  const aggregates = splitAtTopLevel(text, ',').map(({ text: item, position }) => parseAggregate(item, position));
  if (aggregates.length === 0) throw new ODataSyntaxError('aggregate names no property.', 0);
  return aggregates;
}

function parseAggregate(text: string, position: number): ApplyAggregate {
  const count = /^\$count\s+as\s+(\w+)$/.exec(text)?.[1];
  if (count !== undefined) return { path: null, method: 'count', alias: count };
  const [, path = '', method = '', alias = ''] = /^(\S+)\s+with\s+(\w+)\s+as\s+(\w+)$/.exec(text) ?? [];
  if (!isMethod(method)) {
    throw new ODataSyntaxError(
      `Syntax error at position ${position} in '${text}': an aggregate is written 'property with sum as alias' or '$count as alias'.`,
      position,
    );
  }
  return { path: parsePath(path, position), method, alias };
}

function isMethod(text: string): text is Exclude<ApplyAggregate['method'], 'count'> {
  return METHODS.has(text);
}

function parsePath(text: string, position: number): readonly string[] {
  const path = text.split('/');
  if (path.every((name) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name))) return path;
  throw new ODataSyntaxError(`'${text}' at position ${position} is not a property.`, position);
}
