import type { AccountConnection } from '../../model/account.js';
import type { AggregateQuery, Group } from '../../model/aggregate.js';
import type { CallOptions } from '../../model/call.js';
import { once } from '../../model/keep-last.js';
import type { Along, AlongList, Page, RecordQuery, Selection, Tie } from '../../model/query.js';
import type { Table, TableSummary } from '../../model/table.js';
import { identifyRead } from '../identify-read.js';
import { SharedReads } from '../share-reads.js';
import { createTransport, type TransportResponse } from '../transport.js';
import { createTokenSource, type TokenSource } from './auth.js';
import { readChanges } from './changes.js';
import { assertServer, checkConnection } from './check.js';
import { API_PATH, type ClientOptions, createClient, type DynamicsClient, ODATA_HEADERS } from './client.js';
import { compileQuery } from './compile.js';
import { compileAggregate } from './compile-aggregate.js';
import type { TableLookup } from './compile-filter.js';
import { decodeCursor, queryFingerprint, START } from './cursor.js';
import { createDecoder } from './decode.js';
import { createAlongDecoder } from './decode-along.js';
import { type DeletionReader, readDeletions } from './deletions.js';
import type { CheckOptions, DynamicsConnector } from './dynamics-connector.js';
import { readSetName, readSummaries, readTables } from './introspect.js';
import { badInput } from './literal.js';
import { readMetadataChanges } from './metadata-changes.js';
import { filteredTables, navigationTarget } from './navigation.js';
import { MAX_PAGE, readPage } from './pages.js';
import { queryEach } from './query-each.js';
import { readGroups } from './read-aggregate.js';
import { writeRecords } from './writes.js';

export interface DynamicsConnectorOptions extends Omit<ClientOptions, 'server' | 'tokens'> {
  readonly account: AccountConnection;
  /** `https://login.microsoftonline.com`; a plain-http address only on this machine. */
  readonly authority: string;
}

/** Makes the connector to the Dynamics organization of one external account. Nothing is sent before it is first used. */
export function createDynamicsConnector(options: DynamicsConnectorOptions): DynamicsConnector & DeletionReader {
  return new WebApiConnector(options);
}

const DEFAULT_CONCURRENCY = 8;

/** Descriptions kept for queries that come with none. */
const MOST_DESCRIBED = 100;

class WebApiConnector implements DynamicsConnector, DeletionReader {
  readonly system = 'dynamics';
  private readonly account: AccountConnection;
  private readonly tokens: TokenSource;
  private readonly pages: SharedReads<AskedPage>;
  private readonly groups: SharedReads<readonly Group[]>;
  private opened: DynamicsClient | null = null;
  /** Descriptions that queries have needed and did not bring along. */
  private readonly described = new Map<string, Table>();
  private readonly setNames = new Map<string, string>();

  constructor(private readonly options: DynamicsConnectorOptions) {
    // Entra takes the address for the name of the organization, and a slash at its end would be part of that.
    this.account = { ...options.account, server: options.account.server.replace(/\/+$/, '') };
    this.tokens = createTokenSource({
      account: this.account,
      authority: options.authority,
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      ...(options.retries === undefined ? {} : { retries: options.retries }),
    });
    this.pages = new SharedReads(options.writes);
    this.groups = new SharedReads(options.writes);
  }

  check(options?: CheckOptions) {
    const { account, tokens } = this;
    return checkConnection(
      { account, tokens, client: () => this.client(), probe: (call) => this.probe(call) },
      options,
    );
  }

  /** Without a token, and on a connection of its own, so that the test sees name, network and TLS as they are now. */
  private probe(options: CallOptions): Promise<TransportResponse> {
    const { timeoutMs, retries } = this.options;
    const transport = createTransport({
      system: 'dynamics',
      baseUrl: assertServer(this.account.server),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(retries === undefined ? {} : { retries }),
    });
    const request = { method: 'GET', target: API_PATH, headers: ODATA_HEADERS, idempotent: true } as const;
    return transport.send(request, options).finally(() => transport.close());
  }

  async summaries(options?: CallOptions): Promise<readonly TableSummary[]> {
    return readSummaries(this.client(), options);
  }

  async introspect(names: readonly string[], options?: CallOptions): Promise<readonly Table[]> {
    const tables = await readTables(this.client(), names, options);
    for (const table of tables) {
      this.setNames.set(table.logicalName, table.setName);
      // What is kept here is what queries need that come with no description; they shall have the newest.
      if (this.described.has(table.logicalName)) this.described.set(table.logicalName, table);
    }
    return tables;
  }

  metadataChanges(known: readonly Table[], mark: string | null, options?: CallOptions) {
    return readMetadataChanges(this.client(), known, mark, options);
  }

  async query(query: RecordQuery<Table>, options?: CallOptions): Promise<Page> {
    const { along } = query;
    const asked = await this.pages.read(
      options,
      () => identifyRead(query.from.logicalName, query),
      async (call) => ({ page: await this.page(query, call), along }),
    );
    return withListsOf(along, asked);
  }

  private async page(query: RecordQuery<Table>, options?: CallOptions): Promise<Page> {
    assertFirst(query.first);
    const tables = await this.nestedTables(query, options);
    const compiled = compileQuery(query, tables);
    // Few queries need it, and hashing takes longer than the rest.
    const fingerprint = once(() => queryFingerprint(compiled));
    const start = query.after === undefined ? START : decodeCursor(fingerprint(), query.after);
    const decode = createDecoder(query.from, query.select, tables, query.languages);
    const { along } = compiled;
    const decodeAlong = along.items.length === 0 ? null : createAlongDecoder(query, along);
    const request = {
      query: compiled,
      primaryId: query.from.primaryId,
      fingerprint,
      start,
      first: query.first,
      decode,
      ...(decodeAlong && { decodeAlong }),
    };
    return readPage(this.client(), request, options);
  }

  async queryEach(query: RecordQuery<Table>, tie: Tie, options?: CallOptions) {
    const tables = await this.nestedTables(query, options);
    return queryEach({ query: (one) => this.query(one, options), tables }, query, tie);
  }

  aggregate(query: AggregateQuery<Table>, options?: CallOptions): Promise<readonly Group[]> {
    const identify = () => identifyRead(query.from.logicalName, query);
    return this.groups.read(options, identify, (call) => this.readGroups(query, call));
  }

  private async readGroups(query: AggregateQuery<Table>, options?: CallOptions): Promise<readonly Group[]> {
    const tables = await this.nestedTables({ ...query, select: { fields: [] } }, options);
    return readGroups(this.client(), compileAggregate(query, tables), query.languages, options);
  }

  async *changes(query: RecordQuery<Table>, cursor: string | null, options?: CallOptions) {
    assertFirst(query.first);
    const tables = await this.nestedTables(query, options);
    yield* readChanges(this.client(), query, tables, cursor, options);
  }

  async *deletions(from: Table, cursor: string | null, options?: CallOptions) {
    yield* readDeletions(this.client(), from, cursor, options);
  }

  async write(request: Parameters<DynamicsConnector['write']>[0], options?: CallOptions) {
    const concurrency = this.options.concurrency ?? DEFAULT_CONCURRENCY;
    return writeRecords(
      { client: this.client(), setNameOf: (name) => this.setNameOf(name, options), concurrency },
      request,
      options,
    );
  }

  async close(): Promise<void> {
    await (this.opened ?? this.tokens).close();
  }

  // Made when first needed, so that a wrong server address is told by what needs it, and by the connection test.
  private client(): DynamicsClient {
    const { account: _, authority: __, ...rest } = this.options;
    this.opened ??= createClient({ ...rest, server: assertServer(this.account.server), tokens: this.tokens });
    return this.opened;
  }

  /** Sees that every table a nested selection or a filter leads to is described, reading those not yet known. */
  private async nestedTables(
    query: Pick<RecordQuery<Table>, 'from' | 'select' | 'filter' | 'related'>,
    options?: CallOptions,
  ): Promise<TableLookup> {
    const tables = new Map<string, Table>();
    const describe = async (name: string): Promise<Table | undefined> => {
      const table = query.related?.(name) ?? this.described.get(name) ?? (await this.describe(name, options));
      if (table) tables.set(name, table);
      return table;
    };
    await describeNested(query.from, query.select, describe);
    for (const name of query.filter ? filteredTables(query.from, query.filter) : []) await describe(name);
    return (name) => {
      const table = tables.get(name);
      if (!table) throw badInput(`Expected a table of the organization, but it has none called "${name}".`);
      return table;
    };
  }

  /** Reads a description and keeps it, for queries that come with none. */
  private async describe(name: string, options?: CallOptions): Promise<Table | undefined> {
    const [table] = await this.introspect([name], options);
    if (!table) return undefined;
    if (this.described.size >= MOST_DESCRIBED) this.described.clear();
    this.described.set(name, table);
    return table;
  }

  private async setNameOf(logicalName: string, options?: CallOptions): Promise<string> {
    const known = this.setNames.get(logicalName);
    if (known) return known;
    const setName = await readSetName(this.client(), logicalName, options);
    this.setNames.set(logicalName, setName);
    return setName;
  }
}

/** A page with what it was asked to bring along. */
interface AskedPage {
  readonly page: Page;
  readonly along: Along | undefined;
}

/** The page as one asks for it who asked for the same lists by other objects. */
function withListsOf(along: Along | undefined, asked: AskedPage): Page {
  const { page } = asked;
  if (!along || !asked.along || !page.along || along === asked.along) return page;
  const { lists } = page.along;
  const own = asked.along.lists.flatMap((theirs, index): [AlongList, readonly (Page | null)[]][] => {
    const [list, pages] = [along.lists[index], lists.get(theirs)];
    return list && pages ? [[list, pages]] : [];
  });
  return { ...page, along: { ...page.along, lists: new Map(own) } };
}

async function describeNested(
  table: Table,
  selection: Selection,
  describe: (name: string) => Promise<Table | undefined>,
): Promise<void> {
  for (const [navigation, inner] of Object.entries(selection.nested ?? {})) {
    const target = await describe(navigationTarget(table, navigation));
    if (target) await describeNested(target, inner, describe);
  }
}

function assertFirst(first: number): void {
  if (Number.isInteger(first) && first >= 1 && first <= MAX_PAGE) return;
  throw badInput(`Expected first to be a whole number from 1 to ${MAX_PAGE}, but it is ${first}.`);
}
