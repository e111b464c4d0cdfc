/**
 * One record in answer, as plain data that GraphQL reads without a resolver: a property for each selected path, nested as the path is.
 *
 * Values by type: text and ids are strings, dates `yyyy-MM-dd`, moments ISO 8601 in UTC, 64-bit integers decimal strings; a Dynamics choice
 * is a `Choice`, several a list of them, a lookup a `Reference`; a Campaign enumeration an `EnumeratedValue`, a simple link a nested record.
 * A selected path without a value is null.
 */
export interface RecordData {
  readonly [name: string]: RecordValue;
}

export type RecordValue =
  | string
  | number
  | boolean
  | null
  | Choice
  | Reference
  | EnumeratedValue
  | RecordData
  | readonly Choice[]
  | readonly RecordData[];

/** Value of a Dynamics choice, state or status. `label` is null where Dynamics gave none. */
export interface Choice {
  readonly value: number;
  readonly label: string | null;
}

/** Where a lookup points. `name` is the primary name of the record pointed at, where Dynamics gave it. */
export interface Reference {
  readonly table: string;
  readonly id: string;
  readonly name: string | null;
}

/** Value of a Campaign attribute with an enumeration. `name` and `label` are null where the enumeration does not list the value. */
export interface EnumeratedValue {
  readonly name: string | null;
  readonly value: string;
  readonly label: string | null;
}
