/** How a value is changed on its way between the systems; the four of Campaign's own CRM connector. */
export type Conversion = 'DEFAULT' | 'DATE_ONLY' | 'WITHOUT_TIME_OFFSET' | 'COPY';

export type Direction = 'BOTH' | 'TO_CAMPAIGN' | 'TO_DYNAMICS';

/** A Dynamics column tied to a Campaign attribute. `path` is an XPath from the root element: `@email`, `location/@city`. */
export interface FieldMapping {
  readonly column: string;
  readonly path: string;
  readonly conversion: Conversion;
  readonly direction: Direction;
}

/** A Dynamics table tied to a Campaign schema. `key` is the attribute that holds the Dynamics id: `@crmId`. */
export interface TableMapping {
  /** Name of the external account. */
  readonly account: string;
  /** Logical name of the table. */
  readonly table: string;
  /** `nms:recipient` */
  readonly schema: string;
  readonly key: string;
  readonly fields: readonly FieldMapping[];
}

/** A choice column tied to a Campaign itemized list. */
export interface EnumerationMapping {
  readonly account: string;
  readonly table: string;
  readonly column: string;
  readonly list: string;
  readonly mode: 'ADD' | 'REPLACE';
}
