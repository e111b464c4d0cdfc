import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MappedMocks, startMappedMocks } from './mapped-mocks.js';

describe('mutations of both sides', () => {
  let graph: MappedMocks;
  beforeAll(async () => {
    graph = await startMappedMocks(['account'], { address1_city: 'TO_DYNAMICS', firstname: 'TO_CAMPAIGN' });
  });
  afterEach(() => {
    graph.mocks.dynamics.clearFaults();
    graph.mocks.campaign.clearFaults();
  });
  afterAll(() => graph.close());

  const STATES = 'id dynamics { status error { code } } campaign { status error { code remedy } }';

  async function create(input: string) {
    const fields = `${STATES} record { id firstname address1_city campaign { firstName location { city } } }`;
    const { createContact } = await graph.ask(`mutation { createContact(input: ${input}) { ${fields} } }`);
    return createContact;
  }

  it('bring to Campaign what the mapping brings there, and leave alone what comes from there', async () => {
    const made = await create('{ firstname: "Ann", address1_city: "Ulm" }');
    expect(made.record).toMatchObject({
      firstname: 'Ann',
      address1_city: 'Ulm',
      campaign: { firstName: 'Ann', location: { city: null } },
    });
  });

  it('ask for nothing more in Campaign than whoever asks wants to see', async () => {
    await graph.ask('mutation { createContact(input: { firstname: "Ann" }) { id } }');
    expect(graph.asked().map((path) => path.replace(/\(.*|\?.*#/, ' '))).toEqual([
      'contacts ',
      expect.stringContaining('contacts?$select='),
      '/nl/jsp/soaprouter.jsp ExecuteQuery',
      '/nl/jsp/soaprouter.jsp WriteCollection',
    ]);
  });

  it('leave Campaign alone where it holds the same already', async () => {
    const { id } = await create('{ firstname: "Ann" }');
    const { updateContact } = await graph.ask(
      `mutation { updateContact(id: "${id}", input: { firstname: "Ann" }) { ${STATES} } }`,
    );
    expect(updateContact).toMatchObject({ dynamics: { status: 'UPDATED' }, campaign: { status: 'UNCHANGED' } });
    expect(graph.asked().filter((path) => path.includes('WriteCollection'))).toEqual([]);
    expect(graph.asked()).toHaveLength(3);
  });

  it.each([
    ['updateContact(id: "*", input: { firstname: "Bea" })', 'UPDATED'],
    ['deleteContact(id: "*")', 'DELETED'],
  ])('know that nothing was written in Campaign where its record could not be looked for: %s', async (field, done) => {
    const { id } = await create('{ firstname: "Ann" }');
    graph.mocks.campaign.addFault({ match: { path: 'ExecuteQuery' }, times: 9, status: 500 });
    const { data } = await graph.run(`mutation { done: ${field.replace('*', id)} { ${STATES} } }`);
    expect(data.done).toMatchObject({
      dynamics: { status: done },
      campaign: {
        status: 'FAILED',
        error: { code: 'UPSTREAM_UNAVAILABLE', remedy: expect.stringContaining('Repeat') },
      },
    });
    expect(graph.asked().filter((path) => path.includes('WriteCollection'))).toEqual([]);
  });

  it('tell that Dynamics was written where it cannot be read back, and go no further', async () => {
    const fault = { method: 'GET', path: 'contacts?' };
    graph.mocks.dynamics.addFault({ match: fault, times: 1, status: 403, code: '0x80040220', message: 'no' });
    const { data, errors } = await graph.run(
      `mutation { createContact(input: { firstname: "Unread" }) { ${STATES} record { id firstname campaign { id } } } }`,
    );
    const made = data.createContact;
    expect(made).toMatchObject({
      dynamics: { status: 'CREATED', error: null },
      campaign: { status: 'SKIPPED', error: { code: 'FORBIDDEN', remedy: expect.stringContaining(made.id) } },
      record: { id: made.id, firstname: null, campaign: null },
    });
    // The field that could not be read tells so itself.
    expect(errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  });

  it.each([
    'createContact(input: { firstname: "x" }) { id }',
    'updateContact(id: "00000000-0000-0000-0000-000000000001", input: { firstname: "x" }) { id }',
    'deleteContact(id: "00000000-0000-0000-0000-000000000001") { id }',
    'upsertDynamicsContact(id: "00000000-0000-0000-0000-000000000001", input: { firstname: "x" }) { created }',
    'createCampaignNmsRecipient(input: { lastName: "x" }) { id }',
    'updateCampaignNmsRecipient(id: "1", input: { lastName: "x" }) { id }',
    'deleteCampaignNmsRecipient(id: "1")',
  ])('are FORBIDDEN to who may only read: %s', async (mutation) => {
    const { errors } = await graph.run(`mutation { ${mutation} }`, false);
    expect(errors[0]).toMatchObject({ code: 'FORBIDDEN' });
    expect(graph.asked()).toEqual([]);
  });
});
