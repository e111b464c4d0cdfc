import type { Conversion, Direction } from '../model/mapping.js';

/** What a person asks to be mapped: a table, which of its columns, and where to. */
export interface TableSelection {
  /** Logical name. */
  readonly table: string;
  /** Default: the columns of `target.fields`, or else every column that can be read and mapped. */
  readonly columns?: readonly string[];
  /** Default: a schema made for the table, `cus:crmAccount`. */
  readonly target?: TargetSelection;
}

export interface TargetSelection {
  /** An existing schema, or one to be made. */
  readonly schema: string;
  /** Path of the attribute that holds the Dynamics id; default `@crmId`. */
  readonly key?: string;
  /** Columns that have a place of their own; any other is kept in an attribute named like it. */
  readonly fields?: readonly FieldSelection[];
}

export interface FieldSelection {
  readonly column: string;
  /** XPath from the root element: `@email`, `location/@city`. */
  readonly path: string;
  readonly conversion?: Conversion;
  /** Default: BOTH, which means only to Campaign for a column that Dynamics does not let us write. */
  readonly direction?: Direction;
}

/** Where the Dynamics id is kept when nothing else is said. */
export const DEFAULT_KEY = '@crmId';

/** The namespace that Campaign leaves to customers. */
export const DEFAULT_NAMESPACE = 'cus';
