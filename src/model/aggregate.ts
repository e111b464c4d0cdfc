import type { RecordQuery } from './query.js';
import type { RecordData } from './record.js';

/** What may be made of the values of a column. Records without a value are left out. */
export type AggregateFunction = 'sum' | 'avg' | 'min' | 'max' | 'countDistinct';

/** One number or date of a group: the sum of `annualincome`, say. */
export interface Measure {
  readonly function: AggregateFunction;
  readonly path: string;
}

/**
 * A neutral request to sum records up. The records that match are put into groups by what they hold at the paths of `groupBy`; without
 * any they are one group, which is there even where no record matches.
 */
export interface AggregateQuery<Description>
  extends Pick<RecordQuery<Description>, 'from' | 'related' | 'filter' | 'languages'> {
  readonly groupBy: readonly string[];
  /** Also count the records of each group. */
  readonly count: boolean;
  readonly measures: readonly Measure[];
}

/** Records that agree in what they are grouped by. */
export interface Group {
  /** What they agree in, as a record holds it: a property for each path of `groupBy`, null where they hold no value. */
  readonly key: RecordData;
  /** Null where the count was not asked for. */
  readonly count: number | null;
  /** One for each measure, in their order; null where no record has a value. */
  readonly values: readonly MeasureValue[];
}

/** Sums of whole numbers, and what a 64-bit column holds, are decimal strings; dates and moments are as in records. */
export type MeasureValue = string | number | null;
