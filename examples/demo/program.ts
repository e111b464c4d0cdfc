import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program of ours that runs beside the demo. */
export interface Program {
  readonly pid: number;
  /** Rejects when it ends without being stopped. */
  readonly failed: Promise<never>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/**
 * Starts a program and waits for the line "… ready." on its standard output. Rejects with what it printed where it ends before.
 * What it prints to standard error is shown.
 */
export async function startProgram(
  name: string,
  command: readonly string[],
  settings: Record<string, string>,
): Promise<Program> {
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...settings },
    // Our programs end when the channel does, so that none is left behind when the demo is killed.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C reaches the whole group in a terminal; the demo decides in which order its programs end.
    detached: true,
  });
  const errors: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors.push(text);
    if (errors.length > 100) errors.shift();
    process.stderr.write(text);
  });
  let stopping = false;
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const failed = ended.then((code): Promise<never> => {
    if (stopping) return new Promise(() => undefined);
    return Promise.reject(new Error(`The ${name} ended with exit code ${code}.`));
  });
  failed.catch(() => undefined);
  const program: Program = {
    pid: child.pid ?? 0,
    failed,
    async stop() {
      stopping = true;
      await end(child, ended);
    },
  };
  try {
    await Promise.race([untilReady(child), failed, timeout(name)]);
    return program;
  } catch (error) {
    await program.stop();
    throw error;
  }
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (!child.stdout) return;
    // Reading goes on after that, so that a full pipe never blocks the program.
    createInterface({ input: child.stdout }).on('line', (text) => {
      if (/ready\.$/.test(text)) resolve();
    });
  });
}

function timeout(name: string): Promise<never> {
  return new Promise((_, reject) => {
    const message = `Expected the ${name} to be ready within ${START_TIMEOUT_MS / 1000} s.`;
    setTimeout(() => reject(new Error(message)), START_TIMEOUT_MS).unref();
  });
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(killer);
}
