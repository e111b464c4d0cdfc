import type { GraphQLFieldResolver } from 'graphql';
import type { Page, Scalar } from '../../model/query.js';
import type { RecordData, RecordValue } from '../../model/record.js';
import type { UnifiedContext } from '../context.js';
import { all } from '../read-filter.js';
import {
  askedBy,
  fieldOf,
  type ListArguments,
  narrowed,
  type RelatedQuery,
  readCollection,
  readRelated,
} from '../read-related.js';
import { resolvedSource, type UnifiedTarget } from '../schema/field-source.js';
import { oncePerPlace } from '../selection.js';
import { NOTHING, valueAt } from '../selections.js';
import { type ConnectionData, EMPTY_CONNECTION, toConnection } from './connection.js';
import { readList } from './records.js';
import { readWithin, toUnifiedConnection } from './unified-records.js';

/**
 * Resolves a relationship to many: the records that lead to the record at hand by a lookup or by a table between the two. Answers without
 * a promise where they came along with the record.
 */
export const resolveRelated: GraphQLFieldResolver<RecordData, UnifiedContext, ListArguments> = (
  source,
  args,
  context,
  info,
) => {
  const related = resolvedSource(info, 'related');
  const { target } = related;
  const query = oncePerPlace(info, 'related', () =>
    readRelated(askedBy(info, context), fieldOf(info), related, info.fieldNodes, args),
  );
  if (query === null) return EMPTY_CONNECTION;
  const id = String(source[related.id]).toLowerCase();
  if (target.system === 'dynamics')
    return answerPage(query, id, context, (page) => toConnection(page, query.shape, (record) => record));
  if (query.matching === null) return answerUnified(query, target, id, context);
  return readWithin({ target, context }, query.matching, query.campaign ?? NOTHING).then((within) =>
    within === false ? EMPTY_CONNECTION : answerUnified(narrowed(query, within), target, id, context),
  );
};

function answerUnified(query: RelatedQuery, target: UnifiedTarget, id: string, context: UnifiedContext): Answer {
  const { shape, campaign, further } = query;
  return answerPage(query, id, context, (page) =>
    toUnifiedConnection(page, { target, shape, campaign, further, context }),
  );
}

/** Resolves a collection of a Campaign record: the records that its join ties to the record or element at hand. */
export const resolveCollection: GraphQLFieldResolver<RecordData, UnifiedContext, ListArguments> = (
  source,
  args,
  context,
  info,
) => {
  const collection = resolvedSource(info, 'collection');
  const { target, join } = collection;
  const values = join.map(({ source: path }) => keyOf(valueAt(source, path)));
  if (values.includes(null)) return readList(target, args, false, context, info);
  const [pair, ...others] = join;
  const [value] = values;
  if (!pair || others.length > 0 || value === undefined || value === null)
    return readList(target, args, all(join.map(tie)), context, info);
  const query = oncePerPlace(info, 'collection', () =>
    readCollection(askedBy(info, context), fieldOf(info), collection, pair.destination, info.fieldNodes, args),
  );
  if (query === null) return EMPTY_CONNECTION;
  return answerPage(query, value, context, (page) => toConnection(page, query.shape, (record) => record));

  function tie({ destination }: (typeof join)[number], index: number) {
    return { kind: 'compare', path: destination, operator: 'eq', value: values[index] ?? '' } as const;
  }
};

/** An empty key, or 0, the id of the row that stands for none, ties nothing. */
function keyOf(value: RecordValue | undefined): Scalar | null {
  const plain = typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
  const isKey = typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean';
  return isKey && plain !== '' && plain !== 0 && plain !== '0' ? plain : null;
}

type Answer = ConnectionData | Promise<ConnectionData>;

function answerPage(
  { list }: RelatedQuery,
  value: Scalar,
  context: UnifiedContext,
  show: (page: Page) => Answer,
): Answer {
  const page = context.loaders.lists.page(list, value);
  return page instanceof Promise ? page.then(show) : show(page);
}
