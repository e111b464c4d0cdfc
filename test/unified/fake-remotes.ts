import { graphql } from 'graphql';
import type { CampaignConnector } from '../../src/connectors/campaign/campaign-connector.js';
import type { DynamicsConnector } from '../../src/connectors/dynamics/dynamics-connector.js';
import type { CallOptions } from '../../src/model/call.js';
import type { CampaignSchema } from '../../src/model/campaign-schema.js';
import type { Catalog } from '../../src/model/catalog.js';
import type { Filter, Order, Page, RecordQuery, Scalar, Selection } from '../../src/model/query.js';
import type { RecordData, RecordValue } from '../../src/model/record.js';
import type { System } from '../../src/model/system.js';
import type { Table } from '../../src/model/table.js';
import { composeSchema } from '../../src/unified/compose-schema.js';
import type { UnifiedContext } from '../../src/unified/context.js';
import { createLoaders } from '../../src/unified/loaders.js';
import { createPublishedSchema } from '../../src/unified/published-schema.js';
import { STATIC_SCHEMA } from './catalogs.js';

/** One query that a fake remote was asked, in neutral words. */
export interface AskedQuery extends Omit<RecordQuery<unknown>, 'from'> {
  readonly system: System;
  /** Logical name of the table, or name of the schema. */
  readonly from: string;
  readonly call?: CallOptions;
}

/** Both remotes in memory, with the list of what they were asked. A record holds only what was selected, as from a real remote. */
export interface FakeRemotes {
  readonly asked: AskedQuery[];
  /** `dynamics contact`, `campaign nms:recipient` …, in the order they were asked. */
  readonly requests: readonly string[];
  /** From now on every query of this system fails so. */
  fail(system: System, error: Error): void;
  /** Answers, of one system or of both, wait until the returned function is called. */
  hold(system?: System): () => void;
  context(call?: CallOptions): UnifiedContext;
}

const SYSTEMS: readonly System[] = ['dynamics', 'campaign'];

export type Rows = Readonly<Record<string, readonly RecordData[]>>;

export function fakeRemotes(rows: Rows): FakeRemotes {
  const asked: AskedQuery[] = [];
  const faults = new Map<System, Error>();
  const held = new Map<System, Promise<void>>();

  async function answer(query: AskedQuery, key: string): Promise<Page> {
    asked.push(query);
    await held.get(query.system);
    const fault = faults.get(query.system);
    if (fault) throw fault;
    return pageOf(rows[query.from] ?? [], query, key);
  }

  // A remote that can gather no pages, so that each is asked for by itself.
  const answerNone = async () => new Map<Scalar, Page>();
  // The generated graph only reads; the members left out are never reached.
  const dynamics = {
    query: ({ from, ...query }: RecordQuery<Table>, call?: CallOptions) =>
      answer({ ...query, system: 'dynamics', from: from.logicalName, call }, from.primaryId),
    queryEach: answerNone,
  } as unknown as DynamicsConnector;
  const campaign = {
    query: ({ from, ...query }: RecordQuery<CampaignSchema>, call?: CallOptions) =>
      answer({ ...query, system: 'campaign', from: from.name, call }, 'id'),
    queryEach: answerNone,
  } as unknown as CampaignConnector;

  return {
    asked,
    get requests() {
      return asked.map(({ system, from }) => `${system} ${from}`);
    },
    fail: (system, error) => faults.set(system, error),
    hold(system) {
      const { promise, resolve } = Promise.withResolvers<void>();
      for (const one of SYSTEMS) if (system === undefined || one === system) held.set(one, promise);
      return resolve;
    },
    context(call = {}) {
      const remotes = { ...call, dynamics: async () => dynamics, campaign: async () => campaign };
      return { ...remotes, loaders: createLoaders(remotes), mayWrite: true };
    },
  };
}

function pageOf(rows: readonly RecordData[], query: AskedQuery, key: string): Page {
  const matching = rows.filter((row) => !query.filter || passes(row, query.filter)).sort(byOrder(query.orderBy ?? []));
  const start = query.after === undefined ? 0 : Number(query.after);
  const records = matching.slice(start, start + query.first);
  return {
    records: records.map((row) => project(row, { ...query.select, fields: [key, ...query.select.fields] })),
    hasNextPage: start + records.length < matching.length,
    cursorAt: (index) => String(start + index + 1),
    count: query.count ? { value: matching.length, exact: true } : null,
  };
}

function project(row: RecordData, select: Selection): RecordData {
  const result: Record<string, RecordValue> = {};
  for (const path of select.fields) place(result, path.split('/'), at(row, path));
  for (const [name, inner] of Object.entries(select.nested ?? {})) {
    const linked = row[name];
    // A simple link in these rows is always a record or null.
    result[name] = linked ? project(linked as RecordData, inner) : null;
  }
  return result;
}

function place(target: Record<string, RecordValue>, [step = '', ...rest]: readonly string[], value: RecordValue): void {
  if (rest.length === 0) target[step] = value;
  else {
    const inner = { ...((target[step] ?? {}) as Record<string, RecordValue>) };
    place(inner, rest, value);
    target[step] = inner;
  }
}

function at(row: RecordData, path: string): RecordValue {
  let value: unknown = row;
  for (const step of path.split('/')) value = (value as Record<string, unknown> | null | undefined)?.[step];
  return (value ?? null) as RecordValue;
}

/** What a value is compared by: a lookup by its id, a choice by its number. */
function comparable(value: RecordValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return 'id' in value ? value.id : 'value' in value ? value.value : value;
}

function passes(row: RecordData, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((inner) => passes(row, inner));
    case 'or':
      return filter.filters.some((inner) => passes(row, inner));
    case 'not':
      return !passes(row, filter.filter);
    case 'in':
      return filter.values.some((value) => value === comparable(at(row, filter.path)));
    case 'null':
      return (at(row, filter.path) === null) === filter.isNull;
    case 'compare':
      if (filter.operator === 'eq') return comparable(at(row, filter.path)) === filter.value;
      if (filter.operator === 'ne') return comparable(at(row, filter.path)) !== filter.value;
      throw new Error(`These rows are not compared by ${filter.operator}.`);
    case 'period':
      throw new Error(`These rows are not compared by ${filter.period}.`);
    case 'text':
      return String(at(row, filter.path)).startsWith(filter.value);
  }
}

function byOrder(orderBy: readonly Order[]) {
  return (left: RecordData, right: RecordData): number => {
    for (const { path, descending } of orderBy) {
      const [first, second] = [String(at(left, path)), String(at(right, path))];
      if (first !== second) return first < second === descending ? 1 : -1;
    }
    return 0;
  };
}

/** The served GraphQL schema of a catalog, beside a small static one. */
export function schemaOf(catalog: Catalog) {
  const published = createPublishedSchema((generated) => composeSchema(STATIC_SCHEMA, generated));
  published.publish(catalog);
  return published.current;
}

/** Runs a query with the fake remotes, each time as a request of its own. */
export async function ask(
  catalog: Catalog,
  remotes: FakeRemotes,
  source: string,
  variableValues: Readonly<Record<string, unknown>> = {},
) {
  const contextValue = remotes.context();
  const result = await graphql({ schema: schemaOf(catalog), source, contextValue, variableValues });
  // Results have no prototype; the copy compares equal to a literal.
  return { data: JSON.parse(JSON.stringify(result.data ?? null)), errors: result.errors ?? [] };
}

/** `00000000-0000-0000-0000-000000000007` */
export function guid(number: number): string {
  return `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;
}
