import { createServer } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import DataLoader from 'dataloader';
import express from 'express';
import { questions } from './questions.js';
import { type ContactRow, connect, type Recipient } from './upstream.js';

/** What a team writes by hand: Apollo Server in Express with all their defaults, and resolvers for just these four questions. */
const upstream = await connect();
const ask = questions(upstream);

interface Context {
  readonly recipients: DataLoader<string, Recipient | null>;
}

const typeDefs = `
  type Query { unified: Unified! }
  type Unified {
    contacts(first: Int!, filter: ContactFilter): ContactConnection!
    contact(id: ID!): Contact
    accounts(first: Int!, filter: AccountFilter): AccountConnection!
  }
  input ContactFilter { lastname: TextFilter }
  input AccountFilter { id: IdFilter }
  input IdFilter { in: [ID!] }
  input TextFilter { startsWith: String }
  type ContactConnection { nodes: [Contact!]! totalCount: Count }
  type Count { value: Int! exact: Boolean! }
  type Contact { id: ID! dynamics: DynamicsContact campaign: Recipient }
  type DynamicsContact { fullname: String emailaddress1: String jobtitle: String }
  type Recipient { email: String firstName: String lastName: String }
  type AccountConnection { nodes: [Account!]! }
  type Account { dynamics: DynamicsAccount contact_customer_accounts(first: Int!): ContactConnection! }
  type DynamicsAccount { name: String }
`;

interface ContactsArguments {
  readonly first: number;
  readonly filter?: { readonly lastname?: { readonly startsWith?: string } };
}

interface AccountsArguments {
  readonly first: number;
  readonly filter?: { readonly id?: { readonly in?: readonly string[] } };
}

const resolvers = {
  Query: { unified: () => ({}) },
  Unified: {
    async contacts(_: unknown, { first, filter }: ContactsArguments) {
      const start = filter?.lastname?.startsWith;
      const page = await (start === undefined ? ask.contacts(first) : ask.contactsNamed(start, first));
      const value = page['@odata.count'] ?? 0;
      return { nodes: page.value, totalCount: { value, exact: value < 5_000 } };
    },
    contact: (_: unknown, { id }: { readonly id: string }, { recipients }: Context) => {
      // Both systems are asked at once.
      void recipients.load(id);
      return ask.contact(id);
    },
    async accounts(_: unknown, { first, filter }: AccountsArguments) {
      const ids = filter?.id?.in;
      return { nodes: (await (ids === undefined ? ask.accounts(first) : ask.accountsOf(ids, first))).value };
    },
  },
  Contact: {
    id: (contact: ContactRow) => contact.contactid,
    dynamics: (contact: ContactRow) => contact,
    campaign: (contact: ContactRow, _: unknown, { recipients }: Context) => recipients.load(contact.contactid),
  },
  Account: {
    dynamics: (account: object) => account,
    contact_customer_accounts: (account: { readonly contact_customer_accounts: readonly ContactRow[] }) => ({
      nodes: account.contact_customer_accounts,
    }),
  },
};

function createContext(): Context {
  return {
    recipients: new DataLoader(
      async (ids) => {
        const found = await upstream.recipients(ids);
        return ids.map((id) => found.get(id) ?? null);
      },
      { maxBatchSize: 500 },
    ),
  };
}

const apollo = new ApolloServer<Context>({ typeDefs, resolvers });
await apollo.start();
const app = express();
app.use('/graphql', express.json(), expressMiddleware(apollo, { context: async () => createContext() }));
createServer(app).listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('Apollo is ready.\n'));
process.on('SIGTERM', () => process.exit(0)).on('disconnect', () => process.exit(0));
