import type { MockResponse } from '../../control.js';
import { answerJson, contextUrl, type RequestContext } from '../context.js';
import { queryError, rowNotFound } from '../errors.js';
import { COUNT_LIMIT, type CollectionSource } from '../query/collection.js';
import type { QueryOptions } from '../query/options.js';
import { isGuid, normalizeGuid } from '../resource-path.js';
import { answerFetch, runFetch } from './answer-fetch.js';
import { parseFetch } from './parse-fetch.js';

/** Queries that name their conditions elsewhere than in OData options. */
const OPTIONS = { fetchXml: null, savedQuery: 'savedquery', userQuery: 'userquery' } as const;
type PredefinedOption = keyof typeof OPTIONS;

/** Whether a query is one in FetchXML, or names a saved or a user's own query. */
export function isPredefined({ all }: QueryOptions): boolean {
  return optionOf(all) !== undefined;
}

function optionOf(all: ReadonlyMap<string, string>): PredefinedOption | undefined {
  if (all.has('fetchXml')) return 'fetchXml';
  if (all.has('savedQuery')) return 'savedQuery';
  return all.has('userQuery') ? 'userQuery' : undefined;
}

/** Answers a query for which `isPredefined` holds. */
export function answerPredefined(
  context: RequestContext,
  source: CollectionSource,
  options: QueryOptions,
): MockResponse {
  const option = optionOf(options.all) ?? 'fetchXml';
  const other = [...options.all.keys()].find((name) => REFUSED.includes(name));
  if (other !== undefined) throw queryError(`The query parameter ${other} can't be combined with ${option}.`);
  const value = options.all.get(option) ?? '';
  const table = OPTIONS[option];
  return table === null ? answerFetch(context, source, value) : answerSaved(context, { source, options, table, value });
}

const REFUSED: readonly string[] = ['$select', '$filter', '$orderby', '$expand', '$apply', '$top'];

interface SavedRequest {
  readonly source: CollectionSource;
  readonly options: QueryOptions;
  readonly table: 'savedquery' | 'userquery';
  /** The id of the query. */
  readonly value: string;
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/retrieve-and-execute-predefined-queries */
function answerSaved(context: RequestContext, { source, options, table, value }: SavedRequest): MockResponse {
  const id = normalizeGuid(value.trim());
  if (!isGuid(id)) throw queryError(`The id of a ${table} must be a GUID, not '${value}'.`);
  const fetchXml = context.store.table(table).get(id)?.fetchxml;
  if (typeof fetchXml !== 'string') throw rowNotFound(table, id);
  const parsed = parseFetch(context.tables, fetchXml);
  const page = pageNumber(options.skipToken);
  const count = parsed.top === null ? (context.prefer.maxPageSize ?? parsed.count) : null;
  const result = runFetch(context, source, { ...parsed, page, count, countsAll: options.count === true });
  return answerJson(context, {
    '@odata.context': contextUrl(context, source.table.definition.setName),
    ...(result.total === null ? {} : { '@odata.count': Math.min(result.total, COUNT_LIMIT) }),
    ...(result.hasMore ? { '@odata.nextLink': nextLink(context, { source, options, page }) } : {}),
    value: result.rows,
  });
}

function pageNumber(skipToken: string | undefined): number {
  if (skipToken === undefined) return 1;
  const number = /pagenumber="(\d{1,9})"/.exec(skipToken)?.[1];
  if (number === undefined) throw queryError('Malformed XML in the Paging Cookie');
  return Number(number);
}

function nextLink(
  context: RequestContext,
  {
    source,
    options,
    page,
  }: { readonly source: CollectionSource; readonly options: QueryOptions; readonly page: number },
): string {
  const token = encodeURIComponent(`<cookie pagenumber="${page + 1}" istracking="False" />`);
  return `${context.base}${source.path}?${[...options.rawWithoutToken, `$skiptoken=${token}`].join('&')}`;
}
