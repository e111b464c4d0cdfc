import type { CompiledSchema, LinkNode, SchemaLookup, ValueNode } from './schema-model.js';
import type { Row, Table } from './store.js';
import { emptyValue, kindOf, type Value } from './values.js';

/** The data as one session sees it: its generation of schemas over the rows that all share. */
export interface SessionView {
  readonly lookup: SchemaLookup;
  /** The rows of a schema that has a data source. */
  tableOf(schema: CompiledSchema): Table;
  /** Tells whether the filter of a link lets a row of its target through; without it every row passes. */
  passes?(link: LinkNode, target: CompiledSchema, row: Row): boolean;
  now(): Date;
  /** Id of the operator who asks. */
  readonly operatorId: number;
  /** Login of that operator. */
  readonly login?: string;
  /** Named rights of that operator; every right where they are not told. */
  readonly rights?: ReadonlySet<string>;
}

/** The stored value of an attribute, or what the column holds where the row never had one. */
export function storedValue(row: Row | null, node: ValueNode): Value {
  return row?.values[node.path] ?? emptyValue(kindOf(node.type));
}

/** The rows that a link leads to. A foreign key that holds nothing leads nowhere. */
export function followLink(view: SessionView, row: Row, link: LinkNode): readonly Row[] {
  const target = view.lookup(link.target);
  if (!target?.table || link.joins.length === 0) return [];
  const values = link.joins.map((join) => row.values[join.source]);
  if (values.every((value) => value === undefined || value === null || value === '' || value === 0)) return [];
  const rows = view.tableOf(target).find(
    link.joins.map((join) => join.destination),
    values,
  );
  return link.filter === null ? rows : rows.filter((row) => view.passes?.(link, target, row) ?? true);
}

/** The rows at the end of several links, each once: there and back through a collection would multiply them. */
export function followLinks(view: SessionView, row: Row | null, links: readonly LinkNode[]): readonly Row[] {
  let rows: readonly Row[] = row ? [row] : [];
  for (const link of links) {
    const [only] = rows;
    rows = only && rows.length === 1 ? followLink(view, only, link) : distinctRows(rows, view, link);
  }
  return rows;
}

function distinctRows(rows: readonly Row[], view: SessionView, link: LinkNode): readonly Row[] {
  return [...new Set(rows.flatMap((current) => followLink(view, current, link)))];
}
