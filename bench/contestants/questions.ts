import type { AccountRow, ContactRow, Upstream } from './upstream.js';

const ACCOUNTS_WITH_CONTACTS =
  '$orderby=accountid&$expand=contact_customer_accounts($select=fullname;$orderby=contactid;$top=50)';

/** The Dynamics half of the four questions, as one request each; the floor and the hand-written resolvers share them. */
export function questions(upstream: Upstream) {
  return {
    contacts: (first: number) =>
      upstream.list<ContactRow>('contacts?$select=fullname,emailaddress1,jobtitle&$orderby=contactid', first),
    contact: (id: string) => upstream.row<ContactRow>(`contacts(${id})?$select=fullname,emailaddress1,jobtitle`),
    accounts: (first: number) => upstream.list<AccountRow>(`accounts?$select=name&${ACCOUNTS_WITH_CONTACTS}`, first),
    accountsOf: (ids: readonly string[], first: number) =>
      upstream.list<AccountRow>(
        `accounts?$select=name&$filter=Microsoft.Dynamics.CRM.In(PropertyName='accountid',PropertyValues=${JSON.stringify(ids)})&${ACCOUNTS_WITH_CONTACTS}`,
        first,
      ),
    contactsNamed: (start: string, first: number) =>
      upstream.list<ContactRow>(
        `contacts?$select=fullname,jobtitle&$filter=startswith(lastname,'${start}')&$orderby=contactid&$count=true`,
        first,
      ),
  };
}
