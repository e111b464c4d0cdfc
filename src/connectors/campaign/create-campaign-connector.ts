import type { CheckStep } from '../../model/account.js';
import type { AggregateQuery, Group } from '../../model/aggregate.js';
import type { CallOptions } from '../../model/call.js';
import type { CampaignSchema, CampaignSchemaSummary, ItemizedList } from '../../model/campaign-schema.js';
import {
  type ChangePage,
  type Filter,
  keyPathsOf,
  type Page,
  type RecordQuery,
  type Tie,
  type WriteOutcome,
  type WriteRequest,
} from '../../model/query.js';
import type { XmlElement } from '../../model/xml.js';
import { identifyRead } from '../identify-read.js';
import { SharedReads } from '../share-reads.js';
import type { CampaignConnector, CampaignExternalAccount } from './campaign-connector.js';
import { readChanges } from './changes.js';
import { checkConnection } from './check.js';
import { CampaignClient, type CampaignClientOptions } from './client.js';
import { compileQuery } from './compile.js';
import { compileAggregate } from './compile-aggregate.js';
import { type CompiledRecord, compileWrite } from './compile-write.js';
import { createDecoder, cursorAfter } from './decode.js';
import { deleteExternalAccount, readExternalAccount, writeExternalAccount } from './external-accounts.js';
import { fetchItemizedLists, writeItemizedList } from './itemized-lists.js';
import { readMetadataChanges } from './metadata-changes.js';
import { findMissing, type Refusal } from './missing-records.js';
import { fetchNewIds, wereMade, withId } from './new-ids.js';
import { type PageOfRows, queryEach } from './query-each.js';
import { fetchCount, fetchRows } from './query-rows.js';
import { readGroups } from './read-aggregate.js';
import { SchemaReader } from './schemas.js';
import { fetchServerTime } from './server-time.js';
import { selectedPaths } from './shape.js';
import { deleteSourceSchema, readSourceSchema, writeSourceSchema } from './source-schemas.js';
import { asWritten, BATCH_LIMITS, writeRecords } from './writes.js';

export interface CampaignConnectorOptions extends CampaignClientOptions {
  /** Records in one `WriteCollection`. Default 200. */
  readonly batchSize?: number;
}

/** Makes the connector of one Campaign instance. It logs on when it is first asked something. */
export function createCampaignConnector(options: CampaignConnectorOptions): CampaignConnector {
  return new SoapCampaignConnector(options);
}

class SoapCampaignConnector implements CampaignConnector {
  readonly system = 'campaign';
  private readonly client: CampaignClient;
  private readonly schemas: SchemaReader;
  private readonly pages: SharedReads<PageOfRows>;
  private readonly groups: SharedReads<readonly Group[]>;

  constructor(private readonly options: CampaignConnectorOptions) {
    this.client = new CampaignClient(options);
    this.schemas = new SchemaReader(this.client);
    this.pages = new SharedReads(options.writes);
    this.groups = new SharedReads(options.writes);
  }

  check(options?: CallOptions): Promise<readonly CheckStep[]> {
    return checkConnection(this.client, options);
  }

  summaries(options?: CallOptions): Promise<readonly CampaignSchemaSummary[]> {
    return this.schemas.summaries(options);
  }

  introspect(names: readonly string[], options?: CallOptions): Promise<readonly CampaignSchema[]> {
    return this.schemas.read(names, options);
  }

  metadataChanges(known: readonly CampaignSchema[], mark: string | null, options?: CallOptions) {
    return readMetadataChanges(this.client, known, mark, options);
  }

  async query(query: RecordQuery<CampaignSchema>, options?: CallOptions): Promise<Page> {
    return (await this.rows(query, options)).page;
  }

  /** A page with the rows and the query that it was made of. */
  private rows(query: RecordQuery<CampaignSchema>, options?: CallOptions): Promise<PageOfRows> {
    return this.pages.read(
      options,
      () => identifyRead(query.from.name, query),
      (call) => this.readRows(query, call),
    );
  }

  private async readRows(query: RecordQuery<CampaignSchema>, options?: CallOptions): Promise<PageOfRows> {
    const describe = await this.schemas.targetsOf(query.from, pathsOf(query), options);
    const compiled = compileQuery(query, describe);
    if (compiled.matchesNothing) return toPage([], { compiled, describe }, query.first, query.count ? 0 : null);
    const [rows, count] = await Promise.all([
      fetchRows(this.client, compiled.select, options),
      query.count ? fetchCount(this.client, compiled.count(), options) : null,
    ]);
    return toPage(rows, { compiled, describe }, query.first, count);
  }

  queryEach(query: RecordQuery<CampaignSchema>, tie: Tie, options?: CallOptions) {
    return queryEach((one) => this.rows(one, options), query, tie);
  }

  aggregate(query: AggregateQuery<CampaignSchema>, options?: CallOptions): Promise<readonly Group[]> {
    const identify = () => identifyRead(query.from.name, query);
    return this.groups.read(options, identify, (call) => this.readGroups(query, call));
  }

  private async readGroups(query: AggregateQuery<CampaignSchema>, options?: CallOptions): Promise<readonly Group[]> {
    const filtered = query.filter ? filterPaths(query.filter) : [];
    const paths = [...query.groupBy, ...query.measures.map(({ path }) => path), ...filtered];
    const describe = await this.schemas.targetsOf(query.from, paths, options);
    return readGroups(this.client, compileAggregate(query, describe), options);
  }

  changes(query: RecordQuery<CampaignSchema>, cursor: string | null, options?: CallOptions): AsyncIterable<ChangePage> {
    const source = {
      query: (page: RecordQuery<CampaignSchema>) => this.query(page, options),
      now: () => fetchServerTime(this.client, options),
    };
    return readChanges(source, query, cursor);
  }

  async write(request: WriteRequest<CampaignSchema>, options?: CallOptions): Promise<readonly WriteOutcome[]> {
    const paths = [...keyPathsOf(request), ...new Set(request.records.flatMap((record) => Object.keys(record)))];
    const describe = await this.schemas.targetsOf(request.to, paths, options);
    // What cannot be written is told before ids are asked for.
    const compiled = compileWrite(request, describe);
    const ids = request.operation === 'create' ? await this.newIds(request, compiled, options) : NO_IDS;
    const missing = this.isChecked(request) ? await this.missing(request, options) : NONE_MISSING;
    const records = compiled.map((record, index) => missing.get(index) ?? withId(record, ids.get(index)));
    const limits = { ...BATCH_LIMITS, records: this.options.batchSize ?? BATCH_LIMITS.records };
    const outcomes = await writeRecords(this.client, request.to.name, records, limits, options).catch(async (error) => {
      // What has an id of its own can be looked for where the answer was lost.
      if (await wereMade((query) => this.query(query, options), request.to, ids, error)) return records.map(asWritten);
      throw error;
    });
    return outcomes.map((outcome, index) => (outcome.ok ? { ...outcome, id: ids.get(index) ?? null } : outcome));
  }

  private isChecked({ operation, mayBeMissing }: WriteRequest<CampaignSchema>): boolean {
    return operation === 'update' && mayBeMissing !== true;
  }

  private newIds(request: WriteRequest<CampaignSchema>, compiled: readonly CompiledRecord[], options?: CallOptions) {
    return fetchNewIds(this.client, request.to, compiled, options);
  }

  private missing(request: WriteRequest<CampaignSchema>, options?: CallOptions) {
    return findMissing((query) => this.query(query, options), request);
  }

  readSourceSchema(name: string, options?: CallOptions): Promise<XmlElement | null> {
    return readSourceSchema(this.client, name, options);
  }

  async writeSourceSchema(document: XmlElement, options?: CallOptions): Promise<void> {
    await writeSourceSchema(this.client, document, options).finally(() => this.schemas.forget());
  }

  async deleteSourceSchema(name: string, options?: CallOptions): Promise<void> {
    await deleteSourceSchema(this.client, name, options).finally(() => this.schemas.forget());
  }

  async reconnect(options?: CallOptions): Promise<void> {
    await this.client.reconnect(options);
    this.schemas.forget();
  }

  readItemizedLists(names: readonly string[], options?: CallOptions): Promise<readonly ItemizedList[]> {
    return fetchItemizedLists(this.client, names, options);
  }

  itemizedLists(options?: CallOptions): Promise<readonly ItemizedList[]> {
    return fetchItemizedLists(this.client, null, options);
  }

  writeItemizedList(list: ItemizedList, remove: readonly string[], options?: CallOptions): Promise<void> {
    return writeItemizedList(this.client, list, remove, options);
  }

  async instanceName(options?: CallOptions): Promise<string | null> {
    return (await this.client.test(options)).attributes.instance || null;
  }

  readExternalAccount(name: string, options?: CallOptions): Promise<CampaignExternalAccount | null> {
    return readExternalAccount(this.client, name, options);
  }

  writeExternalAccount(account: Omit<CampaignExternalAccount, 'isDynamics'>, options?: CallOptions): Promise<void> {
    return writeExternalAccount(this.client, account, options);
  }

  deleteExternalAccount(name: string, options?: CallOptions): Promise<void> {
    return deleteExternalAccount(this.client, name, options);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

const NO_IDS: ReadonlyMap<number, string> = new Map();
const NONE_MISSING: ReadonlyMap<number, Refusal> = new Map();

/** Every path that a query speaks of. */
function pathsOf(query: RecordQuery<CampaignSchema>): readonly string[] {
  const filtered = query.filter ? filterPaths(query.filter) : [];
  const selected = selectedPaths(query.select);
  return [...new Set([...selected, ...filtered, ...(query.orderBy ?? []).map((order) => order.path)])];
}

function filterPaths(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(filterPaths);
    case 'not':
      return filterPaths(filter.filter);
    default:
      return [filter.path];
  }
}

/** The row beyond the page only tells that there is one. */
function toPage(
  rows: readonly XmlElement[],
  { compiled, describe }: Pick<PageOfRows, 'compiled' | 'describe'>,
  first: number,
  count: number | null,
): PageOfRows {
  const shown = rows.slice(0, first);
  const page: Page = {
    records: shown.map(createDecoder(compiled.shape)),
    hasNextPage: rows.length > first,
    cursorAt(index) {
      const row = shown[index];
      if (!row) throw new RangeError(`The page has ${shown.length} records, so there is no cursor at ${index}.`);
      return cursorAfter(row, compiled);
    },
    count: count === null ? null : { value: count, exact: true },
  };
  return { page, rows: shown, compiled, describe };
}
