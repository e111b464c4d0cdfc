import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUp, startGateway, type TestGateway } from '../support/gateway.js';

/** What means something to XML, to OData or to who splits texts. */
const MEANINGFUL = [
  ...["'", '"', '&', '<', '>', ']]>', '<![CDATA[', '&amp;', '&#10;', '\\', '%', ':', ','],
  ...['\n', '\r\n', '\t', ' ', '\u0085', '\u2028', '👩‍🚀', 'é'],
];

/** Whatever a person or a program may put into a field. */
const TEXT = fc
  .array(
    fc.oneof(
      { weight: 10, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }) },
      { weight: 10, arbitrary: fc.constantFrom(...MEANINGFUL) },
      { weight: 1, arbitrary: fc.constantFrom('\u0000', '\u0001', '\u001f', '\ufffe', '\ud800') },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').slice(0, 50));

/** What XML 1.0 cannot hold, even escaped: https://www.w3.org/TR/xml/#charsets */
function isRefused(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML leaves out
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.test(text);
}

describe('any text', () => {
  let gateway: TestGateway;
  let id: string;
  let recipientId: string;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 5 });
    await setUp(gateway);
    const { it } = await gateway.ask(
      'mutation { it: createContact(input: { lastname: "Doe" }) { id record { campaign { id } } } }',
    );
    id = it.id;
    recipientId = it.record.campaign.id;
  });
  afterAll(() => gateway.close());

  it('is held by both systems exactly as it was written to both, or by neither', async () => {
    const mutation = `mutation ($id: ID!, $text: String) { it: updateContact(id: $id, input: { jobtitle: $text }) {
      dynamics { status } campaign { status } record { jobtitle campaign { jobtitle } } } }`;
    await fc.assert(
      fc.asyncProperty(TEXT, async (text) => {
        const { data, errors } = await gateway.send(mutation, { id, text });
        if (isRefused(text)) {
          expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.jobtitle' });
          expect(gateway.mocks.dynamics.row('contact', id)?.jobtitle).not.toBe(text);
          return;
        }
        expect(errors).toEqual([]);
        expect(data.it.dynamics.status).toBe('UPDATED');
        expect([data.it.record.jobtitle ?? '', data.it.record.campaign.jobtitle ?? '']).toEqual([text, text]);
      }),
      { numRuns: 60 },
    );
  });

  it('is held by Campaign exactly as it was written to Campaign alone, or refused', async () => {
    const mutation = `mutation ($id: ID!, $text: String) {
      it: updateCampaignNmsRecipient(id: $id, input: { text1: $text, location: { address1: $text } }) { text1 location { address1 } } }`;
    await fc.assert(
      fc.asyncProperty(TEXT, async (text) => {
        const { data, errors } = await gateway.send(mutation, { id: recipientId, text });
        if (isRefused(text)) expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
        else expect([data.it.text1 ?? '', data.it.location.address1 ?? '']).toEqual([text, text]);
      }),
      { numRuns: 60 },
    );
  });

  it('is held by Dynamics exactly as it was written to Dynamics alone', async () => {
    const mutation = `mutation ($id: ID!, $text: String) { it: upsertDynamicsContact(id: $id, input: { jobtitle: $text }) {
      created record { jobtitle } } }`;
    await fc.assert(
      fc.asyncProperty(
        TEXT.filter((text) => text.isWellFormed()),
        async (text) => {
          const { data, errors } = await gateway.send(mutation, { id, text });
          expect(errors).toEqual([]);
          expect(data.it).toMatchObject({ created: false });
          expect(data.it.record.jobtitle ?? '').toBe(text);
        },
      ),
      { numRuns: 60 },
    );
  });
});
