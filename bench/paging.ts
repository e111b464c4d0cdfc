import { type Environment, startEnvironment } from './environment.js';
import { benchImport } from './import.js';
import { residentSize } from './measure.js';
import type { Report } from './report.js';

const PAGE = 1_000;
const TIMEOUT_MS = 60_000;
const LENGTHS = [1_000, 10_000, 50_000] as const;
/**
 * Left to itself, Node lets garbage lie while there is memory, so that a peak tells little of what is held. A heap this small only has room
 * for the page that is being answered.
 */
const SMALL_HEAP = { name: 'in a heap of 64 MiB', flags: ['--max-old-space-size=64'] } as const;
const HEAPS = [{ name: 'in a heap as it comes', flags: [] }, SMALL_HEAP] as const;
/** What 49,000 contacts more may add to the peak in the small heap. */
const MOST_GROWTH_MIB = 32;

/**
 * Pages through 1,000, 10,000 and 50,000 unified contacts, a thousand at a time, and tells the peak resident size of a gateway that has
 * done nothing else. Rejects where a page is missing or a contact comes twice.
 */
export async function benchPaging(report: Report, signal: AbortSignal): Promise<void> {
  report.progress('starting mocks and gateway with 50,000 contacts');
  const environment = await startEnvironment({ contacts: Math.max(...LENGTHS), contestants: false });
  try {
    await benchImport(environment, report.row);
    for (const heap of HEAPS) {
      const peaks = await pagesIn(heap, environment, report, signal);
      if (heap === SMALL_HEAP) tellGrowth(report, peaks);
    }
  } finally {
    await environment.close();
  }
}

async function pagesIn(
  heap: (typeof HEAPS)[number],
  environment: Environment,
  report: Report,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const peaks: number[] = [];
  for (const length of LENGTHS) {
    signal.throwIfAborted();
    report.progress(`paging through ${length} contacts ${heap.name}`);
    // Each in a process of its own: a peak is that of the process so far.
    await environment.restartGateway(heap.flags);
    const milliseconds = await pageThrough(environment, length);
    const { peak } = residentSize(environment.pid('gateway'));
    peaks.push(peak);
    report.row(
      `${length} unified contacts in pages of ${PAGE}, ${heap.name}`,
      `${peak.toFixed(0)} MiB resident at the peak, ${((length * 1000) / milliseconds).toFixed(0)} contacts/s`,
    );
  }
  return peaks;
}

function tellGrowth(report: Report, peaks: readonly number[]): void {
  const growth = (peaks.at(-1) ?? Number.NaN) - (peaks[0] ?? Number.NaN);
  const aim = { text: `≤ ${MOST_GROWTH_MIB} MiB`, met: growth <= MOST_GROWTH_MIB };
  report.row(`paging: what 49,000 contacts more add to the peak, ${SMALL_HEAP.name}`, `${growth.toFixed(0)} MiB`, aim);
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

const QUERY = `query ($first: Int!, $after: String) { unified { contacts(first: $first, after: $after) {
  nodes { id dynamics { fullname emailaddress1 jobtitle } campaign { email firstName lastName } }
  pageInfo { endCursor hasNextPage } } } }`;

async function fetchPage(gateway: string, after: string | null): Promise<Page> {
  const response = await fetch(gateway, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY, variables: { first: PAGE, after } }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { data, errors } = (await response.json()) as Body; // what a GraphQL server answers
  if (data?.unified.contacts == null) throw new Error(`Expected a page of contacts, but got ${JSON.stringify(errors)}`);
  return data.unified.contacts;
}

interface Body {
  readonly data?: { readonly unified: { readonly contacts: Page | null } } | null;
  readonly errors?: unknown;
}
