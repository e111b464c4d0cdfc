import { type GraphQLOutputType, getNamedType, isObjectType } from 'graphql';
import { RequestError } from '../../model/errors.js';
import type { Page } from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import { createQueryMemo } from '../once-per-query.js';
import { type FieldNodes, type QueryInfo, selectedFields } from '../selection.js';

/** What a query asks of a list. */
export interface ConnectionShape {
  /** The places that ask for fields of the records: below `nodes` and below `edges { node }`. */
  readonly records: FieldNodes;
  readonly wantsEdges: boolean;
  readonly wantsEndCursor: boolean;
  readonly wantsCount: boolean;
  /** True where the count alone is asked for. */
  readonly countOnly: boolean;
}

/** Reads what `nodes` ask of a list whose pages are of `type`. */
export function connectionShape(info: QueryInfo, type: GraphQLOutputType, nodes: FieldNodes): ConnectionShape {
  return shapes(info, nodes, type, () => readShape(info, type, nodes));
}

const shapes = createQueryMemo<ConnectionShape>();

function readShape(info: QueryInfo, type: GraphQLOutputType, nodes: FieldNodes): ConnectionShape {
  const connection = fieldsBelow(info, type, nodes);
  const edges = connection.get('edges') ?? [];
  const edgeType = isObjectType(type) ? type.getFields().edges?.type : undefined;
  const edgeFields = fieldsBelow(info, edgeType, edges);
  const pageInfo = connection.get('pageInfo') ?? [];
  return {
    records: [...(connection.get('nodes') ?? []), ...(edgeFields.get('node') ?? [])],
    wantsEdges: edges.length > 0,
    wantsEndCursor: pageInfo.length > 0,
    wantsCount: connection.has('totalCount'),
    countOnly: !connection.has('nodes') && edges.length === 0 && pageInfo.length === 0,
  };
}

function fieldsBelow(
  info: QueryInfo,
  type: GraphQLOutputType | undefined,
  nodes: FieldNodes,
): ReadonlyMap<string, FieldNodes> {
  // The types of lists are wrapped; what matters is the object inside.
  const named = getNamedType(type);
  return isObjectType(named) ? selectedFields(info, named, nodes) : new Map();
}

/** A page as GraphQL reads it: plain data, with the parts that were asked for. */
export interface ConnectionData {
  readonly nodes: readonly object[];
  readonly edges: readonly { readonly cursor: string; readonly node: object }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: Page['count'];
}

export function toConnection(
  page: Page,
  shape: ConnectionShape,
  toNode: (record: RecordData, index: number) => object,
): ConnectionData {
  const nodes = page.records.map(toNode);
  const last = nodes.length - 1;
  return {
    nodes,
    edges: shape.wantsEdges ? nodes.map((node, index) => ({ cursor: page.cursorAt(index), node })) : [],
    pageInfo: {
      hasNextPage: page.hasNextPage,
      endCursor: shape.wantsEndCursor && last >= 0 ? page.cursorAt(last) : null,
    },
    totalCount: page.count,
  };
}

/** The answer to a filter that no record can pass; nothing is asked of a remote for it. */
export const EMPTY_CONNECTION: ConnectionData = {
  nodes: [],
  edges: [],
  pageInfo: { hasNextPage: false, endCursor: null },
  totalCount: { value: 0, exact: true },
};

/** Records a page where the client does not say. */
export const DEFAULT_FIRST = 50;

const MAX_FIRST = 5000;

/** Rejects with BAD_USER_INPUT a page size outside 1 to 5000. */
export function readFirst(first: number | null | undefined): number {
  const size = first ?? DEFAULT_FIRST;
  if (size >= 1 && size <= MAX_FIRST) return size;
  throw new RequestError('BAD_USER_INPUT', `Expected "first" between 1 and ${MAX_FIRST}, but got ${size}.`, {
    field: 'first',
  });
}
