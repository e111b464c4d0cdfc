import { createServer } from 'node:http';
import { ACCOUNTS, FILTERED, LIST, OWN_ACCOUNTS, OWN_FILTERED, OWN_LIST, RECORD } from '../shapes.js';
import { questions } from './questions.js';
import { connect } from './upstream.js';

/** What can be had: the calls made by hand and the answer put together by hand, behind Node's own HTTP server, without GraphQL. */
const upstream = await connect();
const ask = questions(upstream);

interface Variables {
  readonly id?: string;
  readonly ids?: readonly string[];
  readonly first?: number;
}

const ANSWERS: Readonly<Record<string, (variables: Variables) => Promise<unknown>>> = {
  [LIST]: () => answerContacts(100),
  [OWN_LIST]: ({ first = 0 }) => answerContacts(first),
  [RECORD]: ({ id = '' }) => answerContact(id),
  [ACCOUNTS]: () => answerAccounts(ask.accounts(10)),
  [OWN_ACCOUNTS]: ({ ids = [] }) => answerAccounts(ask.accountsOf(ids, 10)),
  [FILTERED]: () => answerContactsNamed('S', 50),
  [OWN_FILTERED]: ({ first = 0 }) => answerContactsNamed('S', first),
};

async function answerContacts(first: number): Promise<unknown> {
  const { value } = await ask.contacts(first);
  const sides = await upstream.recipients(value.map(({ contactid }) => contactid));
  const nodes = value.map(({ contactid, fullname, emailaddress1, jobtitle }) => ({
    dynamics: { fullname, emailaddress1, jobtitle },
    campaign: sides.get(contactid) ?? null,
  }));
  return { contacts: { nodes } };
}

async function answerContact(id: string): Promise<unknown> {
  const [{ fullname, emailaddress1, jobtitle }, sides] = await Promise.all([
    ask.contact(id),
    upstream.recipients([id]),
  ]);
  return { contact: { id, dynamics: { fullname, emailaddress1, jobtitle }, campaign: sides.get(id) ?? null } };
}

async function answerAccounts(page: ReturnType<typeof ask.accounts>): Promise<unknown> {
  const { value } = await page;
  const contacts = value.flatMap((account) => account.contact_customer_accounts);
  const sides = await upstream.recipients(contacts.map(({ contactid }) => contactid));
  const nodes = value.map(({ name, contact_customer_accounts }) => ({
    dynamics: { name },
    contact_customer_accounts: {
      nodes: contact_customer_accounts.map(({ contactid, fullname }) => {
        const side = sides.get(contactid);
        return { dynamics: { fullname }, campaign: side ? { email: side.email, firstName: side.firstName } : null };
      }),
    },
  }));
  return { accounts: { nodes } };
}

async function answerContactsNamed(start: string, first: number): Promise<unknown> {
  const { value, '@odata.count': count = 0 } = await ask.contactsNamed(start, first);
  const sides = await upstream.recipients(value.map(({ contactid }) => contactid));
  const nodes = value.map(({ contactid, fullname, jobtitle }) => {
    const side = sides.get(contactid);
    return {
      dynamics: { fullname, jobtitle },
      campaign: side ? { email: side.email, lastName: side.lastName } : null,
    };
  });
  return { contacts: { totalCount: { value: count, exact: count < 5_000 }, nodes } };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', async () => {
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const text = JSON.stringify({ data: { unified: await ANSWERS[query]?.(variables ?? {}) } });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('The floor is ready.\n'));
process.on('SIGTERM', () => process.exit(0)).on('disconnect', () => process.exit(0));
