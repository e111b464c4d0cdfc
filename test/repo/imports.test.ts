import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What each part of `src` may import of the others; `main` and `app` may import everything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  http: ['admin', 'unified', 'model'],
  admin: ['mapping', 'storage', 'jobs', 'connectors', 'model'],
  unified: ['mapping', 'storage', 'connectors', 'model'],
  jobs: ['sync', 'storage', 'model'],
  sync: ['mapping', 'storage', 'connectors', 'model'],
  metadata: ['storage', 'connectors', 'model'],
  mapping: ['model'],
  connectors: ['model'],
  storage: ['model'],
  model: [],
};

/** What of the connectors the parts above them may import: the port, the pool, and each connector's own types. */
const PORT = [
  'src/connectors/connector.ts',
  'src/connectors/connections.ts',
  'src/connectors/dynamics/dynamics-connector.ts',
  'src/connectors/dynamics/dynamics-set-up.ts',
  'src/connectors/campaign/campaign-connector.ts',
];

interface Import {
  readonly from: string;
  readonly to: string;
}

const imports = ['src', 'mocks', 'test'].flatMap(importsBelow);

describe('imports', () => {
  it('of src and mocks never cross', () => {
    const crossing = imports.filter(
      ({ from, to }) => sides(from, to) === 'src>mocks' || sides(from, to) === 'mocks>src',
    );
    expect(crossing).toEqual([]);
  });

  it('point down the list of parts', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [part, other] = [partOf(from), partOf(to)];
      return part !== null && other !== null && part !== other && !ALLOWED[part]?.includes(other);
    });
    expect(wrong).toEqual([]);
  });

  it('reach the connectors through their port only', () => {
    const around = imports.filter(({ from, to }) => partOf(to) === 'connectors' && isAbove(from) && !PORT.includes(to));
    expect(around).toEqual([]);
  });

  it('leave the embedded database to those who open it', () => {
    const packages = [...packagesAtStartOf('src/main.ts')];
    expect(packages).toContain('@mikro-orm/postgresql');
    expect(packages.filter((name) => name.includes('pglite'))).toEqual([]);
  });

  it('read the environment in main and config only', () => {
    const reading = sourcesBelow('src').filter((file) => readFileSync(file, 'utf8').includes('process.env'));
    expect(reading.filter((file) => file !== 'src/main.ts' && file !== 'src/config.ts')).toEqual([]);
  });
});

function importsBelow(folder: string): Import[] {
  return sourcesBelow(folder).flatMap((from) =>
    [...readFileSync(from, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) => ({
      from,
      to: normalize(join(dirname(from), path.replace(/\.js$/, '.ts'))),
    })),
  );
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

/** The packages that are loaded with a file and what it imports: neither types nor what is imported when it is needed. */
function packagesAtStartOf(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const text = readFileSync(file, 'utf8');
  for (const [, words = '', path = ''] of text.matchAll(/^(?:import|export)\b([^'"]*?)'([^']+)';$/gm)) {
    const at = path.startsWith('.') ? join(dirname(file), path.replace(/\.js$/, '.ts')) : path;
    if (seen.has(at) || /^ type\b/.test(words)) continue;
    seen.add(at);
    if (path.startsWith('.')) packagesAtStartOf(at, seen);
  }
  return seen;
}

/** The part of `src` a file belongs to; null for `main`, `app` and everything outside. */
function partOf(file: string): string | null {
  const [part, ...rest] = relative('src', file).split('/');
  return part && part !== '..' && rest.length > 0 ? part : null;
}

function isAbove(file: string): boolean {
  const part = partOf(file);
  return part !== null && part !== 'connectors';
}

function sides(from: string, to: string): string {
  return `${from.split('/')[0]}>${to.split('/')[0]}`;
}
