import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBuiltInTables } from '../../../../mocks/dynamics/built-in-tables.js';
import { toBytes } from '../../../../mocks/dynamics/byte-text.js';
import { remembering } from '../../../../mocks/dynamics/memo.js';
import { type Cell, isReference, type Row } from '../../../../mocks/dynamics/store.js';
import { buildTables, optionsOf, type Property, type Table } from '../../../../mocks/dynamics/tables.js';
import { TextStream } from '../../../../mocks/dynamics/text-stream.js';
import { type Organization, startOrganization } from '../support.js';

const tables = buildTables(readBuiltInTables());
const contact = tables.get('contact');
const account = tables.get('account');

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 30 });
  const [first] = organization.mock.rows('contact');
  organization.mock.update('contact', String(first?.contactid), {
    lastname: 'Ünal "Łódź" \\ \u{1f600}\n',
    jobtitle: '',
  });
});

afterAll(() => organization.mock.close());

/** Properties without companions, so that a selection is what it names and the key. */
const NAMES = [...contact.properties.values()]
  .filter(({ name, column }) => column.type !== 'Money' && !/^address\d_|^contactid$/.test(name))
  .map(({ name }) => name);

const queries = fc.record({
  select: fc.option(fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 25 }), { nil: undefined }),
  expands: fc.boolean(),
  isAnnotated: fc.boolean(),
  order: fc.constantFrom('createdon', 'contactid desc', 'lastname'),
  changed: fc.constantFrom('Zoë', 'Łucja', 'plain', '"quoted"'),
});

describe('the text of rows', () => {
  it('is what a plain writer makes of them, when made, when remembered and after a write', async () => {
    await fc.assert(
      fc.asyncProperty(queries, async ({ select, expands, isAnnotated, order, changed }) => {
        const expand = expands ? '$expand=parentcustomerid_account($select=name,telephone1)&' : '';
        const path = `contacts?${select === undefined ? '' : `$select=${select.join(',')}&`}${expand}$orderby=${order}&$top=`;
        const headers: Record<string, string> = isAnnotated ? { prefer: 'odata.include-annotations="*"' } : {};
        const read = async (top: number) => {
          const { text, body } = await organization.get(`${path}${top}`, headers);
          const rows = body.value.map((it: { contactid: string }) => rowOf('contact', it.contactid));
          const written = rows.map((row: Row) => plainRow(contact, row, { select, expands, isAnnotated }));
          expect(text.slice(text.indexOf('"value":[') + 9, -2)).toBe(written.join(','));
        };
        await read(29);
        await read(28);
        const [first] = organization.mock.rows('contact');
        organization.mock.update('contact', String(first?.contactid), { firstname: changed });
        await read(27);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

function rowOf(table: string, id: string): Row | undefined {
  return organization.mock.rows(table).find((row) => row[`${table}id`] === id);
}

interface Written {
  readonly select: readonly string[] | undefined;
  readonly expands?: boolean;
  readonly isAnnotated: boolean;
}

/** The slow way: an object, member by member, and all of Intl anew for each value. */
function plainRow(table: Table, row: Row, { select, expands, isAnnotated }: Written): string {
  const { primaryId } = table.definition;
  const names = select === undefined ? [...table.properties.keys()] : [...select, primaryId];
  const json: Record<string, unknown> = { '@odata.etag': `W/"${String(row.versionnumber)}"` };
  for (const name of names) {
    const property = table.properties.get(name);
    if (property === undefined) throw new Error(`Expected a property ${name}.`);
    const cell = row[property.column.name];
    if (cell !== undefined && isAnnotated) Object.assign(json, annotations(table, { row, property, cell }));
    json[name] = cell === undefined ? null : isReference(cell) ? cell.id : cell;
  }
  const own = JSON.stringify(json);
  if (expands !== true) return own;
  const parent = row.parentcustomerid;
  const found = isReference(parent) && parent.table === 'account' ? rowOf('account', parent.id) : undefined;
  const expanded = found && plainRow(account, found, { select: ['name', 'telephone1'], isAnnotated });
  return `${own.slice(0, -1)},"parentcustomerid_account":${expanded ?? 'null'}}`;
}

function annotations(table: Table, { row, property: { name, column }, cell }: Annotated): Record<string, unknown> {
  const formatted = formattedPlainly(row, { name, column }, cell);
  const target = isReference(cell) ? column.targets?.find((it) => it.table === cell.table) : undefined;
  const isFilled = /^(created|modified)(by|onbehalfby)$|^owninguser$/.test(column.name);
  return {
    ...(formatted === undefined ? {} : { [`${name}@OData.Community.Display.V1.FormattedValue`]: formatted }),
    ...(target === undefined || isFilled
      ? {}
      : { [`${name}@Microsoft.Dynamics.CRM.associatednavigationproperty`]: target.navigation }),
    ...(isReference(cell) && table.columns.get(column.name)?.type !== 'Uniqueidentifier'
      ? { [`${name}@Microsoft.Dynamics.CRM.lookuplogicalname`]: cell.table }
      : {}),
  };
}

interface Annotated {
  readonly row: Row;
  readonly property: Property;
  readonly cell: Cell;
}

function formattedPlainly(row: Row, { column }: Property, cell: Cell): string | undefined {
  if (isReference(cell)) {
    const { primaryId, primaryName } = tables.get(cell.table).definition;
    const target = organization.mock.rows(cell.table).find((it) => it[primaryId] === cell.id);
    return primaryName === null || target?.[primaryName] === undefined ? undefined : String(target[primaryName]);
  }
  const optionOf = (value: number) => optionsOf(tables, column).find((it) => it.value === value)?.label;
  const date = (text: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...options }).format(new Date(text)).replace(/\s/g, ' ');
  switch (column.type) {
    case 'Picklist':
    case 'State':
    case 'Status':
      return optionOf(Number(cell));
    case 'Boolean':
      return optionOf(cell === true ? 1 : 0);
    case 'DateTime':
      return column.format === 'dateOnly'
        ? date(String(cell), {})
        : `${date(String(cell), {})} ${date(String(cell), { hour: 'numeric', minute: '2-digit' })}`;
    case 'DateOnly':
      return date(String(cell), {});
    case 'Money': {
      const currency = row.transactioncurrencyid;
      const symbol = isReference(currency)
        ? organization.mock.rows('transactioncurrency').find((it) => it.transactioncurrencyid === currency.id)
        : undefined;
      return `${String(symbol?.currencysymbol ?? '$')}${decimal(cell, 2)}`;
    }
    case 'Integer':
    case 'BigInt':
      return decimal(cell, 0);
    case 'Decimal':
    case 'Double':
      return decimal(cell, column.precision ?? 2);
    default:
      return undefined;
  }
}

function decimal(cell: Cell, digits: number): string {
  return Number(cell).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

describe('a long text', () => {
  it('leaves in chunks of at most 64 KiB, whatever its pieces are, and no more are made than are taken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', maxLength: 40_000 }), { maxLength: 12 }),
        async (pieces) => {
          const chunks: Buffer[] = [];
          for await (const chunk of new TextStream(pieces.map(toBytes))) chunks.push(chunk);
          expect(Buffer.concat(chunks).equals(Buffer.from(pieces.join('')))).toBe(true);
          expect(new TextStream(pieces.map(toBytes)).text()).toBe(pieces.join(''));
        },
      ),
      { numRuns: 12 },
    );
    let made = 0;
    const stream = new TextStream(
      (function* () {
        for (; made < 1_000_000; made += 1) yield toBytes('é'.repeat(100));
      })(),
    );
    for await (const chunk of stream) {
      expect(chunk.length).toBeLessThanOrEqual(65_536);
      break;
    }
    expect(made).toBeLessThan(700);
  });
});

describe('what is remembered', () => {
  it('is computed once while it is among the last, and an error each time', () => {
    const computed: string[] = [];
    const remembered = remembering(2, (text: string) => {
      computed.push(text);
      if (text === 'wrong') throw new Error(text);
      return { text };
    });
    const first = remembered('a');
    expect(remembered('a')).toBe(first);
    expect(() => remembered('wrong')).toThrow('wrong');
    expect(() => remembered('wrong')).toThrow('wrong');
    for (const text of ['b', 'c', 'd', 'e', 'f']) remembered(text);
    remembered('a');
    expect(computed).toEqual(['a', 'wrong', 'wrong', 'b', 'c', 'd', 'e', 'f', 'a']);
  });
});
