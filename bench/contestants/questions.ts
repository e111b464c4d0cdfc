import type { AccountRow, ContactRow, Upstream } from './upstream.js';

/** The Dynamics half of the four questions, as one request each; the floor and the hand-written resolvers share them. */
export function questions(upstream: Upstream) {
  return {
    contacts: (first: number) =>
      upstream.list<ContactRow>('contacts?$select=fullname,emailaddress1,jobtitle&$orderby=contactid', first),
    contact: (id: string) => upstream.row<ContactRow>(`contacts(${id})?$select=fullname,emailaddress1,jobtitle`),
    accounts: (first: number) =>
      upstream.list<AccountRow>(
        'accounts?$select=name&$orderby=accountid&$expand=contact_customer_accounts($select=fullname;$orderby=contactid;$top=50)',
        first,
      ),
    contactsNamed: (start: string, first: number) =>
      upstream.list<ContactRow>(
        `contacts?$select=fullname,jobtitle&$filter=startswith(lastname,'${start}')&$orderby=contactid&$count=true`,
        first,
      ),
  };
}
