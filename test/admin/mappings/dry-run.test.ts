import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MapTablesInput, TableSelectionInput } from '../../../src/admin/mappings/map-tables.inputs.js';
import type { MapTablesPayload } from '../../../src/admin/mappings/map-tables.types.js';
import { ConversionEnum, DirectionEnum } from '../../../src/admin/mappings/table-mapping.types.js';
import { describeChanges } from '../../../src/mapping/schema-changes.js';
import { sameSource } from '../../../src/mapping/schema-document.js';
import type { XmlElement } from '../../../src/model/xml.js';
import { ACCOUNT, openSetUp, type SetUp } from '../set-up.js';

const TARGETS: Readonly<Record<string, readonly string[]>> = {
  account: ['cus:crmAccount', 'cus:company'],
  contact: ['nms:recipient', 'cus:crmContact'],
  lead: ['nms:recipient', 'cus:crmLead'],
  task: ['cus:crmTask'],
};
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  account: ['name', 'industrycode', 'primarycontactid', 'parentaccountid', 'revenue', 'modifiedon', 'description'],
  contact: ['lastname', 'gendercode', 'parentcustomerid', 'birthdate', 'donotbulkemail', 'address1_city', 'modifiedon'],
  lead: ['subject', 'companyname', 'parentaccountid', 'leadqualitycode', 'estimatedamount', 'createdon'],
  task: ['subject', 'regardingobjectid', 'ownerid', 'prioritycode', 'scheduledend'],
};
const MOMENTS = ['modifiedon', 'createdon', 'scheduledend'];
const SCHEMAS = [
  'cus:recipient',
  'cus:company',
  ...['Account', 'Contact', 'Lead', 'Task'].map((one) => `cus:crm${one}`),
];

type Step =
  | { readonly kind: 'map'; readonly tables: TableSelectionInput[] }
  | { readonly kind: 'unmap'; readonly table: string };

const selection = fc.constantFrom(...Object.keys(TARGETS)).chain((table) =>
  fc.record({
    table: fc.constant(table),
    columns: fc.subarray([...(COLUMNS[table] ?? [])]),
    target: fc.record({
      schema: fc.constantFrom(...(TARGETS[table] ?? [])),
      key: fc.constant(`@${table}Id`),
      fields: fc.subarray((COLUMNS[table] ?? []).filter((column) => MOMENTS.includes(column))).chain((columns) =>
        fc.tuple(
          ...columns.map((column) =>
            fc.record({
              column: fc.constant(column),
              path: fc.constantFrom(`@when_${column}`, `times/@${column}`),
              conversion: fc.constantFrom(...Object.values(ConversionEnum)),
              direction: fc.constantFrom(...Object.values(DirectionEnum)),
            }),
          ),
        ),
      ),
    }),
  }),
);
const mapping: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('map' as const),
  tables: fc.uniqueArray(selection, { minLength: 1, maxLength: 3, selector: (one) => one.table }),
});
const unmapping: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('unmap' as const),
  table: fc.constantFrom(...Object.keys(TARGETS)),
});
const walk = fc.array(fc.oneof({ arbitrary: mapping, weight: 3 }, { arbitrary: unmapping, weight: 1 }), {
  minLength: 2,
  maxLength: 4,
});

describe('a dry run', () => {
  let setUp: SetUp;
  let carriedOut = 0;
  beforeAll(async () => {
    setUp = await openSetUp();
  });
  afterAll(() => setUp.close());

  it('tells what the real call then changes in Campaign, whatever was mapped before', async () => {
    await fc.assert(
      fc.asyncProperty(walk, async (steps) => {
        for (const step of steps) await checkStep(step);
      }),
      { numRuns: 8, seed: 20_261_122 },
    );
    expect(carriedOut).toBeGreaterThan(8);
  }, 240_000);

  async function checkStep(step: Step): Promise<void> {
    const before = await read();
    const told = await outcome(step, true);
    expect(await read()).toEqual(before);
    const done = await outcome(step, false);
    expect(done).toEqual(typeof told === 'string' ? told : { ...told, dryRun: false });
    if (typeof done === 'string') return;
    if (done.changes.length > 0) carriedOut++;
    const after = await read();
    expect(done.mappings).toEqual(after.mappings);
    expect(schemaChanges(done)).toEqual(observed(before.sources, after.sources));
    if (step.kind === 'map') expect(await outcome(step, false)).toMatchObject({ changes: [] });
  }

  /** What the call answers, or why it was refused. */
  async function outcome(step: Step, dryRun: boolean): Promise<MapTablesPayload | string> {
    const call =
      step.kind === 'map'
        ? setUp.mappings.map({ account: ACCOUNT, tables: step.tables, dryRun } satisfies MapTablesInput, {})
        : setUp.mappings.unmap({ account: ACCOUNT, tables: [step.table], dryRun }, {});
    return call.then(
      (payload) => ({ ...payload, mappings: byTable(payload) }),
      (error: Error) => error.message,
    );
  }

  async function read() {
    const names = [...SCHEMAS, `mscrm:mscrmSchema${ACCOUNT}`];
    const sources = await Promise.all(names.map((name) => setUp.campaign.readSourceSchema(name)));
    return {
      sources: new Map(names.map((name, index) => [name, sources[index] ?? null])),
      mappings: await setUp.storage.mappings.list(),
    };
  }
});

function byTable(payload: MapTablesPayload) {
  return [...payload.mappings].sort((one, other) => (one.table < other.table ? -1 : 1));
}

function schemaChanges(payload: MapTablesPayload): readonly string[] {
  return payload.changes
    .filter(({ kind }) => !kind.endsWith('_MAPPING'))
    .map(({ kind, subject }) => `${kind} ${subject}`)
    .sort();
}

/** The changes that two states of Campaign show. */
function observed(
  before: ReadonlyMap<string, XmlElement | null>,
  after: ReadonlyMap<string, XmlElement | null>,
): readonly string[] {
  const changes = [...after].flatMap(([name, now]) => {
    const held = before.get(name) ?? null;
    return held && now && sameSource(held, now) ? [] : describeChanges(name, held, now);
  });
  return changes.map(({ kind, subject }) => `${kind} ${subject}`).sort();
}
