import { describe, expect, it } from 'vitest';
import { compileQuery, pagePreference, pageTarget } from '../../../src/connectors/dynamics/compile.js';
import type { RecordQuery } from '../../../src/model/query.js';
import type { Table } from '../../../src/model/table.js';
import { ACCOUNT, CONTACT } from './tables.js';

const TABLES: Readonly<Record<string, Table>> = { account: ACCOUNT, contact: CONTACT };

function compile(parts: Partial<RecordQuery<Table>>) {
  return compileQuery(
    { from: CONTACT, select: { fields: ['fullname'] }, first: 50, ...parts },
    (name) => TABLES[name] ?? ACCOUNT,
  );
}

/** The options of a target, decoded as a server does. */
function optionsOf(target: string): Record<string, string> {
  return Object.fromEntries(new URL(`http://host/${target}`).searchParams);
}

describe('compileQuery', () => {
  it('selects what is asked for and the primary id, and ends the order with it', () => {
    const target = pageTarget(
      compile({
        select: { fields: ['fullname', 'parentcustomerid'] },
        orderBy: [{ path: 'fullname', descending: true }],
      }),
      null,
    );
    expect(target).toBe(
      'contacts?$select=contactid,fullname,_parentcustomerid_value&$orderby=fullname%20desc,contactid%20asc',
    );
  });

  it('asks for annotations only where a choice or a lookup needs them', () => {
    const formatted = 'OData.Community.Display.V1.FormattedValue';
    const lookup = 'Microsoft.Dynamics.CRM.lookuplogicalname,Microsoft.Dynamics.CRM.associatednavigationproperty';
    expect(pagePreference(compile({}), 50)).toBe('odata.maxpagesize=50');
    expect(pagePreference(compile({ select: { fields: ['gendercode'] } }), 50)).toBe(
      `odata.maxpagesize=50,odata.include-annotations="${formatted}"`,
    );
    expect(pagePreference(compile({ select: { fields: ['masterid'] } }), 50)).toContain(`"${formatted},${lookup}"`);
  });

  it('expands records that lookups lead to, at any depth', () => {
    const nested = {
      parentcustomerid_account: { fields: ['name'], nested: { primarycontactid: { fields: ['masterid'] } } },
    };
    const target = pageTarget(compile({ select: { fields: [], nested } }), null);
    expect(optionsOf(target).$expand).toBe(
      'parentcustomerid_account($select=accountid,name;$expand=primarycontactid($select=contactid,_masterid_value))',
    );
  });

  it('refuses nested records where no lookup leads, and where it may lead to several tables', () => {
    const select = (navigation: string) => ({ fields: [], nested: { [navigation]: { fields: [] } } });
    expect(() => compile({ select: select('contact_customer_accounts') })).toThrow('"contact_customer_accounts"');
    expect(() => compile({ select: select('ownerid') })).toThrow('may lead to several');
  });

  it('asks for a count, and whether it is exact, only where a count is wanted', () => {
    const query = compile({ count: true });
    expect(optionsOf(pageTarget(query, null)).$count).toBe('true');
    expect(pagePreference(query, 1)).toContain('totalrecordcountlimitexceeded');
    expect(pageTarget(compile({}), null)).not.toContain('$count');
  });

  it('sends a skiptoken back as it came', () => {
    const token = '%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie%22%20/%3E';
    expect(pageTarget(compile({}), token).endsWith(`&$skiptoken=${token}`)).toBe(true);
  });

  it('keeps every value of a filter within its own option', () => {
    const hostile = [
      "' or 1 eq 1 or '",
      '&$top=1',
      '#',
      '%27%20or',
      '+',
      'a b',
      '\u{1F600}é"\\',
      "''",
      '\n',
      '?=;$,:@/',
      ' ',
    ];
    for (const value of [...hostile, ...randomTexts(300)]) {
      const target = pageTarget(
        compile({ filter: { kind: 'compare', path: 'fullname', operator: 'eq', value } }),
        null,
      );
      const options = optionsOf(target);
      expect(Object.keys(options)).toEqual(['$select', '$filter', '$orderby']);
      expect(options.$filter).toBe(`fullname eq '${value.replaceAll("'", "''")}'`);
      expect(target).toMatch(/^[!-~]+$/);
    }
  });
});

/** Texts of characters that mean something somewhere, the same in every run. */
function randomTexts(count: number): readonly string[] {
  const alphabet = [...'\'"&%#+=;,()$?/\\@: ab0é€😀\t'];
  let state = 42;
  const next = (limit: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % limit;
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)]).join(''),
  );
}
