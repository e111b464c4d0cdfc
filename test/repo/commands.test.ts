import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

const [, started = ''] = /&& (node .*)$/.exec(scripts.start ?? '') ?? [];

it('the image runs the gateway as npm start does', () => {
  expect(started).toMatch(/^node (--\S+ )*--max-semi-space-size=\d+ (--\S+ )*dist\/src\/main\.js$/);
  const [, command = ''] = /^CMD (.*)$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
  expect(JSON.parse(command)).toEqual(started.split(' '));
});

it('workers run as the gateway does', () => {
  expect(scripts.worker).toBe(`${scripts.start} worker`);
  const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as Compose;
  expect(services.worker?.command).toEqual([...started.split(' '), 'worker']);
  expect(services.gateway?.command).toBeUndefined();
});

interface Compose {
  readonly services: Readonly<Record<string, { readonly command?: readonly string[] }>>;
}
