import { parseArgs } from 'node:util';

/** What `npm run mocks` was asked for. Ports are 0 where any free one will do. */
export interface MocksSettings {
  readonly host: string;
  readonly ports: { readonly dynamics: number; readonly entra: number; readonly campaign: number };
  readonly contacts: number;
  readonly seed: number;
  /** A file of table metadata that is added to the built-in tables. */
  readonly tables?: string;
  /** Milliseconds. */
  readonly latency: number;
  /** The folder that keeps the mocks' data from one run to the next. */
  readonly state?: string;
  /** Dynamics takes `contacts/<id>` for `contacts(<id>)`, which the service does not. */
  readonly keysAsSegments?: boolean;
  /** Answers https beside http, on the same ports. */
  readonly tls?: boolean;
  /** Further options of the mock Campaign and of the mock Dynamics, which check them. */
  readonly campaign?: Readonly<Record<string, unknown>>;
  readonly dynamics?: Readonly<Record<string, unknown>>;
}

/** The command line makes no sense; the message names the flag and what it takes. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}

export const HELP = `Usage: npm run mocks -- [flags]

Starts the mock Dynamics, Entra ID and Campaign servers and keeps them up until Ctrl-C.

  --contacts N   contacts that Dynamics holds, accounts and the rest in proportion (default 1000)
  --seed N       the same seed makes the same data (default 1)
  --tables FILE  table metadata added to the built-in tables, in the form of mocks/dynamics/fixtures/tables.json
  --latency MS   delays every answer by so many milliseconds (default 0)
  --port N       Dynamics listens on N, Entra ID on N+1, Campaign on N+10 (default 4010); 0 takes any free ports
  --host NAME    the address to listen on (default 127.0.0.1)
  --state DIR    keeps the data in DIR from one run to the next (default: every run begins anew)
  --tls          answers https beside http on the same ports; the certificate to trust is written to a file
  --keys-as-segments  Dynamics takes contacts/<id> for contacts(<id>), for clients that know no other form (default: refused)
  --campaign JSON  settings of the mock Campaign, as in '{"profile":"v8","rowCap":200}'
  --dynamics JSON  settings of the mock Dynamics, as in '{"serviceProtection":{"requests":100}}'
  --help         prints this
`;

const FLAGS = {
  contacts: { type: 'string' },
  seed: { type: 'string' },
  tables: { type: 'string' },
  latency: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  state: { type: 'string' },
  tls: { type: 'boolean' },
  'keys-as-segments': { type: 'boolean' },
  campaign: { type: 'string' },
  dynamics: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Reads the flags; `help` where they ask for it. Throws a `CommandLineError` naming the flag that is wrong. */
export function parseCommandLine(flags: readonly string[]): MocksSettings | 'help' {
  const values = readFlags(flags);
  if (values.help) return 'help';
  return {
    host: values.host ?? '127.0.0.1',
    ports: portsFrom(number('port', values.port ?? '4010', 65_525)),
    contacts: number('contacts', values.contacts ?? '1000', 1_000_000),
    seed: number('seed', values.seed ?? '1', 2_147_483_647),
    latency: number('latency', values.latency ?? '0', 600_000),
    tables: values.tables,
    state: values.state,
    tls: values.tls ?? false,
    keysAsSegments: values['keys-as-segments'] ?? false,
    ...(values.campaign !== undefined && { campaign: jsonObject('campaign', values.campaign) }),
    ...(values.dynamics !== undefined && { dynamics: jsonObject('dynamics', values.dynamics) }),
  };
}

function readFlags(flags: readonly string[]) {
  assertKnown(flags);
  try {
    return parseArgs({ args: [...flags], options: FLAGS }).values;
  } catch (cause) {
    // Node's own messages name the flag and what is wrong with it.
    throw new CommandLineError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function assertKnown(flags: readonly string[]): void {
  const unknown = flags.find((flag) => flag.startsWith('-') && !Object.hasOwn(FLAGS, nameOf(flag)));
  if (unknown === undefined) return;
  throw new CommandLineError(
    `There is no flag ${unknown.split('=')[0]}; there are ${Object.keys(FLAGS)
      .map((name) => `--${name}`)
      .join(', ')}.`,
  );
}

function nameOf(flag: string): string {
  return flag.replace(/^--/, '').split('=')[0] ?? '';
}

function number(flag: string, text: string, most: number): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text);
  throw new CommandLineError(`Expected --${flag} to be a whole number from 0 to ${most}, not "${text}".`);
}

function jsonObject(flag: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Told below: what was given is no JSON.
  }
  throw new CommandLineError(`Expected --${flag} to be a JSON object, not "${text}".`);
}

function portsFrom(base: number): MocksSettings['ports'] {
  return base === 0 ? { dynamics: 0, entra: 0, campaign: 0 } : { dynamics: base, entra: base + 1, campaign: base + 10 };
}
