import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EngineState } from './engine.js';

/** Reads a state that `writeState` wrote; undefined where there is no file. Rejects where it is not such a state. */
export async function readState(file: string): Promise<EngineState | undefined> {
  const text = await readText(file);
  if (text === undefined) return undefined;
  try {
    const state: unknown = JSON.parse(text);
    if (isState(state)) return state;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`Expected "${file}" to hold the state of a Campaign mock; delete it to start anew.`);
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Only this program writes the file, so its outline tells enough. */
function isState(state: unknown): state is EngineState {
  return (
    typeof state === 'object' &&
    state !== null &&
    'version' in state &&
    state.version === 1 &&
    'store' in state &&
    'schemas' in state
  );
}

/** Writes a state whole or not at all: into a file beside it, which then takes its name. */
export async function writeState(file: string, state: EngineState): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  // Before anything is waited for: the state is that of this moment.
  const text = JSON.stringify(state);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(draft, text);
  await rename(draft, file);
}
