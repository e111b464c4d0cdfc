import { badExpression, MethodError, unknownNode } from './errors.js';
import { type Compiled, compileExpression, type Scope } from './expression/compile.js';
import { isTruthy, toText } from './expression/operand.js';
import { clause, nodesOf } from './query/clauses.js';
import type { QueryContext } from './query/context.js';
import type { Grouping } from './query/groups.js';
import { compileOrders, type Order, sortScopes } from './query/orders.js';
import { rowFilter } from './query/rows.js';
import {
  type CompiledSchema,
  enumerationOf,
  type LinkNode,
  type ResolvedPath,
  resolvePath,
  type SchemaEnumeration,
  type SchemaNode,
  UnknownStep,
} from './schema-model.js';
import { followLink, type SessionView } from './session-view.js';
import type { Row } from './store.js';
import { isFreeContent, storedText } from './write/xml-content.js';
import { childrenNamed, escapeAttribute, escapeText, isTrue, isXmlName, type XmlElement } from './xml.js';

/** The `select` of a query, ready to write a row (or a group of rows) as the text of an element. */
export interface Selection extends Grouping {
  format(scope: Scope): string;
}

/** Where selected values go: the tree of the result. Below a link the scope is the linked row. */
interface Branch {
  readonly name: string;
  readonly link: LinkNode | null;
  readonly schema: CompiledSchema;
  /** Path of the element in its schema that paths below begin at; empty for a root. */
  readonly base: string;
  readonly values: Leaf[];
  /** Elements whose content is kept as XML. */
  readonly contents: SchemaNode[];
  readonly branches: Map<string, Branch>;
  /** What a node of a collection says about its members. */
  filter: Compiled | undefined;
  orders: readonly Order[];
}

function makeBranch(name: string, schema: CompiledSchema, base: string, link: LinkNode | null): Branch {
  return { name, link, schema, base, values: [], contents: [], branches: new Map(), filter: undefined, orders: [] };
}

interface Leaf {
  readonly name: string;
  readonly asElement: boolean;
  readonly compiled: Compiled;
  readonly enumeration: SchemaEnumeration | undefined;
}

/** Compiles the `node`s of a `select`. */
export function compileSelect(nodes: readonly XmlElement[], schema: CompiledSchema, context: QueryContext): Selection {
  const root = makeBranch(schema.name, schema, '', null);
  const keys: Compiled[] = [];
  let grouped = false;
  for (const [index, node] of nodes.entries()) {
    const compiled = addNode(root, node, index, context);
    if (!compiled) continue;
    grouped ||= compiled.aggregate || isTrue(node.attributes.groupBy);
    if (!compiled.aggregate) keys.push(compiled);
  }
  const emission: Emission = { view: context.view, members: 0 };
  return { format: (scope) => formatBranch(root, scope, emission), grouped, keys };
}

/** Puts one `node` into the tree, and those nested in it, whose paths begin where it leads. */
function addNode(branch: Branch, node: XmlElement, index: number, context: QueryContext): Compiled | undefined {
  const { view, parameters } = context;
  const written = node.attributes.expr ?? '';
  const nested = childrenNamed(node, 'node');
  const expr = isPath(written) ? `[${join(branch.base, pathOf(written))}]` : written;
  const resolved = resolveIfPath(expr, branch.schema, view);
  if (nested.length > 0) {
    if (!resolved) throw badExpression(expr, 'A node with nodes in it names an element or a link.');
    const inner = branchAt(branch, pathOf(written), view);
    restrict(inner, node, context);
    for (const [position, child] of nested.entries()) addNode(inner, child, position, context);
    return undefined;
  }
  if (resolved?.node.kind === 'link') {
    addLink(branchAt(branch, pathOf(written), view), view);
    return undefined;
  }
  if (resolved && isContent(resolved.node)) {
    addContent(branch, written, resolved.node, view);
    return undefined;
  }
  const compiled = compileExpression(expr, branch.schema, view, parameters);
  const alias = node.attributes.alias || undefined;
  // Values under their own path are computed in the row at its end, so that a collection gives one element a member.
  if (resolved && alias === undefined) addPath(branch, written, resolved, isTrue(node.attributes.analyze), view);
  else addAlias(branch, alias ?? `@computed${index + 1}`, compiled);
  return compiled;
}

/** A node of a collection may hold a `where` and an `orderBy` of its own. */
function restrict(branch: Branch, node: XmlElement, context: QueryContext): void {
  if (!branch.link) return;
  branch.filter = rowFilter(clause(node, 'where'), branch.schema, context);
  branch.orders = compileOrders(nodesOf(node, 'orderBy'), branch.schema, context);
}

function isContent(node: SchemaNode): boolean {
  return node.kind === 'element' ? node.unbound : node.kind === 'value' && isFreeContent(node);
}

function addContent(branch: Branch, expr: string, node: SchemaNode, view: SessionView): void {
  const path = pathOf(expr);
  const at = path.lastIndexOf('/');
  (at < 0 ? branch : branchAt(branch, path.slice(0, at), view)).contents.push(node);
}

function pathOf(expr: string): string {
  return expr
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^\//, '');
}

function isPath(expr: string): boolean {
  return /^\s*(\[[^\]]+\]|@?[A-Za-z_]\w*|[A-Za-z_]\w*(?:\/[A-Za-z_]\w*)*\/@[\w-]+)\s*$/.test(expr);
}

function join(base: string, path: string): string {
  return base === '' ? path : `${base}/${path}`;
}

function resolveIfPath(expr: string, schema: CompiledSchema, view: SessionView): ResolvedPath | undefined {
  if (!isPath(expr)) return undefined;
  try {
    return resolvePath(schema, pathOf(expr), view.lookup);
  } catch (error) {
    if (error instanceof UnknownStep) throw badExpression(expr, unknownNode(error.kind, error.step, error.schema));
    throw error;
  }
}

/** The branch at the end of a path of elements and links, made where it is missing. */
function branchAt(branch: Branch, path: string, view: SessionView): Branch {
  let current = branch;
  for (const step of path.split('/')) {
    const base = join(current.base, step);
    const { node, schema } = resolvePath(current.schema, base, view.lookup);
    const link = node.kind === 'link' ? node : null;
    const target = (link && view.lookup(link.target)) ?? schema;
    const next = current.branches.get(step) ?? makeBranch(step, target, link ? '' : base, link);
    current.branches.set(step, next);
    current = next;
  }
  return current;
}

function addPath(branch: Branch, expr: string, resolved: ResolvedPath, analyze: boolean, view: SessionView): void {
  const { node, schema } = resolved;
  if (node.kind !== 'value') throw badExpression(expr, `Element '${expr}' has no value of its own.`);
  const path = pathOf(expr);
  const at = path.lastIndexOf('/');
  const owner = at < 0 ? branch : branchAt(branch, path.slice(0, at), view);
  const own = node.isElement ? node.path : node.path.replace(/[^/]+$/, '@$&');
  const compiled = compileExpression(`[${own}]`, schema, view);
  const enumeration = analyze ? enumerationOf(node, schema, view.lookup) : undefined;
  owner.values.push({ name: node.name, asElement: node.isElement, compiled, enumeration });
}

/** `@total` or `total` at the row itself; `[stats/@total]` in an element made for it. */
function addAlias(branch: Branch, alias: string, compiled: Compiled): void {
  const steps = pathOf(alias).split('/');
  const name = (steps.pop() ?? '').replace(/^@/, '');
  const wrong = [...steps, name].find((step) => !isXmlName(step));
  if (wrong !== undefined) throw badExpression(alias, `The alias '${alias}' is no name of an element or attribute.`);
  let owner = branch;
  for (const step of steps) {
    const next = owner.branches.get(step) ?? makeBranch(step, owner.schema, owner.base, null);
    owner.branches.set(step, next);
    owner = next;
  }
  owner.values.push({ name, asElement: false, compiled, enumeration: undefined });
}

/** A link selected as a whole comes with the key of the row it leads to and that row's display name. */
function addLink(branch: Branch, view: SessionView): void {
  const { schema } = branch;
  const key = schema.keys.find((candidate) => candidate.internal) ?? schema.keys[0];
  for (const field of key?.fields ?? []) {
    const compiled = compileExpression(`[${field.replace(/[^/]+$/, '@$&')}]`, schema, view);
    branch.values.push({ name: field, asElement: false, compiled, enumeration: undefined });
  }
  if (schema.computeString === null) return;
  const compiled = compileExpression(schema.computeString, schema, view);
  branch.values.push({ name: '_cs', asElement: false, compiled, enumeration: undefined });
}

/** The members of collections that a query has given so far: collections within collections multiply. */
interface Emission {
  readonly view: SessionView;
  members: number;
}

const MAX_MEMBERS = 500_000;

function formatBranch(branch: Branch, scope: Scope, emission: Emission): string {
  let attributes = '';
  for (const attribute of writtenAttributes(branch))
    attributes += ` ${attribute.name}="${escapeAttribute(attribute.textOf(scope))}"`;
  let content = '';
  for (const { name, asElement, compiled } of branch.values) {
    if (asElement) content += formatText(name, toText(compiled.evaluate(scope)));
  }
  for (const node of branch.contents) content += scope.row ? storedText(node, scope.row.values) : '';
  for (const inner of branch.branches.values()) {
    for (const row of scopesBelow(inner, scope, emission)) content += formatBranch(inner, row, emission);
  }
  return content === '' ? `<${branch.name}${attributes}/>` : `<${branch.name}${attributes}>${content}</${branch.name}>`;
}

function formatText(name: string, text: string): string {
  return text === '' ? `<${name}/>` : `<${name}>${escapeText(text)}</${name}>`;
}

interface WrittenAttribute {
  readonly name: string;
  textOf(scope: Scope): string;
}

const WRITTEN = new WeakMap<Branch, readonly WrittenAttribute[]>();

/** The attributes of a branch, made once when all of its nodes are known. Of two with one name the last counts. */
function writtenAttributes(branch: Branch): readonly WrittenAttribute[] {
  let written = WRITTEN.get(branch);
  if (!written) {
    const byName = new Map(branch.values.flatMap(attributesOf).map((attribute) => [attribute.name, attribute]));
    written = [...byName.values()];
    WRITTEN.set(branch, written);
  }
  return written;
}

/** `analyze` adds the name and the label of an enumeration's value beside it. */
function attributesOf({ name, asElement, compiled, enumeration }: Leaf): readonly WrittenAttribute[] {
  const textOf = (scope: Scope) => toText(compiled.evaluate(scope));
  const own = asElement ? [] : [{ name, textOf }];
  if (!enumeration) return own;
  const entries = new Map([...enumeration.values].reverse().map((entry) => [entry.value, entry]));
  return [
    ...own,
    { name: `${name}Name`, textOf: (scope) => entries.get(textOf(scope))?.name ?? '' },
    { name: `${name}Label`, textOf: (scope) => entries.get(textOf(scope))?.label ?? '' },
  ];
}

/** A simple link always gives one element, with empty values where it leads nowhere; a collection one for each member. */
function scopesBelow(branch: Branch, scope: Scope, emission: Emission): readonly Scope[] {
  const { link } = branch;
  if (!link) return [scope];
  const rows: readonly (Row | null)[] = scope.row ? followLink(emission.view, scope.row, link) : [];
  if (!link.unbound) return [{ row: rows[0] ?? null }];
  emission.members += rows.length;
  if (emission.members > MAX_MEMBERS)
    throw new MethodError([`XTK-170006 The collections of the query have more than ${MAX_MEMBERS} members.`]);
  const { filter } = branch;
  const members = filter ? rows.filter((row) => isTruthy(filter.evaluate({ row }))) : rows;
  return sortScopes(
    members.map((row) => ({ row })),
    branch.orders,
  );
}
