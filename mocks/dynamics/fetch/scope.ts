import type { Row } from '../store.js';

/** One row of each table of a query, by the index of its entity; undefined where an outer join found none. */
export type Scope = readonly (Row | undefined)[];
