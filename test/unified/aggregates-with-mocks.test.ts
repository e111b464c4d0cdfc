import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MappedMocks, startMappedMocks } from './mapped-mocks.js';

/** What the tests read of a contact, to sum up by hand what the gateway has summed up. */
interface Row {
  readonly contactid: string;
  readonly lastname: string | null;
  readonly gendercode: { readonly value: number; readonly label: string } | null;
  readonly creditlimit: number | null;
  readonly numberofchildren: number | null;
  readonly createdon: string;
  readonly address1_city: string | null;
  readonly parentcustomerid: { readonly accountid?: string; readonly name?: string } | null;
}

describe('records summed up', () => {
  let mapped: MappedMocks;
  let rows: readonly Row[];

  beforeAll(async () => {
    mapped = await startMappedMocks();
    const ids = (await mapped.ask('{ dynamics { contacts(first: 5000) { nodes { contactid } } } }')).dynamics.contacts;
    for (const [index, { contactid }] of ids.nodes.entries()) {
      // Every third contact has no limit; no two sums of limits are equal.
      const creditlimit = index % 3 === 0 ? null : 10.25 + index ** 2;
      mapped.mocks.dynamics.update('contact', contactid, { creditlimit, numberofchildren: index % 5 });
    }
    const { dynamics } = await mapped.ask(`{ dynamics { contacts(first: 5000) { nodes {
      contactid lastname gendercode { value label } creditlimit numberofchildren createdon address1_city
      parentcustomerid { ... on DynamicsAccount { accountid name } }
    } } } }`);
    rows = dynamics.contacts.nodes;
    expect(rows.length).toBeGreaterThan(100);
  });
  afterAll(() => mapped?.close());

  const sum = (values: readonly (number | null)[]) => values.reduce<number>((all, value) => all + (value ?? 0), 0);
  const present = <Value>(values: readonly (Value | null)[]) => values.filter((value) => value !== null);
  const by = (key: (row: Row) => unknown) => Map.groupBy(rows, (row) => key(row) ?? null);

  it('are what the list of them comes to, in one request that asks for no more', async () => {
    const { dynamics } = await mapped.ask(`{ dynamics { contactsAggregate {
      count sum { creditlimit numberofchildren } avg { creditlimit } min { createdon numberofchildren } max { createdon }
      countDistinct { address1_city }
    } } }`);
    const limits = present(rows.map(({ creditlimit }) => creditlimit));
    const moments = rows.map(({ createdon }) => Date.parse(createdon));
    const { sum: sums, avg, min, max, ...rest } = dynamics.contactsAggregate;
    expect(sums.creditlimit).toBeCloseTo(sum(limits));
    expect(sums.numberofchildren).toBe(sum(rows.map(({ numberofchildren }) => numberofchildren)));
    expect(avg.creditlimit).toBeCloseTo(sum(limits) / limits.length);
    expect(min.numberofchildren).toBe(Math.min(...present(rows.map(({ numberofchildren }) => numberofchildren))));
    expect([min.createdon, max.createdon].map(Date.parse)).toEqual([Math.min(...moments), Math.max(...moments)]);
    const cities = new Set(present(rows.map((row) => row.address1_city?.toLowerCase() ?? null)));
    expect(rest).toEqual({ count: rows.length, countDistinct: { address1_city: cities.size } });
    expect(mapped.asked()).toEqual([
      'contacts?$apply=aggregate($count as count,creditlimit with sum as sum_creditlimit,numberofchildren with sum as sum_numberofchildren,' +
        'creditlimit with average as avg_creditlimit,createdon with min as min_createdon,numberofchildren with min as min_numberofchildren,' +
        'createdon with max as max_createdon,address1_city with countdistinct as countDistinct_address1_city)',
    ]);
  });

  it('are grouped by a choice, with its label, in one request', async () => {
    const { dynamics } = await mapped.ask(`{ dynamics { contactsAggregate {
      groupBy(columns: [gendercode]) { key { gendercode { value label } } count avg { creditlimit } }
    } } }`);
    const expected = by(({ gendercode }) => gendercode?.value);
    const found = dynamics.contactsAggregate.groupBy;
    expect(found.map((group: { key: { gendercode: unknown } }) => group.key.gendercode)).toEqual(
      [...expected.values()]
        .map(([row]) => row?.gendercode ?? null)
        .sort((left, right) => (left?.value ?? -1) - (right?.value ?? -1)),
    );
    for (const { key, count, avg } of found) {
      const group = expected.get(key.gendercode?.value ?? null) ?? [];
      const limits = present(group.map(({ creditlimit }) => creditlimit));
      expect(count).toBe(group.length);
      expect(avg.creditlimit).toBeCloseTo(sum(limits) / limits.length);
    }
    expect(mapped.asked()).toHaveLength(1);
  });

  it('are grouped by a lookup, the records that it leads to all in one request more', async () => {
    const { dynamics } =
      await mapped.ask(`{ dynamics { contactsAggregate(filter: { parentcustomerid: { isNull: false } }) {
      groupBy(columns: [parentcustomerid], orderBy: [{ sum: { creditlimit: DESC } }], first: 5) {
        key { parentcustomerid { ... on DynamicsAccount { accountid name } } } count
      }
    } } }`);
    const accounts = [...by(({ parentcustomerid }) => parentcustomerid?.accountid).values()]
      .filter(([row]) => row?.parentcustomerid)
      .map((group) => ({
        total: sum(group.map(({ creditlimit }) => creditlimit)),
        shown: { key: { parentcustomerid: group[0]?.parentcustomerid }, count: group.length },
      }))
      .sort((left, right) => right.total - left.total);
    expect(dynamics.contactsAggregate.groupBy).toEqual(accounts.slice(0, 5).map(({ shown }) => shown));
    expect(mapped.asked().map((request) => request.split('?')[0])).toEqual(['contacts', 'accounts']);
  });

  it('are grouped by several columns at once, the largest groups first', async () => {
    const { dynamics } = await mapped.ask(`{ dynamics { contactsAggregate {
      groupBy(columns: [gendercode, address1_city], orderBy: [{ count: DESC }, { key: { address1_city: ASC } }], first: 5000) {
        key { address1_city gendercode { value } } count
      }
    } } }`);
    const groups: { key: { address1_city: string; gendercode: { value: number } | null }; count: number }[] =
      dynamics.contactsAggregate.groupBy;
    const expected = by(({ gendercode, address1_city }) => `${gendercode?.value} ${address1_city?.toLowerCase()}`);
    const counts = groups.map(({ count }) => count);
    expect(groups.length).toBe(expected.size);
    expect(counts).toEqual(counts.toSorted((left, right) => right - left));
    for (const { key, count } of groups) {
      const name = `${key.gendercode?.value} ${key.address1_city?.toLowerCase()}`;
      expect(count).toBe(expected.get(name)?.length);
    }
  });

  it('are filtered as lists are: across lookups, by periods and by labels', async () => {
    const filter = `{ parentcustomerid_account: { name: { contains: "a" } }, createdon: { olderThanDays: 1 }, gendercode: { label: { eq: "Female" } } }`;
    const { dynamics } = await mapped.ask(
      `{ dynamics { contacts(filter: ${filter}) { totalCount { value } } contactsAggregate(filter: ${filter}) { count } } }`,
    );
    expect(dynamics.contactsAggregate.count).toBeGreaterThan(0);
    expect(dynamics.contactsAggregate.count).toBe(dynamics.contacts.totalCount.value);
  });

  it('cost no request where no record can match, or nothing is asked', async () => {
    const { dynamics } = await mapped.ask(`{ dynamics {
      none: contactsAggregate(filter: { lastname: { in: [] } }) { count sum { creditlimit } countDistinct { lastname } groupBy(columns: [lastname]) { count } }
      nothing: contactsAggregate { __typename sum { __typename } }
    } }`);
    expect(dynamics.none).toEqual({
      count: 0,
      sum: { creditlimit: null },
      countDistinct: { lastname: 0 },
      groupBy: [],
    });
    expect(mapped.asked()).toEqual([]);
  });

  it('are summed up by the mapped columns of a unified record', async () => {
    const { unified } = await mapped.ask(`{ unified { contactsAggregate(filter: { lastname: { isNull: false } }) {
      count groupBy(columns: [gendercode]) { key { gendercode { value label } } count }
    } } }`);
    const { count, groupBy } = unified.contactsAggregate;
    expect(sum(groupBy.map((group: { count: number }) => group.count))).toBe(count);
    expect(groupBy.map((group: { key: { gendercode: unknown } }) => group.key.gendercode)).toContainEqual({
      value: 2,
      label: 'Female',
    });
    expect(mapped.asked()).toHaveLength(2);
  });

  it('of unified records can be those whose Campaign side matches, in one request more', async () => {
    const args = '(filter: { lastname: { isNull: false } }, campaignFilter: { location: { city: { isNull: false } } })';
    const { unified } = await mapped.ask(
      `{ unified { contactsAggregate${args} { count groupBy(columns: [gendercode]) { count } } } }`,
    );
    expect(
      mapped
        .asked()
        .map((request) => /^contacts/.exec(request)?.[0] ?? 'campaign')
        .sort(),
    ).toEqual(['campaign', 'contacts', 'contacts']);
    const { unified: listed } = await mapped.ask(`{ unified { contacts${args} { totalCount { value } } } }`);
    expect(unified.contactsAggregate.count).toBe(listed.contacts.totalCount.value);
    expect(unified.contactsAggregate.count).toBeGreaterThan(10);
    expect(sum(unified.contactsAggregate.groupBy.map((group: { count: number }) => group.count))).toBe(
      unified.contactsAggregate.count,
    );
    const { unified: none } = await mapped.ask(
      '{ unified { contactsAggregate(campaignFilter: { email: { eq: "nobody@nowhere.example" } }) { count } } }',
    );
    expect(none.contactsAggregate.count).toBe(0);
    expect(mapped.asked()).toHaveLength(1);
  });

  it('are summed up by Campaign too, by enumerations and by what stands in elements', async () => {
    const { campaign } = await mapped.ask(`{ campaign {
      nmsRecipients(first: 5000, filter: { crmId: { isNull: false } }) { nodes { gender { name } location { city } birthDate } }
      nmsRecipientsAggregate(filter: { crmId: { isNull: false } }) {
        count min { birthDate } countDistinct { crmId }
        groupBy(columns: [gender, location_city], first: 5000) { key { gender { name label } location { city } } count }
      }
    } }`);
    const found = campaign.nmsRecipientsAggregate;
    const nodes: { gender: { name: string }; location: { city: string | null }; birthDate: string | null }[] =
      campaign.nmsRecipients.nodes;
    const births = present(nodes.map(({ birthDate }) => birthDate)).sort();
    expect(found).toMatchObject({ count: 100, min: { birthDate: births[0] }, countDistinct: { crmId: 100 } });
    const expected = Map.groupBy(nodes, ({ gender, location }) => `${gender.name} ${location.city}`);
    const counts = found.groupBy.map(
      ({ key, count }: { key: { gender: { name: string }; location: { city: string } }; count: number }) =>
        [`${key.gender.name} ${key.location.city}`, count] as const,
    );
    expect(new Map(counts)).toEqual(new Map([...expected].map(([key, group]) => [key, group.length])));
    expect(counts).toHaveLength(expected.size);
  });

  it('leave the total where only the groups were wrongly asked for', async () => {
    const { data, errors } = await mapped.run(
      '{ dynamics { contactsAggregate { count groupBy(columns: []) { count } } } }',
    );
    expect(data.dynamics.contactsAggregate).toEqual({ count: rows.length, groupBy: null });
    expect(errors).toMatchObject([
      { code: 'BAD_USER_INPUT', field: 'columns', message: expect.stringContaining('empty') },
    ]);
  });

  it.each([
    [
      'a key that the groups are not made by',
      'groupBy(columns: [lastname]) { key { firstname } }',
      '"firstname" is not among',
    ],
    [
      'an order by such a key',
      'groupBy(columns: [lastname], orderBy: [{ key: { firstname: ASC } }]) { count }',
      '"firstname" is not among',
    ],
    [
      'an order by two things in one item',
      'groupBy(columns: [lastname], orderBy: [{ count: ASC, key: { lastname: ASC } }]) { count }',
      'exactly one field',
    ],
    ['no groups at all', 'groupBy(columns: [lastname], first: 0) { count }', '"first" between 1 and 5000'],
  ])('refuse %s, and ask nothing for it', async (_, field, message) => {
    const { errors } = await mapped.run(`{ dynamics { contactsAggregate { ${field} } } }`);
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) }]);
    expect(mapped.asked()).toEqual([]);
  });

  it.each(['sum { lastname }', 'avg { createdon }', 'min { gendercode }', 'groupBy(columns: [createdon]) { count }'])(
    'have no %s',
    async (field) => {
      const { errors } = await mapped.run(`{ dynamics { contactsAggregate { ${field} } } }`);
      expect(errors.length).toBeGreaterThan(0);
      expect(errors[0]?.message).toMatch(/Cannot query field|does not exist in "DynamicsContactGroupColumn"/);
    },
  );

  it('of more than Dynamics sums up tell what to do, and leave what else was asked', async () => {
    for (let index = 0; index <= 50_000; index += 1)
      mapped.mocks.dynamics.insert('list', { listname: `List ${index}`, createdfromcode: 2 });
    const { data, errors } = await mapped.run(
      '{ dynamics { listsAggregate { count } contactsAggregate { count } few: listsAggregate(filter: { listname: { eq: "List 7" } }) { count } } }',
    );
    expect(data.dynamics).toEqual({
      listsAggregate: null,
      contactsAggregate: { count: rows.length },
      few: { count: 1 },
    });
    expect(errors).toMatchObject([
      {
        code: 'UPSTREAM_REJECTED',
        message: expect.stringContaining('Narrow the filter'),
        upstream: { system: 'dynamics', status: 400, code: '0x8004e023' },
      },
    ]);
  });
});
