import type { Table } from '../../../src/model/table.js';
import { aChoice, aColumn, aLookup, anOptionSet, aTable } from '../../support/builders.js';

/** A contact with a column of each kind that compiles or decodes in its own way. */
export const CONTACT: Table = aTable('contact', [
  aColumn('fullname'),
  aColumn('emailaddress1'),
  aColumn('description', 'memo'),
  aColumn('numberofchildren', 'integer'),
  aColumn('versionnumber', 'bigint', { creatable: false, updatable: false }),
  aColumn('annualincome', 'money'),
  aColumn('donotemail', 'boolean'),
  aColumn('modifiedon', 'datetime', { creatable: false, updatable: false }),
  aColumn('birthdate', 'date'),
  aChoice('gendercode', { 1: 'Male', 2: 'Female' }),
  aColumn('topics', 'choices', { optionSet: anOptionSet({ 1: 'Music', 2: 'Sport' }) }),
  aLookup('masterid', ['contact']),
  aLookup('parentcustomerid', ['account', 'contact'], { type: 'customer' }),
  aColumn('ownerid', 'owner', {
    targets: [
      { table: 'systemuser', navigation: 'ownerid' },
      { table: 'team', navigation: 'ownerid' },
    ],
  }),
  aColumn('hidden', 'string', { readable: false }),
]);

export const ACCOUNT: Table = aTable('account', [aColumn('name'), aLookup('primarycontactid', ['contact'])]);

export const ID = '49b0be2e-d01c-ed11-b83e-000d3a572421';
export const OTHER_ID = '5a1c7d10-0000-4000-8000-00000000abcd';
