import type { AuthenticationSettings } from '../config.js';

/** What GraphiQL opens a tab with: texts, as its editors hold them. */
export interface ExampleTab {
  readonly query: string;
  readonly variables?: string;
  /** A JSON object. */
  readonly headers: string;
}

/**
 * The tabs that GraphiQL shows to whoever opens it for the first time. The first works on every gateway, the others where contacts and
 * accounts are mapped, as in the demo.
 */
export function exampleTabs(authentication: AuthenticationSettings['kind']): readonly ExampleTab[] {
  const headers = JSON.stringify({ 'isthmus-upstream': 'true', ...CREDENTIALS[authentication] }, null, 2);
  return EXAMPLES.map(({ query, variables }) => ({
    query,
    ...(variables && { variables: JSON.stringify(variables, null, 2) }),
    headers,
  }));
}

/** What a caller puts in place of the text here; the page keeps no headers. */
const CREDENTIALS: Readonly<Record<AuthenticationSettings['kind'], Readonly<Record<string, string>>>> = {
  none: {},
  apikey: { 'x-api-key': 'your key' },
  jwt: { authorization: 'Bearer your token' },
};

/** A contact of the mocks' ready-made data, with its account. */
const CONTACT = 'c13b20e9-ae53-407d-a219-3c3550361542';

interface Example {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

const EXAMPLES: readonly Example[] = [
  {
    query: `# One graph over Dynamics 365 and Campaign.
# Ctrl-Space shows what can be asked for, Ctrl-Enter asks.
# The header isthmus-upstream has the answer list the
# requests to the two systems that it cost.
query Overview {
  externalAccounts { name server status }
  tableMappings { table schema key fields { column path } }
  runs(first: 5) {
    nodes { workflow { name } status read created updated rejected }
  }
}
`,
  },
  {
    query: `# The same people in both systems: one request to Dynamics, one to Campaign.
query ContactsInBoth {
  unified {
    contacts(first: 10, orderBy: [{ lastname: ASC }]) {
      nodes {
        id
        syncState
        dynamics { fullname emailaddress1 gendercode { label } }
        campaign { email lastModified }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
  },
  {
    query: `# One of them by its id, and where the two systems differ.
query ContactById($id: ID!) {
  unified {
    contact(id: $id) {
      syncState
      drift { column dynamics campaign }
      dynamics {
        fullname
        parentcustomerid {
          ... on DynamicsAccount { name }
          ... on DynamicsContact { fullname }
        }
      }
      campaign { email firstName lastName }
    }
  }
}
`,
    variables: { id: CONTACT },
  },
  {
    query: `# What the filter lets through, and how many that are in all.
query FilteredContacts($filter: ContactFilter, $after: String) {
  unified {
    contacts(filter: $filter, first: 20, after: $after) {
      totalCount { value exact }
      nodes {
        dynamics { fullname createdon }
        campaign { email }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
    variables: {
      filter: {
        lastname: { startsWith: 'S' },
        or: [{ gendercode: { label: { eq: 'Female' } } }, { emailaddress1: { endsWith: '.org' } }],
      },
    },
  },
  {
    query: `# Accounts, and the contacts that work for each, with their Campaign side.
query AccountsWithContacts {
  unified {
    accounts(first: 5, orderBy: [{ name: ASC }]) {
      nodes {
        dynamics { name }
        contact_customer_accounts(first: 10) {
          nodes { dynamics { fullname } campaign { email } }
        }
      }
    }
  }
}
`,
  },
  {
    query: `# Counted and summed up by Dynamics itself.
query ContactsByGender {
  dynamics {
    contactsAggregate(filter: { statecode: { eq: 0 } }) {
      count
      max { createdon }
      groupBy(columns: [gendercode], orderBy: [{ count: DESC }]) {
        key { gendercode { label } }
        count
      }
    }
  }
}
`,
  },
  {
    query: `# Writes a contact in Dynamics and then in Campaign, and tells what
# happened on either side. Repeated it does what is still to be done.
mutation ChangeContact($id: ID!, $input: UpdateContactInput!) {
  updateContact(id: $id, input: $input) {
    dynamics { status error { code message remedy } }
    campaign { status error { code message remedy } }
    record { syncState dynamics { fullname jobtitle modifiedon } }
  }
}
`,
    variables: { id: CONTACT, input: { jobtitle: 'Owner' } },
  },
  {
    query: `# Makes the contact with this id in Dynamics, or changes it.
# Campaign follows with the next import.
mutation UpsertContact(
  $id: ID!
  $input: UpsertDynamicsContactInput!
) {
  upsertDynamicsContact(id: $id, input: $input) {
    created
    record { fullname versionnumber }
  }
}
`,
    variables: {
      id: '7d9e2f60-3b1c-4a58-9c07-5e2d8f1a6b34',
      input: { firstname: 'Jane', lastname: 'Doe', gendercode: 2 },
    },
  },
];
