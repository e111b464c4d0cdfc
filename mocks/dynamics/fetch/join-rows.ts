import type { RequestContext } from '../context.js';
import { type Reach, reachOf } from '../reach.js';
import { isReference, type Row } from '../store.js';
import { type ConditionParts, compileCondition, isForeign, type ScopePredicate } from './conditions.js';
import type { FetchCondition, FetchEntity, FetchLink, FetchQuery } from './query.js';
import type { Scope } from './scope.js';

/**
 * The joined rows of a query that match its conditions, in the order of the ids of the root's rows. `ids` limits the root to a filtered
 * collection; null means all its rows. Conditions are checked at once, rows are read as they are asked for.
 */
export function joinRows(context: RequestContext, query: FetchQuery, ids: Iterable<string> | null): Iterable<Scope> {
  const joiner = new Joiner(context, query.entities);
  return joiner.scopes(query.root, ids);
}

class Joiner {
  /** By the index of the entity. */
  private readonly tests: (ScopePredicate | undefined)[] = [];
  private readonly late: ScopePredicate[] = [];
  private readonly parts: ConditionParts;
  /** Rows that the caller may not read are passed over; by the index of the entity. */
  private readonly reaches: readonly (Reach | null)[];

  constructor(
    private readonly context: RequestContext,
    entities: readonly FetchEntity[],
  ) {
    this.parts = {
      context,
      entities,
      isRelated: (link, owner, scope) => this.isRelated(link, owner, scope),
    };
    for (const entity of entities) this.prepare(entity);
    this.reaches = entities.map(({ table }) => reachOf(context, 'Read', table));
  }

  *scopes(root: FetchEntity, ids: Iterable<string> | null): Generator<Scope> {
    const rows = this.context.store.table(root.table.name);
    const test = this.tests[root.index];
    for (const id of ids === null ? this.rootIds(root) : [...ids].sort()) {
      const row = rows.get(id);
      if (row === undefined || this.reaches[root.index]?.(row) === false) continue;
      const scope = place([], root.index, row);
      if (test?.(scope) === false) continue;
      for (const joined of this.joinAll(scope, root, root.links)) {
        if (this.late.every((isMatch) => isMatch(joined))) yield joined;
      }
    }
  }

  private prepare(entity: FetchEntity): void {
    if (entity.condition === null) return;
    const parts = entity.condition.kind === 'and' ? entity.condition.parts : [entity.condition];
    const compile = (part: FetchCondition) => compileCondition(this.parts, entity, part);
    const own = parts.filter((part) => !isForeign(part)).map(compile);
    this.late.push(...parts.filter(isForeign).map(compile));
    this.tests[entity.index] = (scope) => own.every((test) => test(scope));
  }

  /** An equality that stands alone or under `and` is looked up in an index. */
  private rootIds(root: FetchEntity): Iterable<string> {
    const rows = this.context.store.table(root.table.name);
    const found = root.condition === null ? undefined : equalities(root.condition)[0];
    const column = found === undefined ? undefined : root.table.columns.get(found.column);
    if (found === undefined || column === undefined || column.type.startsWith('Date')) return rows.sortedIds();
    const ids = found.values.flatMap((value) => [...rows.idsWith(found.column, value.replace(/[{}]/g, ''))]);
    return [...new Set(ids)].sort();
  }

  private *joinAll(scope: Scope, owner: FetchEntity, links: readonly FetchLink[]): Generator<Scope> {
    const [link, ...rest] = links;
    if (link === undefined) {
      yield scope;
      return;
    }
    for (const joined of this.joinOne(scope, owner, link)) yield* this.joinAll(joined, owner, rest);
  }

  private *joinOne(scope: Scope, owner: FetchEntity, link: FetchLink): Generator<Scope> {
    const { kind } = link.join;
    if (kind !== 'inner' && kind !== 'outer' && kind !== 'first') {
      if (this.isRelated(link, owner, scope)) yield scope;
      return;
    }
    let isEmpty = true;
    for (const joined of this.linked(scope, owner, link)) {
      isEmpty = false;
      yield joined;
      if (kind === 'first') return;
    }
    if (isEmpty && kind === 'outer') yield scope;
  }

  /** The scope with each row of the link that matches, and what hangs on that in turn. */
  private *linked(scope: Scope, owner: FetchEntity, link: FetchLink): Generator<Scope> {
    const test = this.tests[link.index];
    for (const row of this.candidates(scope, owner, link)) {
      const joined = place(scope, link.index, row);
      if (test?.(joined) !== false) yield* this.joinAll(joined, link, link.links);
    }
  }

  private candidates(scope: Scope, owner: FetchEntity, { table, join, index }: FetchLink): Row[] {
    const cell = scope[owner.index]?.[join.to.name];
    if (cell === undefined) return [];
    const value = isReference(cell) ? cell.id : cell;
    const rows = this.context.store.table(table.name);
    const found = [...rows.idsWith(join.from.name, value)].sort().map((id) => rows.get(id));
    const isReached = this.reaches[index] ?? (() => true);
    return found.filter((row) => row !== undefined).filter(isReached);
  }

  /** https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/filter-rows#filter-on-values-in-related-records */
  private isRelated(link: FetchLink, owner: FetchEntity, scope: Scope): boolean {
    const { kind } = link.join;
    const hasMatch = () => this.linked(scope, owner, link).next().done === false;
    if (kind === 'not any') return !hasMatch();
    // Rows that have related ones, none of which matches: so the vendor defines "all"; "not all" is what "any" is.
    if (kind === 'all') return this.candidates(scope, owner, link).length > 0 && !hasMatch();
    return hasMatch();
  }
}

function place(scope: Scope, index: number, row: Row): Scope {
  const placed = [...scope];
  placed[index] = row;
  return placed;
}

function equalities(condition: FetchCondition): { readonly column: string; readonly values: readonly string[] }[] {
  if (condition.kind === 'and') return condition.parts.flatMap(equalities);
  const isEquality =
    condition.kind === 'column' &&
    condition.entityName === null &&
    condition.valueOf === null &&
    (condition.operator === 'eq' || condition.operator === 'in');
  return isEquality ? [condition] : [];
}
