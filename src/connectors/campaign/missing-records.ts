import type { CampaignSchema } from '../../model/campaign-schema.js';
import { neutralPath } from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import {
  keyPathsOf,
  type Page,
  type RecordQuery,
  type Scalar,
  type WriteOutcome,
  type WriteRequest,
  type WriteValue,
} from '../../model/query.js';
import type { RecordData, RecordValue } from '../../model/record.js';

/** The outcome of a record that is not written. */
export type Refusal = Extract<WriteOutcome, { ok: false }>;

type Query = (query: RecordQuery<CampaignSchema>) => Promise<Page>;

/** Keys that one query asks for. */
const KEYS_AT_ONCE = 200;

/**
 * The outcomes of those records of an update that Campaign does not have, by their index. Campaign itself says nothing of them:
 * its `update` of a record that is not there is quietly nothing.
 */
export async function findMissing(
  query: Query,
  request: WriteRequest<CampaignSchema>,
): Promise<ReadonlyMap<number, Refusal>> {
  const path = onlyKey(request);
  const keys = request.records.map((record) => keyOf(record, path));
  const asked = [...new Set(keys.filter((key) => key !== null))];
  const found = new Set<string>();
  for (let at = 0; at < asked.length; at += KEYS_AT_ONCE) {
    for (const key of await existing(query, request.to, path, asked.slice(at, at + KEYS_AT_ONCE))) found.add(key);
  }
  return new Map(
    keys.flatMap((key, index) =>
      key === null || found.has(String(key)) ? [] : [[index, notFound(request.to, path, key)]],
    ),
  );
}

/** One request can ask for many values of one attribute, but not for many pairs of values. */
function onlyKey(request: WriteRequest<CampaignSchema>): string {
  const [path, ...others] = keyPathsOf(request);
  if (path !== undefined && others.length === 0) return neutralPath(path);
  throw new RequestError('UNSUPPORTED', `Records of ${request.to.name} are updated by one attribute, not by several.`);
}

/** Null where the record names no key, which is told elsewhere. */
function keyOf(record: Readonly<Record<string, WriteValue>>, path: string): Scalar | null {
  const [, value = null] = Object.entries(record).find(([name]) => neutralPath(name) === path) ?? [];
  return value === '' ? null : value;
}

async function existing(
  query: Query,
  from: CampaignSchema,
  path: string,
  values: readonly Scalar[],
): Promise<readonly string[]> {
  const found: string[] = [];
  let after: string | undefined;
  do {
    const filter = { kind: 'in', path, values } as const;
    const page = await query({ from, select: { fields: [path] }, filter, first: 1_000, ...(after ? { after } : {}) });
    found.push(...page.records.map((record) => textAt(record, path.split('/'))));
    after = page.hasNextPage ? page.cursorAt(page.records.length - 1) : undefined;
  } while (after !== undefined);
  return found;
}

function textAt(record: RecordData, steps: readonly string[]): string {
  let value: RecordValue | undefined = record;
  for (const step of steps) value = isNested(value) ? value[step] : undefined;
  return isNested(value) ? String(value.value) : String(value);
}

function isNested(value: RecordValue | undefined): value is RecordData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notFound(schema: CampaignSchema, path: string, key: Scalar): Refusal {
  return {
    ok: false,
    code: 'NOT_FOUND',
    message: `Expected a record of ${schema.name} whose "${path}" is ${JSON.stringify(key)}, but there is none.`,
  };
}
