import { COMPANY_STEMS, COMPANY_TRADES } from './locales.js';
import { CURRENCY_IDS, reference } from './organization.js';
import {
  active,
  address,
  type Cells,
  contactPreferences,
  flat,
  history,
  localeOf,
  mailName,
  phone,
  sometimes,
} from './parts.js';
import type { Made } from './seed.js';

/** A company; one in ten belongs to one made before it. */
export function makeAccount({ random, accounts, referTo }: Made, at: number): Cells {
  const locale = localeOf(random);
  const name = `${random.pick(COMPANY_STEMS)} ${random.pick(COMPANY_TRADES)} ${random.pick(locale.companySuffixes)}`;
  const domain = `${mailName(name, at).slice(0, 30)}${at}.example`;
  return {
    accountid: random.guid(),
    primarycontactid: undefined,
    name,
    accountnumber: sometimes(random, 0.8, () => `AC-${String(at + 1).padStart(6, '0')}`),
    emailaddress1: sometimes(random, 0.85, () => flat(`info@${domain}`)),
    websiteurl: sometimes(random, 0.6, () => flat(`https://www.${domain}/`)),
    telephone1: sometimes(random, 0.9, () => phone(random, locale)),
    fax: sometimes(random, 0.2, () => phone(random, locale)),
    industrycode: sometimes(random, 0.7, () => random.integer(1, 33)),
    accountcategorycode: sometimes(random, 0.4, () => random.integer(1, 2)),
    customertypecode: sometimes(random, 0.6, () => random.integer(1, 12)),
    ownershipcode: sometimes(random, 0.4, () => random.integer(1, 4)),
    paymenttermscode: sometimes(random, 0.5, () => random.integer(1, 4)),
    numberofemployees: sometimes(random, 0.6, () => random.integer(1, 12_000)),
    revenue: sometimes(random, 0.55, () => random.integer(50, 90_000) * 1000),
    creditlimit: sometimes(random, 0.3, () => random.integer(1, 500) * 1000),
    creditonhold: random.chance(0.04),
    transactioncurrencyid: reference('transactioncurrency', CURRENCY_IDS[locale.currency]),
    description: sometimes(random, 0.2, () => `Customer since ${random.integer(1998, 2024)}.`),
    parentaccountid: sometimes(random, accounts.length > 0 ? 0.1 : 0, () => referTo('account', random.pick(accounts))),
    ...address(random, locale),
    ...contactPreferences(random),
    ...history(random),
    ...active(random, 0.93),
  };
}
