import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { expect, it } from 'vitest';

const FOLDER = 'examples/typed-client/src';

/** The operations that the program hands to `graphql(…)`, of which its types are made. */
function operations(): readonly string[] {
  const files = readdirSync(FOLDER, { encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const texts = files.map((file) => readFileSync(join(FOLDER, file), 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/\bgraphql\(`([^`]+)`\)/g)].map(([, operation = '']) => operation));
}

it('the typed client asks for what schema.graphql has', () => {
  const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
  expect(operations()).toHaveLength(1);
  expect(operations().flatMap((operation) => validate(schema, parse(operation)))).toEqual([]);
});
