import type { Table, TableSummary } from '../../model/table.js';
import type { Connector } from '../connector.js';

/** What Isthmus asks of a Dynamics organization. */
export type DynamicsConnector = Connector<Table, TableSummary>;
