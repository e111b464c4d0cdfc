import { expect, it } from 'vitest';
import { startOrganization } from './support.js';

it('an id in a segment of its own leads nowhere, as on the service', async () => {
  await using organization = await startOrganization();
  const id = organization.mock.rows('contact')[0]?.contactid;
  expect((await organization.get(`contacts/${id}`)).status).toBe(404);
});

it('with keysAsSegments an id in a segment of its own is a key', async () => {
  await using organization = await startOrganization({ keysAsSegments: true });
  const { mock, get } = organization;
  const contact = mock.rows('contact').find((row) => row.parentcustomerid !== null);
  const id = String(contact?.contactid);
  const [slashed, parenthesized] = [
    await get(`contacts/${id}/?$select=fullname`),
    await get(`contacts(${id})?$select=fullname`),
  ];
  expect(slashed.status).toBe(200);
  expect(slashed.body).toEqual(parenthesized.body);
  const related = await get(`contacts/${id}/parentcustomerid_account/?$select=name`);
  expect(related.body).toMatchObject({ name: expect.any(String) });
});

it('with keysAsSegments an unknown id and a second id in a row are not found', async () => {
  await using organization = await startOrganization({ keysAsSegments: true });
  const id = organization.mock.rows('contact')[0]?.contactid;
  expect((await organization.get('contacts/00000000-0000-0000-0000-00000000dead')).status).toBe(404);
  expect((await organization.get(`contacts/${id}/${id}`)).status).toBe(404);
});
