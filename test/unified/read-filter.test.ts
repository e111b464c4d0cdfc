import { describe, expect, it } from 'vitest';
import { type Catalog, EMPTY_CATALOG } from '../../src/model/catalog.js';
import { RequestError } from '../../src/model/errors.js';
import { attribute, CRM_CATALOG, schema } from './catalogs.js';
import { ask, fakeRemotes, guid } from './fake-remotes.js';

/** The neutral filter that a filter in GraphQL became. */
async function filterOf(list: string, filter: string, catalog = CRM_CATALOG) {
  const remotes = fakeRemotes({});
  const { errors } = await ask(
    catalog,
    remotes,
    `{ ${list.replace('*', `(filter: ${filter}) { nodes { __typename } }`)} }`,
  );
  if (errors[0]) throw errors[0].originalError ?? errors[0];
  return remotes.asked[0]?.filter;
}

const CONTACTS = 'dynamics { contacts* }';
const RECIPIENTS = 'campaign { nmsRecipients* }';

const GARMENTS = 'campaign { cusGarments* }';
const WARDROBE: Catalog = {
  ...EMPTY_CATALOG,
  schemas: [
    {
      ...schema('cus:garment', [
        attribute('size', 'byte', { enumeration: 'size' }),
        attribute('kind', 'string', { enumeration: 'cus:garment:kind' }),
      ]),
      enumerations: [
        { name: 'size', label: 'Size', values: [value('s', '1', 'Small'), value('l', '2', 'Large')] },
        { name: 'kind', label: 'Kind', values: [value('jacket', 'j', 'Jacket'), value('trousers', 't', 'Trousers')] },
      ],
    },
  ],
};

function value(name: string, stored: string, label: string) {
  return { name, value: stored, label };
}

describe('a filter', () => {
  it.each<[string, unknown]>([
    ['{ lastname: { eq: "Ek" } }', { kind: 'compare', path: 'lastname', operator: 'eq', value: 'Ek' }],
    ['{ numberofchildren: { gte: 2 } }', { kind: 'compare', path: 'numberofchildren', operator: 'gte', value: 2 }],
    ['{ lastname: { startsWith: "E" } }', { kind: 'text', path: 'lastname', operator: 'startsWith', value: 'E' }],
    ['{ lastname: { in: ["A", "B", "A"] } }', { kind: 'in', path: 'lastname', values: ['A', 'B'] }],
    ['{ lastname: { isNull: false } }', { kind: 'null', path: 'lastname', isNull: false }],
    ['{ lastname: { eq: null } }', { kind: 'null', path: 'lastname', isNull: true }],
    ['{ lastname: { contains: "" } }', { kind: 'null', path: 'lastname', isNull: false }],
    ['{ gendercode: { ne: 2 } }', { kind: 'compare', path: 'gendercode', operator: 'ne', value: 2 }],
    [
      '{ birthdate: { lt: "2000-02-29" } }',
      { kind: 'compare', path: 'birthdate', operator: 'lt', value: '2000-02-29' },
    ],
    [
      '{ createdon: { gt: "2024-01-31T12:00:00+02:00" } }',
      { kind: 'compare', path: 'createdon', operator: 'gt', value: '2024-01-31T10:00:00.000Z' },
    ],
    [
      '{ parentcustomerid: { eq: "ABCDEF00-0000-0000-0000-000000000001" } }',
      { kind: 'compare', path: 'parentcustomerid', operator: 'eq', value: 'abcdef00-0000-0000-0000-000000000001' },
    ],
    ['{ gendercode: { label: { eq: "FEMALE" } } }', { kind: 'compare', path: 'gendercode', operator: 'eq', value: 2 }],
    ['{ gendercode: { label: { contains: "male" } } }', { kind: 'in', path: 'gendercode', values: [1, 2, 3] }],
    ['{ gendercode: { label: { in: ["Male", "female"] } } }', { kind: 'in', path: 'gendercode', values: [1, 2] }],
    [
      '{ gendercode: { label: { ne: "Male" } } }',
      { kind: 'not', filter: { kind: 'compare', path: 'gendercode', operator: 'eq', value: 1 } },
    ],
    ['{ gendercode: { label: { eq: null } } }', { kind: 'null', path: 'gendercode', isNull: true }],
    ['{ createdon: { lastDays: 7 } }', { kind: 'period', path: 'createdon', period: 'lastDays', value: 7 }],
    ['{ createdon: { on: "2024-02-29" } }', { kind: 'period', path: 'createdon', period: 'on', value: '2024-02-29' }],
    ['{ birthdate: { thisMonth: true } }', { kind: 'period', path: 'birthdate', period: 'thisMonth', value: null }],
    [
      '{ birthdate: { thisMonth: false } }',
      { kind: 'not', filter: { kind: 'period', path: 'birthdate', period: 'thisMonth', value: null } },
    ],
    [
      '{ parentcustomerid_account: { name: { startsWith: "A" } } }',
      { kind: 'text', path: 'parentcustomerid_account/name', operator: 'startsWith', value: 'A' },
    ],
    [
      '{ not: { accountid_account: { name: { eq: "A" } } } }',
      { kind: 'not', filter: { kind: 'compare', path: 'accountid_account/name', operator: 'eq', value: 'A' } },
    ],
  ])('%s is put into neutral words', async (filter, expected) => {
    expect(await filterOf(CONTACTS, filter)).toEqual(expected);
  });

  it('joins what is named together', async () => {
    expect(await filterOf(CONTACTS, '{ firstname: { eq: "Bo" }, lastname: { gt: "A", lt: "B" } }')).toEqual({
      kind: 'and',
      filters: [
        { kind: 'compare', path: 'firstname', operator: 'eq', value: 'Bo' },
        { kind: 'compare', path: 'lastname', operator: 'gt', value: 'A' },
        { kind: 'compare', path: 'lastname', operator: 'lt', value: 'B' },
      ],
    });
  });

  it('joins, chooses and negates by and, or, not', async () => {
    const filter = '{ or: [{ lastname: { eq: "Ek" } }, { not: { firstname: { eq: "Bo" } } }] }';
    expect(await filterOf(CONTACTS, filter)).toEqual({
      kind: 'or',
      filters: [
        { kind: 'compare', path: 'lastname', operator: 'eq', value: 'Ek' },
        { kind: 'not', filter: { kind: 'compare', path: 'firstname', operator: 'eq', value: 'Bo' } },
      ],
    });
  });

  it('follows the elements and links of a Campaign schema by path', async () => {
    const filter = '{ location: { not: { city: { eq: "Lyon" } } }, folder: { label: { eq: "News" } } }';
    expect(await filterOf(RECIPIENTS, filter)).toEqual({
      kind: 'and',
      filters: [
        { kind: 'not', filter: { kind: 'compare', path: 'location/city', operator: 'eq', value: 'Lyon' } },
        { kind: 'compare', path: 'folder/label', operator: 'eq', value: 'News' },
      ],
    });
  });

  it.each([
    ['{ size: { label: { eq: "large" } } }', { kind: 'compare', path: 'size', operator: 'eq', value: 2 }],
    ['{ size: { name: { in: ["S", "l"] } } }', { kind: 'in', path: 'size', values: [1, 2] }],
    ['{ size: { eq: 1 } }', { kind: 'compare', path: 'size', operator: 'eq', value: 1 }],
    ['{ kind: { label: { startsWith: "T" } } }', { kind: 'compare', path: 'kind', operator: 'eq', value: 't' }],
    [
      '{ kind: { name: { ne: "jacket" } } }',
      { kind: 'not', filter: { kind: 'compare', path: 'kind', operator: 'eq', value: 'j' } },
    ],
    ['{ kind: { gt: "j" } }', { kind: 'compare', path: 'kind', operator: 'gt', value: 'j' }],
  ])('%s compares an enumeration of Campaign by value, name or label', async (filter, expected) => {
    expect(await filterOf(GARMENTS, filter, WARDROBE)).toEqual(expected);
  });

  it('refuses a name that an enumeration does not list', async () => {
    await expect(filterOf(GARMENTS, '{ size: { name: { eq: "XL" } } }', WARDROBE)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'filter.size.name.eq',
      message: 'Expected "filter.size.name.eq" to be one of "s", "l", but got "XL".',
    });
  });

  it('names an attribute as Campaign does, and its key by number', async () => {
    expect(await filterOf(RECIPIENTS, '{ folder_id: { eq: 3 } }')).toMatchObject({ path: 'folder-id' });
    expect(await filterOf(RECIPIENTS, '{ id: { in: ["7"] } }')).toEqual({ kind: 'in', path: 'id', values: [7] });
  });

  it('names a key that a number could not hold by its digits, and refuses one that Campaign could not', async () => {
    const [whole, beyond] = ['9223372036854775807', '9223372036854775808'];
    expect(await filterOf(RECIPIENTS, `{ id: { eq: "${whole}" } }`)).toMatchObject({ value: whole });
    await expect(filterOf(RECIPIENTS, `{ id: { eq: "${beyond}" } }`)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'filter.id.eq',
    });
  });

  it.each([
    '{ gendercode: { label: { contains: "x" } } }',
    '{ lastname: { in: [] } }',
    '{ or: [] }',
    '{ not: { and: [] } }',
  ])('%s lets nothing pass and asks nothing of Dynamics', async (filter) => {
    const remotes = fakeRemotes({ contact: [{ contactid: guid(1) }] });
    const query = `{ dynamics { contacts(filter: ${filter}) { nodes { lastname } totalCount { value exact } } } }`;
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.dynamics.contacts).toEqual({ nodes: [], totalCount: { value: 0, exact: true } });
    expect(remotes.requests).toEqual([]);
  });

  it.each(['{}', 'null', '{ and: [] }', '{ lastname: {} }', '{ or: [{}, { lastname: { eq: "Ek" } }] }'])(
    '%s lets everything pass',
    async (filter) => {
      expect(await filterOf(CONTACTS, filter)).toBeUndefined();
    },
  );

  it.each([
    ['{ accountid: { eq: "7" } }', 'filter.accountid.eq'],
    ['{ or: [{ contactid: { in: ["x"] } }] }', 'filter.or.0.contactid.in.0'],
    ['{ lastname: { gt: null } }', 'filter.lastname.gt'],
    ['{ gendercode: { label: { eq: "Other" } } }', 'filter.gendercode.label.eq'],
    ['{ gendercode: { label: { in: ["Male", "x"] } } }', 'filter.gendercode.label.in.1'],
    ['{ gendercode: { label: { contains: null } } }', 'filter.gendercode.label.contains'],
    ['{ createdon: { lastDays: 0 } }', 'filter.createdon.lastDays'],
    [
      '{ parentcustomerid_account: { primarycontactid_contact: { lastname: { eq: "A" } } } }',
      'filter.parentcustomerid_account.primarycontactid_contact',
    ],
    ['{ lastname: null }', 'filter.lastname'],
    [`${'{ not: '.repeat(20)}{ lastname: { eq: "a" } }${' }'.repeat(20)}`, 'filter'],
  ])('%s is refused by name', async (filter, field) => {
    const error = await filterOf(CONTACTS, filter).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', field: expect.stringContaining(field) });
  });
});

describe('an order', () => {
  it('is read item by item, elements by path', async () => {
    const remotes = fakeRemotes({});
    const query =
      '{ campaign { nmsRecipients(orderBy: [{ location: { city: ASC } }, { id: DESC }]) { nodes { id } } } }';
    await ask(CRM_CATALOG, remotes, query);
    expect(remotes.asked[0]?.orderBy).toEqual([
      { path: 'location/city', descending: false },
      { path: 'id', descending: true },
    ]);
  });

  it.each(['{ lastname: ASC, firstname: ASC }', '{}', '{ lastname: null }'])('refuses the item %s', async (item) => {
    const query = `{ dynamics { contacts(orderBy: [${item}]) { nodes { lastname } } } }`;
    const { errors } = await ask(CRM_CATALOG, fakeRemotes({}), query);
    expect(errors[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: 'orderBy.0' });
  });
});

describe('the arguments of a list', () => {
  it.each([0, -1, 5001])('refuse first: %i', async (first) => {
    const query = `{ dynamics { contacts(first: ${first}) { nodes { lastname } } } }`;
    const { errors } = await ask(CRM_CATALOG, fakeRemotes({}), query);
    expect(errors[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: 'first' });
  });

  it.each([
    'dynamics { contact(id: "7") { contactid } }',
    'campaign { nmsRecipient(id: "x") { id } }',
    'unified { contact(id: "") { id } }',
  ])('refuse the id in %s', async (query) => {
    const { errors } = await ask(CRM_CATALOG, fakeRemotes({}), `{ ${query} }`);
    expect(errors[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: 'id' });
  });
});
