import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Directory, DirectoryState } from './directory.js';
import { isJsonObject } from './directory-objects.js';

/** Fills a directory from the file that `saveDirectory` wrote; false where there is none. Throws where it is not such a file. */
export function loadDirectory(directory: Directory, file: string | undefined): boolean {
  if (file === undefined || !existsSync(file)) return false;
  directory.load(readState(file));
  return true;
}

/** Writes a directory whole or not at all: into a file beside it, which then takes its name. Without a file it does nothing. */
export function saveDirectory(directory: Directory, file: string | undefined): void {
  if (file === undefined) return;
  const draft = `${file}.${process.pid}.tmp`;
  mkdirSync(dirname(file), { recursive: true });
  // It holds passwords and secrets, if only those of a mock.
  writeFileSync(draft, JSON.stringify(directory.state()), { mode: 0o600 });
  renameSync(draft, file);
}

/** Only this program writes the file, so its outline tells enough. */
function readState(file: string): DirectoryState {
  try {
    const state: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isJsonObject(state) && state.version === 1 && Array.isArray(state.live))
      return state as unknown as DirectoryState;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`Expected "${file}" to hold the state of an Entra mock; delete it to start anew.`);
}
