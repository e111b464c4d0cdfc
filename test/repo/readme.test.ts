import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsTable } from '../../src/settings.js';

const readme = readFileSync('README.md', 'utf8');

describe('the README', () => {
  it('tells its commands and an answered query within the first forty lines', () => {
    const beginning = readme.split('\n').slice(0, 40).join('\n');
    for (const text of ['npm ci && npm run demo', 'npm ci && npm test', 'unified { contacts']) {
      expect(beginning).toContain(text);
    }
  });

  it('lists the settings that the gateway reads', () => {
    const rows = settingsTable().map(({ name, default: value, meaning }) => {
      return `| \`${name}\` | ${value === null ? '' : `\`${value}\``} | ${meaning} |`;
    });
    const table = ['| Setting | Default | |', '|---|---|---|', ...rows].join('\n');
    expect(between(readme, '<!-- settings -->', '<!-- /settings -->')).toBe(table);
  });

  it.each([
    'README.md',
    'CONTRIBUTING.md',
    'mocks/README.md',
    'docs/real-systems.md',
    'docs/operations.md',
    'docs/graph.md',
  ])('%s links to files that are there', (file) => {
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(dirname(file), path)))).toEqual([]);
  });
});

function between(text: string, start: string, end: string): string {
  return text.slice(text.indexOf(start) + start.length, text.indexOf(end)).trim();
}
