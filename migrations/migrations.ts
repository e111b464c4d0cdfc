import { Initial } from './0001-initial.js';
import { SetUpJournal } from './0002-set-up-journal.js';
import { WorkflowGeneration } from './0003-workflow-generation.js';
import { Observations } from './0004-observations.js';
import { Gateways } from './0005-gateways.js';

/** Every migration in the order in which they run. A released one is never edited, renamed or removed: add another. */
export const MIGRATIONS = [
  { name: '0001-initial', class: Initial },
  { name: '0002-set-up-journal', class: SetUpJournal },
  { name: '0003-workflow-generation', class: WorkflowGeneration },
  { name: '0004-observations', class: Observations },
  { name: '0005-gateways', class: Gateways },
];
