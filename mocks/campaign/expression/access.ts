import type { Bound } from '../row-index.js';
import type { LinkNode, ValueNode } from '../schema-model.js';
import type { Value } from '../values.js';
import type { Compiled } from './compile.js';
import { compareOperands, type Operand } from './operand.js';

/** Rows by the values of an attribute; `end` tells of values that stand at the end of links. */
export interface Candidates {
  readonly path: string;
  readonly values: readonly Value[];
  readonly end?: LinkEnd;
}

/** Simple links, and a stored attribute of the schema that they lead to. */
export interface LinkEnd {
  readonly links: readonly LinkNode[];
  readonly column: ValueNode;
}

/** Rows whose value at a stored attribute lies within bounds. */
export interface Range {
  readonly column: ValueNode;
  readonly low?: Bound;
  readonly high?: Bound;
}

/** How an index can find the rows that an expression may hold for; empty where none can. */
export interface Access {
  readonly candidates?: Candidates;
  readonly range?: Range;
}

/** What `column operator constant` finds; both are of one kind. */
export function accessByConstant(operator: string, operand: Compiled, constant: Operand): Access {
  if (operator === '=') return accessByMembers(operand, [constant]);
  const { column, kind } = operand;
  // Text of an int64 has another order than its number.
  if (!column || constant === null || typeof constant === 'bigint' || kind === 'int64') return {};
  const bound: Bound = { value: constant, inclusive: operator.endsWith('=') };
  return { range: operator.startsWith('<') ? { column, high: bound } : { column, low: bound } };
}

/** What `column IN (constants)` finds; all are of one kind. */
export function accessByMembers({ column, end }: Compiled, constants: readonly Operand[]): Access {
  const values = constants.map((value) => (typeof value === 'bigint' ? value.toString() : value));
  if (column) return { candidates: { path: column.path, values } };
  // Nothing is also what a link that leads nowhere gives: no index knows those rows.
  return end && values.every(Boolean) ? { candidates: { path: end.column.path, values, end } } : {};
}

/** What several expressions find together. */
export function accessOf(operator: 'and' | 'or', operands: readonly Compiled[]): Access {
  return operator === 'and' ? intersection(operands) : union(operands);
}

/** Values of the row itself before those at the end of links, then whatever names the fewest. */
function intersection(operands: readonly Compiled[]): Access {
  const named = operands.flatMap((operand) => operand.candidates ?? []);
  const [candidates] = named.sort((left, right) => rank(left) - rank(right));
  const ranges = operands.flatMap((operand) => operand.range ?? []);
  const range = ranges.reduce<Range | undefined>(narrow, undefined);
  return { ...(candidates && { candidates }), ...(range && { range }) };
}

const LINK_RANK = 1_000_000;

function rank({ values, end }: Candidates): number {
  return values.length + (end ? LINK_RANK : 0);
}

function narrow(range: Range | undefined, next: Range): Range {
  if (!range || range.column.path !== next.column.path) return range ?? next;
  const low = tighter(range.low, next.low, 1);
  const high = tighter(range.high, next.high, -1);
  return { column: range.column, ...(low && { low }), ...(high && { high }) };
}

function tighter(left: Bound | undefined, right: Bound | undefined, direction: 1 | -1): Bound | undefined {
  if (!left || !right) return left ?? right;
  const order = compareOperands(left.value, right.value) * direction;
  if (order === 0) return left.inclusive ? right : left;
  return order > 0 ? left : right;
}

function union(operands: readonly Compiled[]): Access {
  const [first] = operands;
  const path = first?.candidates?.path;
  const isOnePath = operands.every(({ candidates }) => candidates && !candidates.end && candidates.path === path);
  if (path === undefined || !isOnePath) return {};
  return { candidates: { path, values: operands.flatMap((operand) => operand.candidates?.values ?? []) } };
}
