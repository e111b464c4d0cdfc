import { parseArgs } from 'node:util';
import { connect } from './connect.js';
import { type ConnectionFile, FileError, readConnection } from './connection-file.js';
import { GatewayError, openGateway } from './gateway.js';

const HELP = `Usage: npm run plan  -- <file> [--gateway URL] [--prune]
       npm run apply -- <file> [--gateway URL] [--prune]

Reads a file that describes an external account, its tables, enumerations and workflows (examples/connection.yaml), shows what a running
gateway has otherwise, and with "apply" makes it so by the same mutations that a script would send. Repeated it changes nothing.

  --gateway URL  address of the gateway; default http://127.0.0.1:4000
  --prune        also unmap tables and delete workflows that the file does not name
  --help         this text

An API key is taken from ISTHMUS_API_KEY. Secrets stand in the file as references to the environment: \${NAME}.
Exit codes: 0 done, or nothing to do; 1 failed; 2 "plan" found differences.`;

/** What the command needs of the process it runs in. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readText: (path: string) => Promise<string>;
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
}

/** Runs `plan <file>` or `apply <file>`; its result is the exit code. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, printError } = surroundings;
  try {
    const command = readCommand(args);
    if (command) return await carryOut(command, surroundings);
    print(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof FileError || error instanceof GatewayError)) throw error;
    printError(error.message);
    return 1;
  }
}

interface Command {
  readonly dryRun: boolean;
  readonly path: string;
  readonly gateway: string;
  readonly prune: boolean;
}

/** Null where help is asked for. */
function readCommand(args: readonly string[]): Command | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const [verb, path, ...others] = positionals;
  if ((verb !== 'plan' && verb !== 'apply') || path === undefined || others.length > 0) {
    throw new FileError(`Expected "plan" or "apply" and one file.\n\n${HELP}`);
  }
  const gateway = values.gateway ?? 'http://127.0.0.1:4000';
  if (!URL.canParse(gateway))
    throw new FileError(`Expected --gateway to be an address such as http://127.0.0.1:4000, but got "${gateway}".`);
  return { dryRun: verb === 'plan', path, gateway, prune: values.prune ?? false };
}

function parse(args: readonly string[]) {
  const options = { gateway: { type: 'string' }, prune: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    throw new FileError(`${cause instanceof Error ? cause.message : String(cause)}\n\n${HELP}`);
  }
}

async function carryOut(command: Command, { environment, readText, print }: Surroundings): Promise<number> {
  const { dryRun, prune, path } = command;
  const file = readConnection(path, await readFileText(path, readText), environment);
  const gateway = openGateway(command.gateway, environment.ISTHMUS_API_KEY);
  let part: readonly PropertyKey[] = [];
  let changes = 0;
  const onPart = (begun: readonly PropertyKey[]) => {
    part = begun;
  };
  try {
    for await (const step of connect(gateway, file.content, { dryRun, prune, onPart })) {
      changes += step.changes.length;
      print(`${step.title}: ${step.changes.length === 0 ? 'as it should be' : ''}`.trimEnd());
      for (const line of [...step.changes, ...step.notes.map((note) => `· ${note}`)]) print(`  ${line}`);
    }
  } catch (error) {
    throw error instanceof GatewayError ? placed(error, part, file) : error;
  }
  print(summary(changes, dryRun));
  return dryRun && changes > 0 ? 2 : 0;
}

async function readFileText(path: string, readText: Surroundings['readText']): Promise<string> {
  return readText(path).catch((cause: unknown) => {
    throw new FileError(`${path}: The file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  });
}

/** What the gateway says of an input is said of the line that it came from: `input.tables.0.columns.3` stands in `tables`. */
function placed(error: GatewayError, part: readonly PropertyKey[], file: ConnectionFile): GatewayError {
  if (part.length === 0 || error.code === null) return error;
  const steps = (error.field ?? '')
    .replace(/^input\.?/, '')
    .split('.')
    .filter(Boolean);
  const [first, ...rest] = steps;
  const path = first === part[0] ? [...part, ...rest] : [...part, ...steps];
  const numbered = path.map((step) => (/^\d+$/.test(String(step)) ? Number(step) : step));
  return new GatewayError(`${file.place(numbered)}: ${error.message}`, error.code, error.field);
}

function summary(changes: number, dryRun: boolean): string {
  const count = changes === 1 ? '1 change' : `${changes} changes`;
  if (changes === 0) return dryRun ? 'Nothing to do.' : 'Nothing was changed.';
  return dryRun ? `${count} to make.` : `${count} made.`;
}
