import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SharedReads } from '../../src/connectors/share-reads.js';
import { runToEnd, setUp, startGateway, type TestGateway } from '../support/gateway.js';

const QUERIES = [
  [
    'lists of both systems',
    '{ unified { contacts(first: 30) { nodes { syncState drift { column } dynamics { fullname gendercode { label } ownerid { __typename } } campaign { email location { city } folder { label } } } } } }',
  ],
  [
    'a list that follows Campaign',
    '{ unified { contacts(from: CAMPAIGN, first: 10) { edges { cursor node { id dynamics { lastname parentcustomerid { ... on DynamicsAccount { name } } } campaign { email } } } totalCount { value } } } }',
  ],
  [
    'lists in lists',
    '{ unified { accounts(first: 5) { nodes { name primarycontactid { lastname campaign { email } } contact_customer_accounts(first: 3) { nodes { lastname campaign { email } parentcustomerid { ... on Account { name } } } totalCount { value } } } } } }',
  ],
  [
    'lists in lists of Dynamics',
    '{ dynamics { accounts(first: 5) { nodes { name primarycontactid { fullname } contact_customer_accounts(first: 2) { nodes { fullname createdon gendercode { value label } } edges { cursor } pageInfo { endCursor hasNextPage } } } } } }',
  ],
  [
    'links and collections of Campaign',
    '{ campaign { xtkFolders(first: 12) { nodes { label folder(first: 3) { nodes { label } totalCount { value } } } } nmsRecipients(first: 4) { nodes { email gender { label } folder { label } } } } }',
  ],
  [
    'sums and groups',
    '{ dynamics { contactsAggregate { count max { createdon } groupBy(columns: [gendercode, parentcustomerid], orderBy: [{ count: DESC }], first: 5) { count key { gendercode { label } parentcustomerid { ... on DynamicsAccount { name } } } } } } campaign { nmsRecipientsAggregate { groupBy(columns: [gender, location_city]) { count key { gender { label } location { city } } } } } }',
  ],
  [
    'filters on both sides',
    '{ unified { contacts(filter: { lastname: { isNull: false } }, campaignFilter: { lastName: { startsWith: "M" } }) { nodes { lastname campaign { email } } } } }',
  ],
] as const;

describe('What reads give', () => {
  let gateway: TestGateway;
  let frozen = 0;

  beforeAll(async () => {
    gateway = await startGateway({ contacts: 60 });
    await setUp(gateway);
    await runToEnd(gateway, 'importAccounts');
    await runToEnd(gateway, 'importContacts');
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await gateway?.close();
  });

  it.each(QUERIES)('is changed by nobody, so that it can be shared: %s', async (_, query) => {
    const plain = await gateway.ask(query);
    const read = SharedReads.prototype.read;
    vi.spyOn(SharedReads.prototype, 'read').mockImplementation(async function (this: SharedReads<unknown>, ...asked) {
      const result = await read.apply(this, asked);
      freeze(result);
      return result;
    });
    const before = frozen;
    // At first it is interpreted, later compiled.
    for (let time = 0; time < 3; time += 1) expect(await gateway.ask(query)).toEqual(plain);
    expect(frozen).toBeGreaterThan(before);
    vi.restoreAllMocks();
  });

  /** Freezes records, pages and what came along with them, but not the descriptions that they are told by. */
  function freeze(value: unknown): void {
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
    Object.freeze(value);
    frozen += 1;
    if (value instanceof Map) for (const inner of value.values()) freeze(inner);
    for (const [name, inner] of Object.entries(value)) if (!DESCRIPTIONS.has(name)) freeze(inner);
  }
});

const DESCRIPTIONS = new Set(['from', 'compiled']);
