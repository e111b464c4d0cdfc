import type { AggregateQuery } from '../../model/aggregate.js';
import type { CallOptions } from '../../model/call.js';
import type { ChangePage, RecordQuery, Tie } from '../../model/query.js';
import type { Table } from '../../model/table.js';
import type { CheckOptions, DynamicsConnector } from './dynamics-connector.js';

/** A connector with the number of calls that are under way on it. */
export interface Lease {
  readonly connector: DynamicsConnector;
  callsUnderWay: number;
  retired: boolean;
}

export interface CurrentConnectorOptions {
  /** The lease of the connector that calls go to now. */
  readonly current: () => Promise<Lease>;
  /** Called when the last call on a retired connector has ended. */
  readonly end: (lease: Lease) => void;
}

/**
 * The connector of an external account as others hold it: every call goes to the one that was opened with the settings of that moment, and
 * keeps to it until it ends. So new credentials serve the next call of a run that is under way.
 */
export class CurrentConnector implements DynamicsConnector {
  readonly system = 'dynamics';

  constructor(private readonly options: CurrentConnectorOptions) {}

  check(options?: CheckOptions) {
    return this.use((connector) => connector.check(options));
  }

  summaries(options?: CallOptions) {
    return this.use((connector) => connector.summaries(options));
  }

  introspect(names: readonly string[], options?: CallOptions) {
    return this.use((connector) => connector.introspect(names, options));
  }

  metadataChanges(known: readonly Table[], mark: string | null, options?: CallOptions) {
    return this.use((connector) => connector.metadataChanges(known, mark, options));
  }

  query(query: RecordQuery<Table>, options?: CallOptions) {
    return this.use((connector) => connector.query(query, options));
  }

  aggregate(query: AggregateQuery<Table>, options?: CallOptions) {
    return this.use((connector) => connector.aggregate(query, options));
  }

  queryEach(query: RecordQuery<Table>, tie: Tie, options?: CallOptions) {
    return this.use((connector) => connector.queryEach(query, tie, options));
  }

  async *changes(query: RecordQuery<Table>, cursor: string | null, options?: CallOptions): AsyncGenerator<ChangePage> {
    const lease = await this.begin();
    try {
      yield* lease.connector.changes(query, cursor, options);
    } finally {
      this.finish(lease);
    }
  }

  write(request: Parameters<DynamicsConnector['write']>[0], options?: CallOptions) {
    return this.use((connector) => connector.write(request, options));
  }

  /** Whoever opened the connectors closes them. */
  async close(): Promise<void> {}

  private async use<Result>(call: (connector: DynamicsConnector) => Promise<Result>): Promise<Result> {
    const lease = await this.begin();
    return call(lease.connector).finally(() => this.finish(lease));
  }

  private async begin(): Promise<Lease> {
    const lease = await this.options.current();
    // Nothing is awaited between the two, so that no lease is ended before its call is counted.
    if (lease.retired) return this.begin();
    lease.callsUnderWay += 1;
    return lease;
  }

  private finish(lease: Lease): void {
    lease.callsUnderWay -= 1;
    if (lease.retired && lease.callsUnderWay === 0) this.options.end(lease);
  }
}
