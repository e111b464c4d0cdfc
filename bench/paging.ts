import { send } from '../examples/demo/send.js';
import { type Environment, startEnvironment } from './environment.js';
import { benchImport } from './import.js';
import { residentSize } from './measure.js';
import type { Report } from './report.js';

const PAGE = 1_000;
const LENGTHS = [1_000, 10_000, 50_000] as const;
/** Of the peak after the first page that later pages may add, so that it does not grow with the number of rows. */
const MOST_GROWTH_MIB = 64;

/**
 * Pages through 1,000, 10,000 and 50,000 unified contacts, a thousand at a time, and tells the peak resident size of a gateway that has
 * done nothing else. Rejects where a page is missing or a contact comes twice.
 */
export async function benchPaging(report: Report, signal: AbortSignal): Promise<void> {
  report.progress('starting mocks and gateway with 50,000 contacts');
  const environment = await startEnvironment({ contacts: Math.max(...LENGTHS), contestants: false });
  try {
    await benchImport(environment, report.row);
    const peaks: number[] = [];
    for (const length of LENGTHS) {
      signal.throwIfAborted();
      report.progress(`paging through ${length} contacts`);
      // Each in a process of its own: a peak is that of the process so far.
      await environment.restartGateway();
      const milliseconds = await pageThrough(environment, length);
      const { peak } = residentSize(environment.pid('gateway'));
      peaks.push(peak);
      report.row(
        `${length} unified contacts in pages of ${PAGE}: peak resident size of the gateway`,
        `${peak.toFixed(0)} MiB, ${((length * 1000) / milliseconds).toFixed(0)} contacts/s`,
      );
    }
    const [, ten = Number.NaN, fifty = Number.NaN] = peaks;
    report.row('paging: what 40,000 contacts more add to the peak', `${(fifty - ten).toFixed(0)} MiB`, {
      text: `≤ ${MOST_GROWTH_MIB} MiB`,
      met: fifty - ten <= MOST_GROWTH_MIB,
    });
  } finally {
    await environment.close();
  }
}

/** Milliseconds that it took. */
async function pageThrough({ gateway }: Environment, length: number): Promise<number> {
  const start = performance.now();
  const seen = new Set<string>();
  let after: string | null = null;
  while (seen.size < length) {
    const { nodes, pageInfo } = await fetchPage(gateway, after);
    for (const { id } of nodes) seen.add(id);
    after = pageInfo.endCursor;
    if (nodes.length < PAGE || !pageInfo.hasNextPage) break;
  }
  if (seen.size !== length) throw new Error(`Expected ${length} contacts, but the pages hold ${seen.size}.`);
  return performance.now() - start;
}

interface Page {
  readonly nodes: readonly { readonly id: string }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

async function fetchPage(gateway: string, after: string | null): Promise<Page> {
  const argument = after === null ? '' : `, after: ${JSON.stringify(after)}`;
  const { data } = await send(
    gateway,
    `{ unified { contacts(first: ${PAGE}${argument}) {
      nodes { id dynamics { fullname emailaddress1 jobtitle } campaign { email firstName lastName } }
      pageInfo { endCursor hasNextPage } } } }`,
  );
  return (data.unified as { contacts: Page }).contacts; // as asked
}
