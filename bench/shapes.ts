/** A query with its variables, as it is sent. */
export interface Question {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A query that every contestant answers with the same body. */
export interface Shape extends Question {
  readonly name: string;
  /**
   * The same in as many forms as there are connections, each with an answer of its own, so that nothing can be shared between them. Those of
   * fewer connections are the first of those of more.
   */
  readonly own: (connections: number) => readonly Question[];
  /** What of it GraphQL Mesh can be asked, which knows Dynamics alone: the same records in the words of the gateway and in its own. */
  readonly dynamicsHalf: { readonly gateway: string; readonly mesh: string };
}

export const LIST = `{ unified { contacts(first: 100) { nodes {
  dynamics { fullname emailaddress1 jobtitle } campaign { email firstName lastName } } } } }`;

export const RECORD = `query ($id: ID!) { unified { contact(id: $id) {
  id dynamics { fullname emailaddress1 jobtitle } campaign { email firstName lastName } } } }`;

export const ACCOUNTS = `{ unified { accounts(first: 10) { nodes {
  dynamics { name } contact_customer_accounts(first: 50) { nodes { dynamics { fullname } campaign { email firstName } } } } } } }`;

export const FILTERED = `{ unified { contacts(first: 50, filter: { lastname: { startsWith: "S" } }) {
  totalCount { value exact } nodes { dynamics { fullname jobtitle } campaign { email lastName } } } } }`;

export const OWN_LIST = `query ($first: Int!) ${LIST.replace('100', '$first')}`;
export const OWN_ACCOUNTS = `query ($ids: [ID!]) ${ACCOUNTS.replace('10', '10, filter: { id: { in: $ids } }')}`;
export const OWN_FILTERED = `query ($first: Int!) ${FILTERED.replace('50', '$first')}`;

/** As many connections may have a query of their own. */
export const MOST_OWN = 32;

/** Forms of a list that differ by their page size, each somewhat smaller than the usual one. */
function ofOwnSizes(query: string, usual: number): Shape['own'] {
  return (connections) =>
    Array.from({ length: connections }, (_, index) => ({ query, variables: { first: usual - 1 - index } }));
}

/** Ids of records for `MOST_OWN` connections. */
export interface KnownIds {
  /** One for each, of contacts that both systems have. */
  readonly contacts: readonly string[];
  /** Ten for each. */
  readonly accounts: readonly string[];
}

/** The four shapes. */
export function shapesFor({ contacts, accounts }: KnownIds): readonly Shape[] {
  return [
    {
      name: '100 unified contacts',
      query: LIST,
      variables: {},
      own: ofOwnSizes(OWN_LIST, 100),
      dynamicsHalf: {
        gateway: '{ dynamics { contacts(first: 100) { nodes { fullname emailaddress1 jobtitle } } } }',
        mesh: '{ contacts(queryOptions: { top: 100, orderby: "contactid" }) { fullname emailaddress1 jobtitle } }',
      },
    },
    {
      name: 'a record by id',
      query: RECORD,
      variables: { id: contacts[0] },
      own: (connections) => contacts.slice(0, connections).map((id) => ({ query: RECORD, variables: { id } })),
      dynamicsHalf: {
        gateway: 'query ($id: ID!) { dynamics { contact(id: $id) { fullname emailaddress1 jobtitle } } }',
        mesh: 'query ($id: GUID!) { contactsBycontactid(contactid: $id) { fullname emailaddress1 jobtitle } }',
      },
    },
    {
      name: '10 accounts, up to 50 contacts each',
      query: ACCOUNTS,
      variables: {},
      own: (connections) =>
        Array.from({ length: connections }, (_, index) => ({
          query: OWN_ACCOUNTS,
          variables: { ids: accounts.slice(10 * index, 10 * index + 10) },
        })),
      dynamicsHalf: {
        gateway:
          '{ dynamics { accounts(first: 10) { nodes { name contact_customer_accounts(first: 50) { nodes { fullname } } } } } }',
        mesh: `{ accounts(queryOptions: { top: 10, orderby: "accountid" }) {
          name contact_customer_accounts(queryOptions: { top: 50, orderby: "contactid" }) { fullname } } }`,
      },
    },
    {
      name: 'a filtered list with its count',
      query: FILTERED,
      variables: {},
      own: ofOwnSizes(OWN_FILTERED, 50),
      // Without the count: Mesh has one of whole tables alone.
      dynamicsHalf: {
        gateway:
          '{ dynamics { contacts(first: 50, filter: { lastname: { startsWith: "S" } }) { nodes { fullname jobtitle } } } }',
        mesh: `{ contacts(queryOptions: { top: 50, orderby: "contactid", filter: "startswith(lastname,'S')" }) { fullname jobtitle } }`,
      },
    },
  ];
}

/**
 * The records of an answer, without what each graph wraps them in: an object of one property is that property's value, so that
 * `{ dynamics: { contacts: { nodes: [{ fullname: 'A' }] } } }` and `{ contacts: [{ fullname: 'A' }] }` are both `['A']`.
 */
export function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, unwrap(inner)] as const);
  const [only, ...others] = entries;
  return only !== undefined && others.length === 0 ? only[1] : Object.fromEntries(entries);
}
