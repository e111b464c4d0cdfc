import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleTabs } from '../../src/http/graphiql-examples.js';
import { setUp, startGateway, type TestGateway } from '../support/gateway.js';

const TABS = exampleTabs('none').map(
  (tab) => [/\b(?:query|mutation) (\w+)/.exec(tab.query)?.[1] ?? tab.query, tab] as const,
);

describe('GraphiQL', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    // As many contacts as the demo has: the examples name one of them.
    gateway = await startGateway({ contacts: 1_000 });
    await setUp(gateway);
  });
  afterAll(() => gateway.close());

  async function page(path: string): Promise<{ type: string; text: string; policy: string }> {
    const response = await fetch(`${gateway.app.gateway.url}/graphiql${path}`);
    expect(response.status).toBe(200);
    const { headers } = response;
    const policy = headers.get('content-security-policy') ?? '';
    return { type: headers.get('content-type') ?? '', text: await response.text(), policy };
  }

  it('names no file but those that the gateway serves, and lets the browser fetch no other', async () => {
    const { text, policy } = await page('/');
    const files = [...text.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, file = '']) => file);
    expect(files).toEqual(['graphiql.css', 'react.js', 'react-dom.js', 'graphiql.js', 'start.js']);
    for (const file of files) expect((await page(`/${file}`)).text.length).toBeGreaterThan(100);
    expect(policy).toContain("default-src 'self'");
  });

  it('opens with the examples in tabs of their own', async () => {
    const { text, type } = await page('/start.js');
    expect(type).toContain('javascript');
    for (const [name] of TABS) expect(text).toContain(name);
  });

  it.each(TABS)('has an example that the demo answers: %s', async (_, { query, variables }) => {
    const { data, errors } = await gateway.send(query, JSON.parse(variables ?? '{}'));
    expect(errors).toEqual([]);
    expect(JSON.stringify(data)).not.toMatch(
      /"(contacts?|accounts|contactsAggregate|\w+Contact)":(null|\{"nodes":\[\])/,
    );
  });

  it.each([
    ['apikey', { 'x-api-key': 'your key' }],
    ['jwt', { authorization: 'Bearer your token' }],
    ['none', {}],
  ] as const)('shows with AUTH=%s where the credential goes', (kind, credential) => {
    for (const { headers } of exampleTabs(kind))
      expect(JSON.parse(headers)).toEqual({ 'isthmus-upstream': 'true', ...credential });
  });
});
