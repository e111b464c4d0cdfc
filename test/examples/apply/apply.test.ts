import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../examples/apply/run.js';
import { startGateway, type TestGateway } from '../../support/gateway.js';

const KEY = 'a-key-that-is-long-enough';

describe('a connection described in a file', { timeout: 180_000 }, () => {
  let gateway: TestGateway;
  let text: string;
  beforeAll(async () => {
    gateway = await startGateway({
      contacts: 5,
      settings: { AUTH: 'apikey', API_KEYS: `operator:admin:${KEY}` },
    });
    text = readFileSync('examples/connection.yaml', 'utf8').replace(
      'http://127.0.0.1:4010',
      gateway.mocks.dynamics.url,
    );
  });
  afterAll(() => gateway.close());

  it('is shown before anything is made', async () => {
    const planned = await command('plan');
    expect(planned.code).toBe(2);
    expect(planned.lines).toContain('  + IMPORT contact');
    expect(planned.lines).toContain('  + contact');
    const again = await command('plan');
    expect(again).toEqual(planned);
  });

  it('is made so, and nothing is changed when it is applied again', async () => {
    const made = await command('apply');
    expect(made.code).toBe(0);
    expect(made.lines.some((line) => line.startsWith('  + industries: 1 "Accounting"'))).toBe(true);
    expect(made.lines.some((line) => line.startsWith('  + contact: contact → nms:recipient by @crmId'))).toBe(true);
    const planned = await command('plan');
    expect([planned.code, planned.lines.at(-1)]).toEqual([0, 'Nothing to do.']);
    const again = await command('apply');
    expect([again.code, again.lines.at(-1)]).toEqual([0, 'Nothing was changed.']);
  });

  it('follows the file as it changes', async () => {
    const changed = text.replace('"0 * * * *"', '"30 2 * * *"').replace('[jobtitle, ', '[jobtitle, department, ');
    const planned = await command('plan', changed);
    expect(planned.lines).toContain('  ~ schedule: 0 * * * * → 30 2 * * *');
    expect(planned.lines.some((line) => line.startsWith('  + nms:recipient/@department:'))).toBe(true);
    expect((await command('apply', changed)).code).toBe(0);
    expect((await command('plan', changed)).lines.at(-1)).toBe('Nothing to do.');
    expect((await command('apply')).code).toBe(0);
  });

  it('keeps what it does not name unless it is told to prune', async () => {
    const less = text
      .slice(0, text.indexOf('  - name: importContacts'))
      .replace('- { table: contact, column: gendercode, mode: REPLACE }', '');
    const [accounts, contacts] = [less.indexOf('  - table: contact'), less.indexOf('enumerations:')];
    const file = `${less.slice(0, accounts)}${less.slice(contacts)}`;
    const kept = await command('plan', file);
    expect(kept.lines).toContain('  · Table contact is mapped but not named here; --prune unmaps it.');
    const pruned = await command('apply', file, ['--prune']);
    expect([pruned.code, pruned.errors]).toEqual([0, []]);
    expect(pruned.lines).toContain('  - importContacts');
    expect(pruned.lines.some((line) => line.startsWith('  - contact: contact → nms:recipient'))).toBe(true);
    expect((await command('plan', file, ['--prune'])).lines.at(-1)).toBe('Nothing to do.');
  });

  it('is refused with the line that the gateway finds fault with', async () => {
    const wrong = text.replace('[jobtitle, ', '[jobtitel, ');
    const line = wrong.split('\n').findIndex((one) => one.includes('jobtitel')) + 1;
    const { code, errors } = await command('plan', wrong);
    expect(code).toBe(1);
    expect(errors).toEqual([
      `connection.yaml:${line}: tables.1.columns.0: Table "contact" has no column "jobtitel". Did you mean "jobtitle"?`,
    ]);
  });

  it('needs a gateway that answers, and a key that it knows', async () => {
    const nobody = await command('plan', text, ['--gateway', 'http://127.0.0.1:9']);
    expect(nobody.errors[0]).toContain('The gateway at http://127.0.0.1:9/graphql does not answer');
    const stranger = await command('plan', text, [], { ISTHMUS_API_KEY: 'unknown' });
    expect(stranger.errors[0]).toContain('API key');
    expect((await command('destroy')).errors[0]).toContain('Expected "plan" or "apply" and one file.');
  });

  async function command(
    verb: string,
    content = text,
    flags: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ) {
    const lines: string[] = [];
    const errors: string[] = [];
    const code = await run([verb, 'connection.yaml', '--gateway', gateway.app.gateway.url, ...flags], {
      environment: { DYNAMICS_CLIENT_SECRET: 'mock-secret', ISTHMUS_API_KEY: KEY, ...environment },
      readText: async () => content,
      print: (line) => lines.push(line),
      printError: (line) => errors.push(line),
    });
    return { code, lines, errors };
  }
});
