import { ask } from './ask.js';
import { graphql } from './generated/gql.js';
import type { ContactPageQuery } from './generated/graphql.js';

const CONTACT_PAGE = graphql(`
  query ContactPage($filter: ContactFilter, $first: Int!, $after: String) {
    unified {
      contacts(filter: $filter, orderBy: [{ lastname: ASC }], first: $first, after: $after) {
        nodes {
          id
          syncState
          dynamics {
            fullname
            emailaddress1
            gendercode {
              label
            }
          }
          campaign {
            email
            lastModified
          }
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`);

type ContactPage = NonNullable<ContactPageQuery['unified']['contacts']>;
type Contact = ContactPage['nodes'][number];

const COUNT = 40;
const PAGE = 20;

/** Prints the first contacts whose last name begins with an S, as both systems know them. */
async function main(): Promise<void> {
  for await (const { syncState, dynamics, campaign } of contacts()) {
    const name = dynamics?.fullname ?? '(no name)';
    const gender = dynamics?.gendercode?.label ?? '';
    console.log(name.padEnd(32), gender.padEnd(8), syncState, campaign?.email ?? 'not in Campaign');
  }
}

/** Page by page, each from the cursor of the one before it. */
async function* contacts(): AsyncGenerator<Contact> {
  let after: string | null = null;
  for (let left = COUNT; left > 0; left -= PAGE) {
    const page: ContactPage = await fetchPage(Math.min(PAGE, left), after);
    yield* page.nodes;
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor ?? null;
  }
}

async function fetchPage(first: number, after: string | null): Promise<ContactPage> {
  const { data, errors } = await ask(CONTACT_PAGE, { filter: { lastname: { startsWith: 'S' } }, first, after });
  for (const { message, extensions } of errors) console.error(`${extensions?.code}: ${message}`);
  if (!data?.unified.contacts) throw new Error('Expected a page of contacts.');
  return data.unified.contacts;
}

await main();
