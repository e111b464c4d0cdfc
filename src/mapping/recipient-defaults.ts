import { type CampaignSchema, findAttribute, type SchemaAttribute } from '../model/campaign-schema.js';
import type { Column } from '../model/table.js';
import { incompatibility } from './attribute-types.js';

/**
 * Where a column of a person belongs in Campaign's stock recipient, or null where that has no fit place for it.
 * A place counts only where the instance has it, where it takes the column's values and means the same by them.
 */
export function recipientPath(table: string, column: Column, schema: CampaignSchema): string | null {
  if (schema.name !== 'nms:recipient' || !PERSON_TABLES.has(table)) return null;
  const path = RECIPIENT_PATHS[column.name];
  const attribute = path === undefined ? undefined : findAttribute(schema, path);
  if (path === undefined || !attribute) return path !== undefined && OWN_PATHS.has(path) ? path : null;
  if (attribute.computed || incompatibility(column, 'DEFAULT', attribute) !== null) return null;
  return agrees(column, attribute, schema) ? path : null;
}

const PERSON_TABLES: ReadonlySet<string> = new Set(['contact', 'lead']);

/**
 * Consent: Campaign sends in bulk, so that `donotbulkemail` and not `donotemail` is what its black list means, and who wants no marketing
 * material (`donotsendmm`) is written to by no channel. The recipient keeps the street in the third of its address lines: line 1 is the
 * apartment, line 4 the county.
 */
const RECIPIENT_PATHS: Readonly<Record<string, string>> = {
  firstname: '@firstName',
  middlename: '@middleName',
  lastname: '@lastName',
  salutation: '@salutation',
  birthdate: '@birthDate',
  gendercode: '@gender',
  emailaddress1: '@email',
  telephone1: '@phone',
  mobilephone: '@mobilePhone',
  fax: '@fax',
  companyname: '@company',
  // Named `company`, but a telephone number: it must not land in the recipient's company name.
  company: '@companyPhone',
  address1_line1: 'location/@address3',
  address1_line2: 'location/@address1',
  address1_line3: 'location/@address2',
  address1_county: 'location/@address4',
  address1_postalcode: 'location/@zipCode',
  address1_city: 'location/@city',
  donotsendmm: '@blackList',
  donotbulkemail: '@blackListEmail',
  donotfax: '@blackListFax',
  donotphone: '@blackListPhone',
  donotpostalmail: '@blackListPostalMail',
};

/** Paths above that the stock recipient lacks and that are made where they are missing. */
const OWN_PATHS: ReadonlySet<string> = new Set(['@companyPhone']);

/** Tells whether every option of a choice stands in the attribute's enumeration with the same value and the same meaning. */
function agrees(column: Column, attribute: SchemaAttribute, schema: CampaignSchema): boolean {
  if (!column.optionSet || attribute.enumeration === null) return true;
  const name = attribute.enumeration;
  const enumeration = schema.enumerations.find((one) => name === one.name || name === `${schema.name}:${one.name}`);
  return column.optionSet.options.every((option) => {
    const same = enumeration?.values.find((value) => value.value === String(option.value));
    const meaning = option.label.toLowerCase();
    return same !== undefined && (same.label.toLowerCase() === meaning || same.name.toLowerCase() === meaning);
  });
}
