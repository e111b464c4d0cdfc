import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runToEnd, setUp, startGateway, type TestGateway } from '../support/gateway.js';

/** How many records of a list a part asks for. */
const PAGE = fc.integer({ min: 1, max: 4 });

function some(fields: readonly string[]): fc.Arbitrary<string> {
  return fc.uniqueArray(fc.constantFrom(...fields), { minLength: 1, maxLength: 3 }).map((chosen) => chosen.join(' '));
}

const dynamicsContact = some([
  ...['fullname', 'lastname', 'gendercode { value label }', 'birthdate', 'versionnumber', 'createdby { fullname }'],
  ...[
    'parentcustomerid { ... on DynamicsAccount { name } }',
    'account_primary_contact(first: 2) { nodes { name revenue } }',
  ],
]);
const dynamicsAccount = some([
  ...[
    'name',
    'revenue',
    'industrycode { label }',
    'primarycontactid { fullname }',
    'primarycontactid { lastname birthdate }',
  ],
  ...['contact_customer_accounts(first: 2) { totalCount { value } nodes { fullname emailaddress1 } }'],
]);
const recipient = some([
  'id',
  'crmId',
  'email',
  'lastName',
  'gender { name }',
  'location { city }',
  'folder { label }',
]);
const contact = fc
  .tuple(
    some(['id', 'lastname', 'syncState', 'drift { column }', 'parentcustomerid { ... on Account { name syncState } }']),
    recipient,
    dynamicsContact,
  )
  .chain(([own, campaign, dynamics]) => some([own, `campaign { ${campaign} }`, `dynamics { ${dynamics} }`]));
const account = fc
  .tuple(contact, dynamicsAccount)
  .chain(([of, dynamics]) =>
    some([
      'name',
      'syncState',
      'campaign { id }',
      'campaign { name }',
      `dynamics { ${dynamics} }`,
      `primarycontactid { ${of} }`,
    ]),
  );

function list(namespace: string, name: string, fields: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(PAGE, fields)
    .map(([first, of]) => `${namespace} { it: ${name}(first: ${first}) { nodes { ${of} } } }`);
}

interface Ids {
  readonly contacts: readonly string[];
  readonly accounts: readonly string[];
  readonly recipients: readonly string[];
}

function partOf(ids: Ids): fc.Arbitrary<string> {
  const one = (namespace: string, name: string, known: readonly string[], fields: fc.Arbitrary<string>) =>
    fc
      .tuple(fc.constantFrom(...known), fields)
      .map(([id, of]) => `${namespace} { it: ${name}(id: "${id}") { ${of} } }`);
  return fc.oneof(
    list('dynamics', 'contacts', dynamicsContact),
    list('dynamics', 'accounts', dynamicsAccount),
    list('campaign', 'nmsRecipients', recipient),
    list('unified', 'contacts', contact),
    list('unified', 'accounts', account),
    one('dynamics', 'contact', ids.contacts, dynamicsContact),
    one('dynamics', 'account', ids.accounts, dynamicsAccount),
    one('campaign', 'nmsRecipient', ids.recipients, recipient),
    one('unified', 'contact', ids.contacts, contact),
    one('unified', 'account', ids.accounts, account),
  );
}

describe('the parts of one query', () => {
  let gateway: TestGateway;
  let ids: Ids;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 20 });
    await setUp(gateway);
    for (const workflow of ['importAccounts', 'importContacts']) await runToEnd(gateway, workflow);
    const { unified } = await gateway.ask(
      '{ unified { contacts(first: 3) { nodes { id campaign { id } } } accounts(first: 3) { nodes { id } } } }',
    );
    ids = {
      contacts: unified.contacts.nodes.map((node: { id: string }) => node.id),
      accounts: unified.accounts.nodes.map((node: { id: string }) => node.id),
      recipients: unified.contacts.nodes.map((node: { campaign: { id: string } }) => node.campaign.id),
    };
  });
  afterAll(() => gateway.close());

  it('are answered as each is by itself, whatever the others have read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(partOf(ids), { minLength: 2, maxLength: 4 }), async (parts) => {
        const together = await gateway.ask(`{ ${parts.map((part, at) => `part${at}: ${part}`).join(' ')} }`);
        for (const [at, part] of parts.entries())
          expect({ part, ...together[`part${at}`] }).toEqual({
            part,
            ...(await gateway.ask(`{ alone: ${part} }`)).alone,
          });
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
