import { describe, expect, it } from 'vitest';
import { CRM_CATALOG } from './catalogs.js';
import { ask, fakeRemotes, guid } from './fake-remotes.js';

/** What the first request selected for a query. */
async function selected(query: string, variables: Readonly<Record<string, unknown>> = {}) {
  const remotes = fakeRemotes({});
  const { errors } = await ask(CRM_CATALOG, remotes, query, variables);
  expect(errors).toEqual([]);
  return remotes.asked[0]?.select;
}

describe('a query of Dynamics records', () => {
  it('asks only for the columns it names, and for the id', async () => {
    expect(await selected('{ dynamics { contacts { nodes { lastname firstname } } } }')).toEqual({
      fields: ['contactid', 'lastname', 'firstname'],
    });
  });

  it('asks for a column once under several aliases', async () => {
    expect(await selected('{ dynamics { contacts { nodes { a: lastname b: lastname } } } }')).toEqual({
      fields: ['contactid', 'lastname'],
    });
  });

  it('takes nodes and edges together', async () => {
    const query = '{ dynamics { contacts { nodes { lastname } edges { cursor node { firstname } } } } }';
    expect(await selected(query)).toEqual({ fields: ['contactid', 'lastname', 'firstname'] });
  });

  it('opens fragments, named and inline', async () => {
    const query = `
      { dynamics { contacts { nodes { ...Name ... on DynamicsContact { emailaddress1 } } } } }
      fragment Name on DynamicsContact { firstname ...Rest }
      fragment Rest on DynamicsContact { lastname }`;
    expect(await selected(query)).toEqual({ fields: ['contactid', 'firstname', 'lastname', 'emailaddress1'] });
  });

  it('heeds @skip and @include', async () => {
    const query = `query ($yes: Boolean!, $no: Boolean!) { dynamics { contacts { nodes {
      firstname @skip(if: $yes) lastname @skip(if: $no) emailaddress1 @include(if: $no)
      ... @include(if: $yes) { birthdate }
    } } } }`;
    expect(await selected(query, { yes: true, no: false })).toEqual({ fields: ['contactid', 'lastname', 'birthdate'] });
  });

  it('asks for a lookup by its own column', async () => {
    const query = '{ dynamics { contacts { nodes { accountid { name } } } } }';
    expect(await selected(query)).toEqual({ fields: ['contactid', 'accountid'] });
  });

  it('asks for the count alone where nothing else is wanted', async () => {
    const remotes = fakeRemotes({ contact: [{ contactid: guid(1) }] });
    const { data } = await ask(CRM_CATALOG, remotes, '{ dynamics { contacts { totalCount { value exact } } } }');
    expect(data.dynamics.contacts.totalCount).toEqual({ value: 1, exact: true });
    expect(remotes.asked).toMatchObject([{ first: 1, count: true, select: { fields: ['contactid'] } }]);
  });

  it('does not count where the count is not wanted', async () => {
    const remotes = fakeRemotes({});
    await ask(CRM_CATALOG, remotes, '{ dynamics { contacts { nodes { lastname } } } }');
    expect(remotes.asked[0]?.count).toBeUndefined();
  });
});

describe('a query of Campaign records', () => {
  it('names attributes by their paths', async () => {
    const query = '{ campaign { nmsRecipients { nodes { email folder_id location { city } } } } }';
    expect(await selected(query)).toEqual({ fields: ['id', 'email', 'folder-id', 'location/city'] });
  });

  it('asks for a linked record in the same request, with its key', async () => {
    const query = '{ campaign { nmsRecipients { nodes { folder { label } } } } }';
    expect(await selected(query)).toEqual({ fields: ['id'], nested: { folder: { fields: ['id', 'label'] } } });
  });
});

describe('a query of unified records', () => {
  it('asks for the columns, those under dynamics and the compared ones together', async () => {
    const query = '{ unified { contacts { nodes { firstname dynamics { lastname firstname } syncState } } } }';
    expect(await selected(query)).toEqual({
      fields: ['contactid', 'firstname', 'lastname', 'emailaddress1', 'gendercode'],
    });
  });
});
