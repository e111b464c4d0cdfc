import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import { StorageError } from './storage-error.js';

/** Who holds a lock. `birth` tells two processes apart that were given the same pid one after the other; null where it cannot be told. */
const holder = z.object({ pid: z.number().int().positive(), host: z.string(), birth: z.string().nullable() });

type Holder = z.infer<typeof holder>;

const TOUCH_MS = 5_000;
const FOREIGN_IS_DEAD_AFTER_MS = 30_000;

/** Files held by this very process, which its own pid in the file would not tell from one of a dead process with that pid. */
const heldHere = new Set<string>();

/**
 * Holds a folder for this process alone by a file beside it, and gives back how to let go. The file of a process that has died is
 * taken over. Throws a LOCKED `StorageError` that names the folder and its holder.
 */
export function lockFolder(folder: string): () => void {
  const path = `${folder}.lock`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (heldHere.has(path) || !(create(path) || takeOver(path))) throw locked(folder, path);
  heldHere.add(path);
  const touch = setInterval(() => touchFile(path), TOUCH_MS).unref();
  return () => {
    clearInterval(touch);
    if (heldHere.delete(path)) rmSync(path, { force: true });
  };
}

function create(path: string): boolean {
  const self: Holder = { pid: process.pid, host: hostname(), birth: birthOf(process.pid) };
  try {
    writeFileSync(path, JSON.stringify(self), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  }
}

/** Replaces the file of a dead process. Of several that try at once, the guard lets one through, which looks again before it acts. */
function takeOver(path: string): boolean {
  const guard = `${path}.takeover`;
  if (ageOf(guard) > FOREIGN_IS_DEAD_AFTER_MS) rmSync(guard, { force: true });
  try {
    closeSync(openSync(guard, 'wx', 0o600));
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  }
  try {
    if (isAlive(path)) return false;
    rmSync(path, { force: true });
    return create(path);
  } finally {
    rmSync(guard, { force: true });
  }
}

/** A holder on this machine lives as long as its process; one on another, such as a container beside ours, as long as it touches the file. */
function isAlive(path: string): boolean {
  const found = readHolder(path);
  if (found === null || found.host !== hostname()) return ageOf(path) < FOREIGN_IS_DEAD_AFTER_MS;
  if (found.pid === process.pid || !isProcess(found.pid)) return false;
  return found.birth === null || found.birth === birthOf(found.pid);
}

function readHolder(path: string): Holder | null {
  try {
    return holder.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a process began, in ticks since this boot of the machine: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function birthOf(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? null : `${boot}/${ticks}`;
  } catch {
    return null;
  }
}

/** Milliseconds since the file was written or touched; below 0 where there is none. */
function ageOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? Date.now() - stat.mtimeMs : -1;
}

function touchFile(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // The folder was removed under us: the database reports that better than a lock can.
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

function locked(folder: string, path: string): StorageError {
  const found = readHolder(path);
  const who = found ? `process ${found.pid} on ${found.host}` : 'another process';
  return new StorageError(
    'LOCKED',
    `The embedded database in "${folder}" is open in ${who}, and only one may have it open. Stop that process, set DATA_DIR to another ` +
      'folder, or set DATABASE_URL to a PostgreSQL, which several processes may share.',
  );
}
