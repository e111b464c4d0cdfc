/** A query that every contestant answers with the same body. */
export interface Shape {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
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
    { name: '100 unified contacts', query: LIST, variables: {} },
    { name: 'a record by id', query: RECORD, variables: { id: contact } },
    { name: '10 accounts, up to 50 contacts each', query: ACCOUNTS, variables: {} },
    { name: 'a filtered list with its count', query: FILTERED, variables: {} },
  ];
}
