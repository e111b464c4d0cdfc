import type { Reference } from '../store.js';
import { mailAddress, makePerson } from './contacts.js';
import { COMPANY_STEMS, COMPANY_TRADES, JOB_TITLES, NEEDS } from './locales.js';
import { CURRENCY_IDS, reference } from './organization.js';
import { address, type Cells, contactPreferences, dayFrom, history, localeOf, phone, sometimes } from './parts.js';
import type { Random } from './random.js';
import type { Made } from './seed.js';

/** Someone who showed interest. */
export function makeLead({ random, campaigns, accounts, referTo }: Made, at: number): Cells {
  const locale = localeOf(random);
  const { salutation, firstname, lastname, gendercode } = makePerson(random, locale);
  return {
    leadid: random.guid(),
    subject: `Interested in ${random.pick(NEEDS)}`,
    firstname,
    lastname,
    salutation,
    companyname: sometimes(random, 0.85, () => `${random.pick(COMPANY_STEMS)} ${random.pick(COMPANY_TRADES)}`),
    jobtitle: sometimes(random, 0.5, () => random.pick(JOB_TITLES)),
    emailaddress1: sometimes(random, 0.9, () =>
      mailAddress({ firstname, lastname, gendercode, salutation }, { at, domain: 'leads.example' }),
    ),
    telephone1: sometimes(random, 0.6, () => phone(random, locale)),
    mobilephone: sometimes(random, 0.3, () => `555-${String(random.integer(0, 9999)).padStart(4, '0')}`),
    leadsourcecode: sometimes(random, 0.8, () => random.integer(1, 10)),
    leadqualitycode: random.integer(1, 3),
    industrycode: sometimes(random, 0.5, () => random.integer(1, 33)),
    budgetstatus: sometimes(random, 0.4, () => random.integer(0, 3)),
    need: sometimes(random, 0.4, () => random.integer(0, 3)),
    purchasetimeframe: sometimes(random, 0.4, () => random.integer(0, 4)),
    budgetamount: sometimes(random, 0.3, () => random.integer(1, 400) * 500),
    estimatedvalue: sometimes(random, 0.3, () => random.integer(1, 400) * 250),
    estimatedclosedate: sometimes(random, 0.4, () => dayFrom(random, '2024-01-01', 900)),
    decisionmaker: random.chance(0.3),
    numberofemployees: sometimes(random, 0.4, () => random.integer(1, 5000)),
    transactioncurrencyid: reference('transactioncurrency', CURRENCY_IDS[locale.currency]),
    campaignid:
      campaigns.length > 0
        ? sometimes(random, 0.35, () => reference('campaign', String(random.pick(campaigns).campaignid)))
        : undefined,
    parentaccountid:
      accounts.length > 0 ? sometimes(random, 0.1, () => referTo('account', random.pick(accounts))) : undefined,
    ...address(random, locale),
    ...contactPreferences(random),
    ...history(random),
    ...leadState(random),
  };
}

function leadState(random: Random): Cells {
  if (random.chance(0.6)) return { statecode: 0, statuscode: random.integer(1, 2) };
  return random.chance(0.6) ? { statecode: 1, statuscode: 3 } : { statecode: 2, statuscode: random.integer(4, 7) };
}

/** A sale in the making, won or lost, for an account or a contact. */
export function makeOpportunity({ random, accounts, contacts, leads, campaigns, referTo }: Made): Cells {
  const customer = customerOf({ random, accounts, contacts, referTo });
  const estimatedvalue = random.integer(1, 900) * 250;
  const past = history(random);
  return {
    opportunityid: random.guid(),
    name: `${random.pick(NEEDS)} – ${random.pick(COMPANY_TRADES)}`,
    customerid: customer,
    parentaccountid: customer?.table === 'account' ? customer : undefined,
    parentcontactid: customer?.table === 'contact' ? customer : undefined,
    originatingleadid: leads.length > 0 ? sometimes(random, 0.3, () => referTo('lead', random.pick(leads))) : undefined,
    campaignid:
      campaigns.length > 0
        ? sometimes(random, 0.25, () => reference('campaign', String(random.pick(campaigns).campaignid)))
        : undefined,
    estimatedvalue,
    budgetamount: sometimes(random, 0.4, () => random.integer(1, 900) * 250),
    closeprobability: sometimes(random, 0.7, () => random.integer(0, 20) * 5),
    estimatedclosedate: dayFrom(random, String(past.createdon).slice(0, 10), 400),
    opportunityratingcode: random.integer(1, 3),
    salesstage: sometimes(random, 0.8, () => random.integer(0, 3)),
    timeline: sometimes(random, 0.3, () => random.integer(0, 4)),
    budgetstatus: sometimes(random, 0.3, () => random.integer(0, 3)),
    purchaseprocess: sometimes(random, 0.3, () => random.integer(0, 2)),
    isrevenuesystemcalculated: random.chance(0.5),
    discountpercentage: sometimes(random, 0.2, () => random.integer(0, 30)),
    transactioncurrencyid: reference('transactioncurrency', random.pick(Object.values(CURRENCY_IDS))),
    ...past,
    ...opportunityState(random, estimatedvalue, String(past.createdon)),
  };
}

function customerOf({
  random,
  accounts,
  contacts,
  referTo,
}: Pick<Made, 'random' | 'accounts' | 'contacts' | 'referTo'>): Reference | undefined {
  if (accounts.length > 0 && random.chance(0.75)) return referTo('account', random.pick(accounts));
  return contacts.length > 0 ? referTo('contact', random.pick(contacts)) : undefined;
}

function opportunityState(random: Random, value: number, createdon: string): Cells {
  if (random.chance(0.55)) return { statecode: 0, statuscode: random.chance(0.85) ? 1 : 2 };
  const actualclosedate = dayFrom(random, createdon.slice(0, 10), 300);
  if (random.chance(0.5)) return { statecode: 1, statuscode: 3, actualvalue: value, actualclosedate };
  return { statecode: 2, statuscode: random.integer(4, 5), actualvalue: 0, actualclosedate };
}
