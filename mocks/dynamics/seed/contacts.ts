import type { Reference } from '../store.js';
import { DEPARTMENTS, JOB_TITLES, type Locale } from './locales.js';
import { CURRENCY_IDS, reference } from './organization.js';
import {
  active,
  address,
  type Cells,
  contactPreferences,
  dayFrom,
  flat,
  history,
  localeOf,
  mailName,
  phone,
  sometimes,
} from './parts.js';
import type { Random } from './random.js';
import type { Made } from './seed.js';

/** A person: most work for an account, a few belong to another contact, some to nobody. */
export function makeContact(made: Made, at: number): Cells {
  const { random } = made;
  const locale = localeOf(random);
  const person = makePerson(random, locale);
  const marks = { at, domain: random.pick(['example.com', 'example.net', 'example.org', 'mail.example']) };
  return {
    contactid: random.guid(),
    ...person,
    jobtitle: sometimes(random, 0.7, () => random.pick(JOB_TITLES)),
    department: sometimes(random, 0.35, () => random.pick(DEPARTMENTS)),
    emailaddress1: sometimes(random, 0.92, () => mailAddress(person, marks)),
    emailaddress2: sometimes(random, 0.08, () => flat(`private.${mailAddress(person, marks)}`)),
    telephone1: sometimes(random, 0.7, () => phone(random, locale)),
    mobilephone: sometimes(random, 0.55, () => phone(random, locale)),
    birthdate: sometimes(random, 0.4, () => dayFrom(random, '1945-01-01', 365 * 60)),
    anniversary: sometimes(random, 0.1, () => dayFrom(random, '1980-01-01', 365 * 40)),
    familystatuscode: sometimes(random, 0.3, () => random.integer(1, 4)),
    accountrolecode: sometimes(random, 0.4, () => random.integer(1, 3)),
    numberofchildren: sometimes(random, 0.2, () => random.integer(0, 4)),
    annualincome: sometimes(random, 0.15, () => random.integer(20, 240) * 1000 + 0.5),
    transactioncurrencyid: reference('transactioncurrency', CURRENCY_IDS[locale.currency]),
    description: sometimes(random, 0.1, () => 'Met at a trade fair; prefers “short” mails & calls after 10:00.'),
    parentcustomerid: parentOf(made),
    originatingleadid:
      made.leads.length > 0 ? sometimes(random, 0.1, () => made.referTo('lead', random.pick(made.leads))) : undefined,
    customertypecode: 1,
    ...address(random, locale),
    ...contactPreferences(random),
    ...history(random),
    ...active(random, 0.94),
  };
}

interface Person {
  readonly firstname: string | undefined;
  readonly lastname: string;
  readonly gendercode: number | undefined;
  readonly salutation: string | undefined;
}

export function makePerson(random: Random, locale: Locale): Person {
  const isWoman = random.chance(0.5);
  return {
    firstname: sometimes(random, 0.98, () => random.pick(isWoman ? locale.women : locale.men)),
    lastname: random.pick(locale.lastNames),
    gendercode: sometimes(random, 0.7, () => (isWoman ? 2 : 1)),
    salutation: sometimes(random, 0.5, () => locale.salutations[isWoman ? 0 : 1]),
  };
}

export function mailAddress({ firstname, lastname }: Person, { at, domain }: { at: number; domain: string }): string {
  return flat(`${mailName(firstname ?? '', at)}.${mailName(lastname, at)}.${at}@${domain}`);
}

function parentOf({ random, accounts, contacts, referTo }: Made): Reference | undefined {
  if (accounts.length > 0 && random.chance(0.78)) return referTo('account', random.pick(accounts));
  if (contacts.length > 0 && random.chance(0.2)) return referTo('contact', random.pick(contacts));
  return undefined;
}
