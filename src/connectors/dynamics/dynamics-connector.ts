import type { CheckStep } from '../../model/account.js';
import type { CallOptions } from '../../model/call.js';
import type { Table, TableSummary } from '../../model/table.js';
import type { Connector } from '../connector.js';

/** What Isthmus asks of a Dynamics organization. */
export interface DynamicsConnector extends Connector<Table, TableSummary> {
  /** Tests the connection, also whether the user may read the tables and whether Dynamics keeps their changes. */
  check(options?: CheckOptions): Promise<readonly CheckStep[]>;
}

export interface CheckOptions extends CallOptions {
  /** Logical names of the mapped tables. Default: none. */
  readonly tables?: readonly string[];
}
