import { badExpression } from './errors.js';
import { type Compiled, compileExpression } from './expression/compile.js';
import { isTruthy } from './expression/operand.js';
import type { CompiledSchema, LinkNode } from './schema-model.js';
import type { SessionView } from './session-view.js';
import type { Row } from './store.js';

/** A filter may go through links that have filters themselves. */
const MAX_NESTED = 5;

/** The filters of links (`dstFilterExpr`), compiled once for a view. */
export class LinkFilters {
  private readonly compiled = new Map<LinkNode, Compiled>();
  private depth = 0;

  /** Tells whether a row of the target is linked. Faults for a filter that goes through its own link. */
  pass(link: LinkNode, target: CompiledSchema, row: Row, view: SessionView): boolean {
    const source = link.filter ?? 'true';
    if (this.depth >= MAX_NESTED) throw badExpression(source, `The filter of link '${link.name}' refers to itself.`);
    const filter = this.compiled.get(link) ?? compileExpression(source, target, view);
    this.compiled.set(link, filter);
    this.depth += 1;
    try {
      return isTruthy(filter.evaluate({ row }));
    } finally {
      this.depth -= 1;
    }
  }
}
