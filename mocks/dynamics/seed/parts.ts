import type { Cell, Reference } from '../store.js';
import { LOCALES, type Locale } from './locales.js';
import { audit, CRM_USER_ID, reference, SALES_PERSON_IDS, TEAM_IDS } from './organization.js';
import type { Random } from './random.js';

export type Cells = Record<string, Cell | undefined>;

const OWNERS = [CRM_USER_ID, ...SALES_PERSON_IDS].map((id) => reference('systemuser', id));
const OWNING_TEAMS = TEAM_IDS.map((id) => reference('team', id));
const FIRST_DAY = Date.parse('2017-01-02T00:00:00Z');
const LAST_DAY = Date.parse('2025-12-19T00:00:00Z');
const DAY = 86_400_000;

/** A moment between the organization's beginnings and the end of 2025. */
export function moment(random: Random, from: number = FIRST_DAY): string {
  const time = from + Math.floor(random.next() * (LAST_DAY - from));
  const day = Math.floor(time / DAY);
  return flat(`${dayText(day)}${timeText(Math.floor((time - day * DAY) / 1000))}`);
}

export function dayFrom(random: Random, from: string, within: number): string {
  return dayText(Math.floor(Date.parse(from) / DAY) + random.integer(1, within));
}

/** Days and times of day recur: each is written once. */
const DAYS = new Map<number, string>();
const TIMES: string[] = [];

function dayText(day: number): string {
  const known = DAYS.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * DAY).toISOString().slice(0, 10);
  DAYS.set(day, text);
  return text;
}

function timeText(second: number): string {
  TIMES[second] ??= `${new Date(second * 1000).toISOString().slice(10, 19)}Z`;
  return TIMES[second];
}

/**
 * The same text in one piece. Text that was put together refers to its pieces until it is first read by character, and then takes
 * several times the space.
 */
export function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}

/** Creation, last change and owner. */
export function history(random: Random): Cells {
  const createdon = moment(random);
  const modifiedon = random.chance(0.3) ? createdon : moment(random, Date.parse(createdon));
  const owner = ownerOf(random);
  return { ...audit(createdon, modifiedon, owner.table === 'systemuser' ? owner.id : CRM_USER_ID), ownerid: owner };
}

function ownerOf(random: Random): Reference {
  return random.chance(0.06) ? random.pick(OWNING_TEAMS) : random.pick(OWNERS);
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
  return flat(`${locale.phonePrefix}${String(random.integer(0, 9999)).padStart(4, '0')}`);
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
  const known = PLAIN_NAMES.get(text);
  const plain = known ?? plainName(text);
  if (known === undefined) PLAIN_NAMES.set(text, plain);
  return plain === '' ? `person${fallback}` : plain;
}

/** Names are few and rows are many. */
const PLAIN_NAMES = new Map<string, string>();

function plainName(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replaceAll('ł', 'l')
    .replaceAll('ı', 'i')
    .replaceAll('ø', 'o')
    .replaceAll('ß', 'ss')
    .replaceAll(/[^a-z0-9]+/g, '');
}

export function active(random: Random, share: number): Cells {
  return random.chance(share) ? { statecode: 0, statuscode: 1 } : { statecode: 1, statuscode: 2 };
}
