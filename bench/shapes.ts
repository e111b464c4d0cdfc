/** A query that every contestant answers with the same body. */
export interface Shape {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
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

/** The four shapes; `contact` is the id of a contact that both systems have. */
export function shapesFor(contact: string): readonly Shape[] {
  return [
    {
      name: '100 unified contacts',
      query: LIST,
      variables: {},
      dynamicsHalf: {
        gateway: '{ dynamics { contacts(first: 100) { nodes { fullname emailaddress1 jobtitle } } } }',
        mesh: '{ contacts(queryOptions: { top: 100, orderby: "contactid" }) { fullname emailaddress1 jobtitle } }',
      },
    },
    {
      name: 'a record by id',
      query: RECORD,
      variables: { id: contact },
      dynamicsHalf: {
        gateway: 'query ($id: ID!) { dynamics { contact(id: $id) { fullname emailaddress1 jobtitle } } }',
        mesh: 'query ($id: GUID!) { contactsBycontactid(contactid: $id) { fullname emailaddress1 jobtitle } }',
      },
    },
    {
      name: '10 accounts, up to 50 contacts each',
      query: ACCOUNTS,
      variables: {},
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
