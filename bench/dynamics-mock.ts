import { type ChildProcess, execFile, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A line of the report: what was measured, and what came out. */
export type PrintRow = (what: string, result: string) => void;

const MILLION = 1_000_000;
const LIST =
  'accounts?$select=name,accountnumber,telephone1,emailaddress1,address1_city&$expand=primarycontactid($select=fullname,emailaddress1)&$top=50';
const PAGE =
  'contacts?$select=firstname,lastname,fullname,jobtitle,department,emailaddress1,telephone1,mobilephone,birthdate,gendercode,familystatuscode,address1_line1,address1_city,address1_stateorprovince,address1_postalcode,address1_country,createdon,modifiedon,statecode,_parentcustomerid_value';

/**
 * Measures the mock Dynamics in a process of its own, over HTTP: start, memory and reset with the default data; a list of 50 accounts with
 * their primary contacts, in turn with another mock server of OData; then all with a million contacts. Takes some two minutes and three
 * gigabytes. Rejects where a request is not answered with 200.
 */
export async function benchDynamicsMock(print: PrintRow): Promise<void> {
  await benchDefaultData(print);
  await benchMillion(print);
}

async function benchDefaultData(print: PrintRow): Promise<void> {
  const dynamics = await startDynamics(1000);
  try {
    print(
      'dynamics mock: start with the default data',
      `${milliseconds(dynamics.sinceImport)}, ${milliseconds(dynamics.sinceStart)} with the process`,
    );
    await sleep(1000);
    print('dynamics mock: idle', mebibytes(await dynamics.ask('memory')));
    await benchList(print, dynamics);
    await get(dynamics.url, 'contacts?$orderby=fullname&$top=1');
    await createContacts(dynamics.url, 1000);
    print('dynamics mock: reset after 1,000 new contacts', milliseconds(await dynamics.ask('reset')));
  } finally {
    await stop(dynamics.process);
  }
}

async function createContacts(url: string, count: number): Promise<void> {
  const contact = (index: number) => ({ '@odata.type': 'Microsoft.Dynamics.CRM.contact', lastname: `New ${index}` });
  const response = await fetch(`${url}contacts/Microsoft.Dynamics.CRM.CreateMultiple`, {
    method: 'POST',
    headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
    body: JSON.stringify({ Targets: Array.from({ length: count }, (_, index) => contact(index)) }),
  });
  if (response.status !== 200)
    throw new Error(`Expected 200 for new contacts, but got ${response.status}: ${await response.text()}`);
}

/** The peer is given the same rows, and only the columns that are asked for. */
async function benchList(print: PrintRow, dynamics: Started): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-peer-'));
  const peer = await startPeer(folder, dynamics.url).catch((error: unknown) => {
    print('dynamics mock: list against fe-mockserver-core', `not measured: ${String(error).split('\n')[0]}`);
    return null;
  });
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const [rate, other] = [await rateOf(dynamics.url), peer === null ? Number.NaN : await rateOf(peer.url)];
      // The first round warms both up.
      if (round > 0) ours.push(rate);
      if (round > 0) theirs.push(other);
    }
    print(
      'dynamics mock: 50 accounts with $expand=primarycontactid, asked again and again',
      `${median(ours).toFixed(0)}/s (the answer is remembered until something is written)`,
    );
    if (peer !== null)
      print(
        'dynamics mock: the same by fe-mockserver-core 1.7',
        `${median(theirs).toFixed(1)}/s (${(median(ours) / median(theirs)).toFixed(1)} times)`,
      );
  } finally {
    if (peer !== null) await stop(peer.process);
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchMillion(print: PrintRow): Promise<void> {
  const dynamics = await startDynamics(MILLION);
  try {
    print('dynamics mock: seed a million contacts', `${(dynamics.sinceImport / 1000).toFixed(1)} s`);
    print('dynamics mock: resident with a million contacts', mebibytes(await dynamics.ask('memory')));
    const page = await times(7, () => get(dynamics.url, PAGE));
    print('dynamics mock: page of 5,000 rows of 20 columns', milliseconds(median(page)));
    const [row] = (
      await get(
        dynamics.url,
        'contacts?$select=contactid,_parentcustomerid_value,emailaddress1,modifiedon&$filter=_parentcustomerid_value ne null&$top=1',
      )
    ).value;
    const { contactid, _parentcustomerid_value: parent, modifiedon } = row ?? {};
    const until = new Date(Date.parse(String(modifiedon)) + 600_000).toISOString();
    const reads: readonly (readonly [string, string])[] = [
      ['key', `contacts(${contactid})?$select=fullname`],
      ['lookup column', `contacts?$select=fullname&$filter=_parentcustomerid_value eq ${parent}`],
      [
        'range of modifiedon',
        `contacts?$select=fullname&$filter=modifiedon ge ${modifiedon} and modifiedon lt ${until}`,
      ],
    ];
    for (const [what, path] of reads) {
      const [first = 0, ...rest] = await times(20, () => get(dynamics.url, path));
      print(
        `dynamics mock: read by ${what}, of a million`,
        `${median(rest).toFixed(2)} ms (the first ${first.toFixed(0)} ms)`,
      );
    }
  } finally {
    await stop(dynamics.process);
  }
}

interface Started {
  readonly process: ChildProcess;
  readonly url: string;
  /** Milliseconds that the process took to listen, and what of it the mock took. */
  readonly sinceStart: number;
  readonly sinceImport: number;
  ask(order: 'memory' | 'reset'): Promise<number>;
}

async function startDynamics(contacts: number): Promise<Started> {
  const program = fileURLToPath(new URL('./peers/dynamics-server.js', import.meta.url));
  const child = fork(program, [String(contacts)], { execArgv: ['--max-old-space-size=4096'] });
  const started = (await message(child)) as Omit<Started, 'process' | 'ask'>; // as dynamics-server.ts sends it
  const ask = async (order: 'memory' | 'reset') => {
    child.send(order);
    return ((await message(child)) as { result: number }).result; // as dynamics-server.ts sends it
  };
  return { ...started, process: child, ask };
}

/** Installs the peer in its own folder where it is not there yet. */
async function startPeer(
  folder: string,
  dynamics: string,
): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const home = fileURLToPath(new URL('./peers/fe-mockserver/', import.meta.url.replace('/dist/bench/', '/bench/')));
  if (!existsSync(join(home, 'node_modules')))
    await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: home, timeout: 120_000 });
  await writeFile(join(folder, 'metadata.xml'), METADATA);
  for (const [set, columns] of Object.entries(COLUMNS)) {
    const { value } = await get(dynamics, `${set}?$select=${columns.join(',')}`);
    await writeFile(join(folder, `${set}.json`), JSON.stringify(value));
  }
  const child = fork(join(home, 'server.mjs'), [folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const { url } = (await message(child)) as { url: string }; // as server.mjs sends it
  return { process: child, url };
}

const COLUMNS = {
  accounts: [
    'accountid',
    'name',
    'accountnumber',
    'telephone1',
    'emailaddress1',
    'address1_city',
    '_primarycontactid_value',
  ],
  contacts: ['contactid', 'fullname', 'emailaddress1'],
} as const;

const METADATA = `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="peer" xmlns="http://docs.oasis-open.org/odata/ns/edm">
${entityType('account', COLUMNS.accounts, '<NavigationProperty Name="primarycontactid" Type="peer.contact"><ReferentialConstraint Property="_primarycontactid_value" ReferencedProperty="contactid"/></NavigationProperty>')}
${entityType('contact', COLUMNS.contacts, '')}
<EntityContainer Name="container">
<EntitySet Name="accounts" EntityType="peer.account"><NavigationPropertyBinding Path="primarycontactid" Target="contacts"/></EntitySet>
<EntitySet Name="contacts" EntityType="peer.contact"/>
</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`;

function entityType(name: string, columns: readonly string[], navigation: string): string {
  const type = (column: string) => (/id$|^_/.test(column) ? 'Edm.Guid' : 'Edm.String');
  const properties = columns.map((column) => `<Property Name="${column}" Type="${type(column)}"/>`).join('');
  return `<EntityType Name="${name}"><Key><PropertyRef Name="${name}id"/></Key>${properties}${navigation}</EntityType>`;
}

function message(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`A server ended with exit code ${code}.`));
    child.once('exit', ended);
    child.once('message', (value) => {
      child.off('exit', ended);
      resolve(value);
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

async function get(url: string, path: string): Promise<{ readonly value: readonly Record<string, unknown>[] }> {
  const response = await fetch(url + path, { headers: { authorization: 'Bearer any' } });
  if (response.status !== 200)
    throw new Error(`Expected 200 of ${path}, but got ${response.status}: ${await response.text()}`);
  return (await response.json()) as { value: Record<string, unknown>[] }; // a collection, by the paths above
}

/** Milliseconds of each call. */
async function times(count: number, call: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const start = performance.now();
    await call();
    taken.push(performance.now() - start);
  }
  return taken;
}

const ROUND_MS = 2500;
const CONNECTIONS = 8;

/** Lists per second over kept connections. The first answer is looked at; of the others only the length is, to leave the server the time. */
async function rateOf(url: string): Promise<number> {
  const { value } = await get(url, LIST);
  if (value.length !== 50 || !JSON.stringify(value).includes('"fullname"'))
    throw new Error(`Expected 50 accounts with contacts of ${url}, but got ${value.length}.`);
  const end = performance.now() + ROUND_MS;
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => countUntil(end, url)));
  return (counts.reduce((sum, count) => sum + count, 0) * 1000) / ROUND_MS;
}

function countUntil(end: number, url: string): Promise<number> {
  const { hostname, port, pathname } = new URL(url);
  const request = `GET ${pathname}${LIST} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer any\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    let count = 0;
    /** Bytes of the answer that are still to come. */
    let left = 0;
    socket.setTimeout(5000, () => socket.destroy(new Error(`Expected ${url} to answer within 5 s.`)));
    socket.on('close', () => reject(new Error(`Expected ${url} to keep the connection.`)));
    socket.on('error', reject).on('data', (chunk: Buffer) => {
      left = (left === 0 ? lengthOf(chunk) : left) - chunk.length;
      if (left === Number.POSITIVE_INFINITY ? !chunk.subarray(-5).equals(LAST_CHUNK) : left > 0) return;
      left = 0;
      count += 1;
      if (performance.now() < end) {
        socket.write(request);
        return;
      }
      resolve(count);
      socket.destroy();
    });
  });
}

/** The end of a body that comes in chunks. */
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** The length of an answer by its headers, which come in one piece; infinite where the body comes in chunks. */
function lengthOf(piece: Buffer): number {
  const headers = piece.toString('latin1', 0, Math.min(piece.length, 4096));
  const length = /^content-length: (\d+)/im.exec(headers)?.[1];
  return length === undefined ? Number.POSITIVE_INFINITY : headers.indexOf('\r\n\r\n') + 4 + Number(length);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
