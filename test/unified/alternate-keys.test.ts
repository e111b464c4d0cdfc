import { isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Catalog, EMPTY_CATALOG } from '../../src/model/catalog.js';
import { column, table } from './catalogs.js';
import { ask, fakeRemotes, guid, schemaOf } from './fake-remotes.js';

const product = table('product', [column('number'), column('region', 'integer'), column('site', 'uniqueid')], {
  keys: [
    { name: 'by_site', columns: ['site'], active: true },
    { name: 'by_number', columns: ['number', 'region'], active: true },
    { name: 'still_built', columns: ['region'], active: false },
    { name: 'of_the_past', columns: ['gone'], active: true },
  ],
});
const catalog: Catalog = { ...EMPTY_CATALOG, tables: [product] };
const rows = {
  product: [
    { productid: guid(1), number: 'A', region: 1, site: guid(8) },
    { productid: guid(2), number: 'A', region: 2, site: guid(9) },
  ],
};

describe('the field for one record of a table with alternate keys', () => {
  it('takes the columns of the active ones beside the id', () => {
    const namespace = schemaOf(catalog).getType('Dynamics');
    const field = isObjectType(namespace) ? namespace.getFields().product : undefined;
    const names = field?.args.map(({ name, type }) => `${name}: ${type}`);
    expect(names).toEqual(['id: ID', 'site: ID', 'number: String', 'region: Int']);
  });

  it.each([
    [`id: "${guid(1)}"`, guid(1)],
    ['number: "A", region: 2', guid(2)],
    [`site: "${guid(8).toUpperCase()}"`, guid(1)],
    ['id: null, number: "A", region: 1', guid(1)],
    ['number: "B", region: 1', null],
  ])('finds by %s, in one request', async (key, productid) => {
    const remotes = fakeRemotes(rows);
    const { data } = await ask(catalog, remotes, `{ dynamics { product(${key}) { productid number } } }`);
    expect(data.dynamics.product?.productid ?? null).toBe(productid);
    expect(remotes.requests).toEqual(['dynamics product']);
  });

  it.each(['id: null', 'number: "A"', `id: "${guid(1)}", site: "${guid(8)}"`, 'site: "x"'])(
    'refuses %s by name',
    async (key) => {
      const remotes = fakeRemotes(rows);
      const { errors } = await ask(catalog, remotes, `{ dynamics { product(${key}) { productid } } }`);
      expect(errors[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: expect.any(String) });
      expect(remotes.requests).toEqual([]);
    },
  );
});
