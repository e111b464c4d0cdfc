import type { MockRequest, MockResponse } from '../control.js';
import { requireRow } from './addressed-row.js';
import { answerChanges, isTracked } from './changes.js';
import { answerJson, answerNothing, answerRowText, contextUrl, type RequestContext, rowUrl } from './context.js';
import { methodNotAllowed, queryError } from './errors.js';
import { answerPredefined, isPredefined } from './fetch/predefined.js';
import { answerApply } from './query/apply.js';
import { answerCollection, answerCount, contextFragment } from './query/collection.js';
import { assertExpand } from './query/expand.js';
import { parseOptions, type QueryOptions } from './query/options.js';
import { lookedUp, relatedIds } from './query/related.js';
import { etagOf, plainValue, selectProperties, writeRow } from './query/write-row.js';
import type { CollectionResource, ReferenceResource, Resource } from './resource.js';
import type { Row } from './store.js';
import type { Table } from './tables.js';

/** Answers a GET of rows, properties and references. */
export function answerRead(context: RequestContext, resource: Resource, request: MockRequest): MockResponse {
  const options = parseOptions(request.search);
  switch (resource.kind) {
    case 'collection':
    case 'count':
      return answerRows(context, resource, options);
    case 'row':
      return answerRow(context, { table: resource.address.table, row: requireRow(resource.address), options, request });
    case 'property':
      return answerProperty(context, resource);
    case 'reference':
      return answerReference(context, resource);
    case 'empty-lookup':
      return answerNothing();
    case 'bound':
      throw methodNotAllowed(request.method);
  }
}

function answerRows(context: RequestContext, resource: CollectionResource, options: QueryOptions): MockResponse {
  if (isTracked(context, options)) return answerChanges(context, resource, options);
  if (resource.kind === 'count') return answerCount(context, resource, options);
  if (isPredefined(options)) return answerPredefined(context, resource, options);
  const apply = options.all.get('$apply');
  return apply === undefined ? answerCollection(context, resource, options) : answerApply(context, resource, options);
}

interface RowRequest {
  readonly table: Table;
  readonly row: Row;
  readonly options: QueryOptions;
  readonly request: MockRequest;
}

function answerRow(context: RequestContext, { table, row, options, request }: RowRequest): MockResponse {
  for (const name of ['$filter', '$orderby', '$top', '$count']) {
    if (options.all.has(name))
      throw queryError(`Query options $select and $expand only can be applied to a single row, not ${name}.`);
  }
  assertExpand(context, table, options.expand ?? []);
  const properties = selectProperties(table, options.select);
  if (isUnchanged(context, { table, row, options, request })) return { status: 304, headers: { etag: etagOf(row) } };
  const text = writeRow(context, { table, properties, expand: options.expand ?? [] }, row);
  const head = { '@odata.context': contextUrl(context, `${contextFragment(table, options)}/$entity`) };
  return answerRowText(context, head, text, { etag: etagOf(row) });
}

/** Never 304 with `$expand` or annotations: the ETag covers the row alone. */
function isUnchanged(context: RequestContext, { row, options, request }: RowRequest): boolean {
  const header = request.headers['if-none-match'];
  if (header === undefined || header === 'null') return false;
  return header === etagOf(row) && options.expand === undefined && !context.prefer.wantsAnnotations;
}

function answerProperty(context: RequestContext, resource: Extract<Resource, { kind: 'property' }>): MockResponse {
  const value = plainValue(requireRow(resource.address), resource.property);
  if (value === null) return answerNothing();
  if (resource.isRawValue) return { status: 200, headers: { 'content-type': 'text/plain' }, body: String(value) };
  return answerJson(context, { '@odata.context': contextUrl(context, resource.path), value });
}

function answerReference(context: RequestContext, { address, navigation }: ReferenceResource): MockResponse {
  const from = { table: address.table, row: requireRow(address) };
  if (navigation.kind === 'lookup') {
    const target = lookedUp(context.store, from, navigation);
    if (target === undefined) return answerNothing();
    const id = String(target.row[target.table.definition.primaryId]);
    return answerJson(context, {
      '@odata.context': contextUrl(context, '$ref'),
      '@odata.id': rowUrl(context, target.table.name, id),
    });
  }
  const ids = [...relatedIds(context.store, from, navigation)].sort();
  const value = ids.map((id) => ({ '@odata.id': rowUrl(context, navigation.table, id) }));
  return answerJson(context, { '@odata.context': contextUrl(context, 'Collection($ref)'), value });
}
