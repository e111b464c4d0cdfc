import { afterAll, beforeAll, expect, it } from 'vitest';
import { covers } from '../../compatibility.js';
import { type Organization, startOrganization } from '../support.js';

/*
 * Every operator that is documented, with how many values it takes:
 * https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/operators
 */

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0 });
  organization.mock.insert('contact', { firstname: 'Ada', lastname: 'Lyon' });
});

afterAll(() => organization.mock.close());

async function refusal(attribute: string, operator: string, values: readonly string[]): Promise<string | null> {
  const inner = values.map((value) => `<value>${value}</value>`).join('');
  const text = `<fetch><entity name="contact"><filter><condition attribute="${attribute}" operator="${operator}">${inner}</condition></filter></entity></fetch>`;
  const { body } = await organization.get(`contacts?fetchXml=${encodeURIComponent(text)}`);
  return body.error?.message ?? null;
}

const ID = '00000000-0000-0000-0000-000000000001';
const units = (prefix: string, names: readonly string[]) => names.map((name) => `${prefix}-${name}`);
const PERIODS = ['week', 'month', 'year', 'fiscal-period', 'fiscal-year'];
const COUNTED = ['hours', 'days', 'weeks', 'months', 'years'];
const FISCAL = ['fiscal-periods', 'fiscal-years'];

it.each<[string, readonly string[], readonly string[]]>([
  ['firstname', ['eq', 'ne', 'neq', 'gt', 'ge', 'lt', 'le', 'like', 'not-like', 'in', 'not-in'], ['x']],
  ['firstname', ['begins-with', 'not-begin-with', 'ends-with', 'not-end-with'], ['x']],
  ['firstname', ['null', 'not-null'], []],
  ['numberofchildren', ['eq', 'gt', 'in', 'not-in'], ['5']],
  ['numberofchildren', ['between', 'not-between'], ['5', '7']],
  ['ownerid', ['eq-userid', 'ne-userid', 'eq-userteams', 'eq-useroruserteams', 'eq-useroruserhierarchy'], []],
  ['ownerid', ['eq-useroruserhierarchyandteams'], []],
  ['owningbusinessunit', ['eq-businessid', 'ne-businessid'], []],
  ['contactid', ['above', 'eq-or-above', 'under', 'eq-or-under', 'not-under'], [ID]],
  ['createdon', ['today', 'tomorrow', 'yesterday', 'last-seven-days', 'next-seven-days'], []],
  ['createdon', [...units('last', PERIODS), ...units('this', PERIODS), ...units('next', PERIODS)], []],
  ['createdon', [...units('last-x', [...COUNTED, ...FISCAL]), ...units('next-x', [...COUNTED, ...FISCAL])], ['3']],
  ['createdon', units('olderthan-x', ['minutes', ...COUNTED]), ['3']],
  ['createdon', ['on', 'on-or-before', 'on-or-after'], ['2024-05-01']],
  ['createdon', ['in-fiscal-year', 'in-fiscal-period'], ['2024']],
  ['createdon', units('in', ['fiscal-period-and-year']), ['1', '2024']],
  ['createdon', ['in-or-before-fiscal-period-and-year', 'in-or-after-fiscal-period-and-year'], ['1', '2024']],
  ['numberofchildren', ['eq-userlanguage'], []],
  ['firstname', ['contain-values', 'not-contain-values'], ['1']],
])('conditions on %s take the operators %j', async (attribute, operators, values) => {
  covers('dynamics', '3 Queries', 'FetchXML: every documented operator');
  for (const operator of operators)
    expect([operator, await refusal(attribute, operator, values)]).toEqual([operator, null]);
});

it.each([
  ['createdon', 'last-x-days', ['soon'], 'takes a whole number'],
  ['createdon', 'on', [], 'expected 1 argument(s)'],
  ['numberofchildren', 'between', ['1'], 'expected 2 argument(s)'],
  ['contactid', 'eq', ['x'], 'of a different type'],
])('a condition on %s by %s with %j is refused', async (attribute, operator, values, message) => {
  expect(await refusal(attribute, operator, values)).toContain(message);
});
