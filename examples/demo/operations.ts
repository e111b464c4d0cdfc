import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'graphql';

/** One `.graphql` file of this folder. */
export interface Operation {
  readonly file: string;
  /** Name of the operation in it. */
  readonly name: string;
  /** The comment it begins with. */
  readonly title: string;
  readonly text: string;
}

/** The operations of `examples/` in the order of their file names. */
export async function readOperations(folder = 'examples'): Promise<readonly Operation[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.graphql')).sort();
  return Promise.all(files.map((file) => readOperation(`${folder}/${file}`)));
}

async function readOperation(file: string): Promise<Operation> {
  const text = await readFile(file, 'utf8');
  const [definition] = parse(text).definitions;
  const name = definition?.kind === 'OperationDefinition' ? definition.name?.value : undefined;
  if (!name) throw new Error(`Expected ${file} to hold one named operation.`);
  return { file, name, title: text.split('\n', 1)[0]?.replace(/^#\s*/, '') ?? name, text };
}
