import type { Cell, Reference } from '../store.js';
import { LOCALES, type Locale } from './locales.js';
import { audit, CRM_USER_ID, reference, SALES_PERSON_IDS, TEAM_IDS } from './organization.js';
import type { Random } from './random.js';

export type Cells = Record<string, Cell | undefined>;

const FIRST_DAY = Date.parse('2017-01-02T00:00:00Z');
const LAST_DAY = Date.parse('2025-12-19T00:00:00Z');
const DAY = 86_400_000;

/** A moment between the organization's beginnings and the end of 2025. */
export function moment(random: Random, from: number = FIRST_DAY): string {
  return `${new Date(from + Math.floor(random.next() * (LAST_DAY - from))).toISOString().slice(0, 19)}Z`;
}

export function dayFrom(random: Random, from: string, within: number): string {
  return new Date(Date.parse(from) + random.integer(1, within) * DAY).toISOString().slice(0, 10);
}

/** Creation, last change and owner. */
export function history(random: Random): Cells {
  const createdon = moment(random);
  const modifiedon = random.chance(0.3) ? createdon : moment(random, Date.parse(createdon));
  const owner = ownerOf(random);
  return { ...audit(createdon, modifiedon, owner.table === 'systemuser' ? owner.id : CRM_USER_ID), ownerid: owner };
}

function ownerOf(random: Random): Reference {
  return random.chance(0.06)
    ? reference('team', random.pick(TEAM_IDS))
    : reference('systemuser', random.pick([CRM_USER_ID, ...SALES_PERSON_IDS]));
}

export function localeOf(random: Random): Locale {
  // A third of the business is at home.
  return random.chance(0.33) ? (LOCALES[0] ?? random.pick(LOCALES)) : random.pick(LOCALES);
}

/** A value in this share of rows, else none. */
export function sometimes<T>(random: Random, share: number, make: () => T): T | undefined {
  return random.chance(share) ? make() : undefined;
}

export function address(random: Random, locale: Locale): Cells {
  const place = random.pick(locale.cities);
  return {
    address1_addresstypecode: sometimes(random, 0.5, () => random.integer(1, 4)),
    address1_line1: `${random.integer(1, 240)} ${random.pick(locale.streets)}`,
    address1_line2: sometimes(random, 0.1, () => `Floor ${random.integer(1, 12)}`),
    address1_city: place.city,
    address1_stateorprovince: place.state,
    address1_postalcode: place.postalCode,
    address1_country: locale.country,
    address1_latitude: sometimes(random, 0.4, () => place.latitude),
    address1_longitude: sometimes(random, 0.4, () => place.longitude),
  };
}

export function phone(random: Random, locale: Locale): string {
  return `${locale.phonePrefix}${String(random.integer(0, 9999)).padStart(4, '0')}`;
}

/** Most people have not opted out of anything. */
export function contactPreferences(random: Random): Cells {
  return {
    preferredcontactmethodcode: random.chance(0.6) ? 1 : random.integer(2, 5),
    donotbulkemail: random.chance(0.12),
    donotemail: random.chance(0.05),
    donotphone: random.chance(0.08),
    donotfax: random.chance(0.1),
    donotpostalmail: random.chance(0.04),
    donotsendmm: random.chance(0.1),
    followemail: random.chance(0.9),
    merged: false,
    participatesinworkflow: false,
  };
}

/** Letters of other scripts as a mail address can have them; what has none becomes a number. */
export function mailName(text: string, fallback: number): string {
  const plain = text
    .normalize('NFD')
    .toLowerCase()
    .replaceAll('ł', 'l')
    .replaceAll('ı', 'i')
    .replaceAll('ø', 'o')
    .replaceAll('ß', 'ss')
    .replaceAll(/[^a-z0-9]+/g, '');
  return plain === '' ? `person${fallback}` : plain;
}

export function active(random: Random, share: number): Cells {
  return random.chance(share) ? { statecode: 0, statuscode: 1 } : { statecode: 1, statuscode: 2 };
}
