import type { System } from './system.js';

/** How the graph of today differs from an earlier one, in the words of those who ask it. */
export interface GraphChange {
  /** BREAKING: queries that were fine are refused now. DANGEROUS: they may get what they do not expect. ADDITION: they go on as they were. */
  readonly kind: 'BREAKING' | 'DANGEROUS' | 'ADDITION';
  readonly system: System;
  /** The table or schema that has changed. */
  readonly name: string;
  /** The type and its field: `DynamicsContact.jobtitle`. */
  readonly subject: string;
  /** `DynamicsContact.jobtitle was removed.` */
  readonly detail: string;
}
