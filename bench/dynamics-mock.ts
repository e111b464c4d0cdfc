import { type ChildProcess, execFile, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuOf } from './measure.js';
import type { Load, Loaded } from './peers/load.js';

/** A line of the report: what was measured, and what came out. */
export type PrintRow = (what: string, result: string) => void;

const MILLION = 1_000_000;
const LIST =
  'accounts?$select=name,accountnumber,telephone1,emailaddress1,address1_city&$expand=primarycontactid($select=fullname,emailaddress1)&$top=50';
/** Another condition in each request, which all accounts meet. */
const VARIED = "&$filter=accountnumber%20ne%20'none-{n}'";
const PAGE =
  'contacts?$select=firstname,lastname,fullname,jobtitle,department,emailaddress1,telephone1,mobilephone,birthdate,gendercode,familystatuscode,address1_line1,address1_city,address1_stateorprovince,address1_postalcode,address1_country,createdon,modifiedon,statecode,_parentcustomerid_value';

/**
 * Measures the mock Dynamics in a process of its own, over HTTP: start, memory and reset with the default data; a list of 50 accounts with
 * their primary contacts, in turn with another mock server of OData; a thousand tables more; then all with a million contacts. Takes some two minutes and three
 * gigabytes. Rejects where a request is not answered with 200.
 */
export async function benchDynamicsMock(print: PrintRow): Promise<void> {
  await benchDefaultData(print);
  await benchTables(print);
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

/** The peer is given the same rows, and only the columns that are asked for. All are loaded by the same process, in turn. */
async function benchList(print: PrintRow, dynamics: Started): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-peer-'));
  const load = fork(fileURLToPath(new URL('./peers/load.js', import.meta.url)));
  const peer = await startPeer(folder, dynamics.url).catch((error: unknown) => {
    print('dynamics mock: list against fe-mockserver-core', `not measured: ${String(error).split('\n')[0]}`);
    return null;
  });
  try {
    const [again, varied]: [Listed[], Listed[]] = [[], []];
    const [peerAgain, peerVaried]: [Listed[], Listed[]] = [[], []];
    for (let round = 0; round < 4; round += 1) {
      // The first round warms all up.
      const keep = (all: Listed[], listed: Listed) => void (round > 0 && all.push(listed));
      keep(again, await loadList(load, dynamics, ''));
      keep(varied, await loadList(load, dynamics, VARIED));
      if (peer === null) continue;
      keep(peerAgain, await loadList(load, peer, ''));
      keep(peerVaried, await loadList(load, peer, VARIED));
    }
    print(
      'dynamics mock: 50 accounts with $expand=primarycontactid, asked again and again',
      `${rate(again)} (the answer is remembered until something is written)`,
    );
    print('dynamics mock: the same with another $filter in each request', `${rate(varied)} (no answer is remembered)`);
    if (peer === null) return;
    print('dynamics mock: again and again, by fe-mockserver-core 1.7', compared(peerAgain, again));
    print('dynamics mock: another $filter each, by fe-mockserver-core 1.7', compared(peerVaried, varied));
  } finally {
    load.kill('SIGKILL');
    if (peer !== null) await stop(peer.process);
    await rm(folder, { recursive: true, force: true });
  }
}

/** As many tables as a large organization has, every one leading to the one before it. */
async function benchTables(print: PrintRow): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-tables-'));
  const file = join(folder, 'tables.json');
  await writeFile(file, JSON.stringify({ tables: Array.from({ length: 1000 }, (_, at) => tableNumbered(at)) }));
  const dynamics = await startDynamics(1000, file);
  try {
    print('dynamics mock: start with a thousand tables of 27 columns more', milliseconds(dynamics.sinceImport));
    const path = `${dynamics.url}EntityDefinitions?$select=LogicalName&$expand=Attributes`;
    const [, ...taken] = await times(4, () => readToLastByte(path, ''));
    print('dynamics mock: all their definitions with all attributes', `${milliseconds(median(taken))}, streamed`);
    print('dynamics mock: resident after that', mebibytes(await dynamics.ask('memory')));
  } finally {
    await stop(dynamics.process);
    await rm(folder, { recursive: true, force: true });
  }
}

function tableNumbered(number: number) {
  const texts = Array.from({ length: 24 }, (_, at) => ({
    name: `new_column${at}`,
    type: 'String',
    label: `Column ${at}`,
    maxLength: 100,
  }));
  const lookup = {
    name: 'new_above',
    type: 'Lookup',
    label: 'Above',
    targets: [
      {
        table: number === 0 ? 'account' : `new_table${number - 1}`,
        navigation: 'new_above',
        collection: `new_below${number}`,
      },
    ],
  };
  return {
    logicalName: `new_table${number}`,
    setName: `new_table${number}s`,
    label: `Table ${number}`,
    primaryId: `new_table${number}id`,
    primaryName: 'new_name',
    objectTypeCode: 20_000 + number,
    ownership: 'OrganizationOwned',
    isCustom: true,
    columns: [
      { name: `new_table${number}id`, type: 'Uniqueidentifier', label: `Table ${number}`, required: 'SystemRequired' },
      { name: 'new_name', type: 'String', label: 'Name', maxLength: 100 },
      lookup,
      ...texts,
    ],
  };
}

async function benchMillion(print: PrintRow): Promise<void> {
  const dynamics = await startDynamics(MILLION);
  try {
    print('dynamics mock: seed a million contacts', `${(dynamics.sinceImport / 1000).toFixed(1)} s`);
    print('dynamics mock: resident with a million contacts', mebibytes(await dynamics.ask('memory')));
    for (const [what, headers] of [
      ['', ''],
      [', with annotations', 'Prefer: odata.include-annotations="*"\r\n'],
    ] as const) {
      await times(3, () => readToLastByte(dynamics.url + PAGE, headers));
      const before = cpuOf(dynamics.process.pid ?? 0);
      const pages = await times(15, () => readToLastByte(dynamics.url + PAGE, headers));
      const cpu = (cpuOf(dynamics.process.pid ?? 0) - before) / pages.length;
      print(
        `dynamics mock: page of 5,000 rows of 20 columns${what}`,
        `${milliseconds(median(pages))} to the last byte, nothing parsed (best ${milliseconds(Math.min(...pages))}, CPU ${milliseconds(cpu)})`,
      );
    }
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

async function startDynamics(contacts: number, tables?: string): Promise<Started> {
  const program = fileURLToPath(new URL('./peers/dynamics-server.js', import.meta.url));
  const child = fork(program, [String(contacts), ...(tables === undefined ? [] : [tables])], {
    execArgv: ['--max-old-space-size=4096'],
  });
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

/** Reads an answer and drops it. Rejects where it does not end as a collection does. */
function readToLastByte(url: string, headers: string): Promise<void> {
  const { hostname, port, host, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nAuthorization: Bearer any\r\n${headers}\r\n`,
      );
    });
    let last: Buffer = Buffer.alloc(0);
    socket.setTimeout(10_000, () => socket.destroy(new Error(`Expected ${url} to answer within 10 s.`)));
    socket.on('error', reject).on('data', (chunk: Buffer) => {
      last = Buffer.concat([last.subarray(-20), chunk.subarray(-20)]);
    });
    socket.on('end', () => {
      socket.destroy();
      if (last.toString('latin1').endsWith(']}\r\n0\r\n\r\n')) resolve();
      else reject(new Error(`Expected ${url} to answer with a collection.`));
    });
  });
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

/** Lists per second over kept connections. The first answer is looked at; of the others only the length is, to leave the server the time. */
async function loadList(load: ChildProcess, { url, process: { pid = 0 } }: Server, query: string): Promise<Listed> {
  const { value } = await get(url, LIST + query);
  if (value.length !== 50 || !JSON.stringify(value).includes('"fullname"'))
    throw new Error(`Expected 50 accounts with contacts of ${url}, but got ${value.length}.`);
  const before = cpuOf(pid);
  load.send({ url: url + LIST + query, connections: 8, depth: 4, milliseconds: ROUND_MS } satisfies Load);
  const loaded = (await message(load)) as Loaded; // as load.ts sends it
  return { ...loaded, cpuMs: (cpuOf(pid) - before) / loaded.answers };
}

interface Server {
  readonly process: ChildProcess;
  readonly url: string;
}

interface Listed extends Loaded {
  /** Milliseconds of the server's processor time for one answer. */
  readonly cpuMs: number;
}

function rate(lists: readonly Listed[]): string {
  const [cpu, busy] = [medianOf(lists, 'cpuMs'), medianOf(lists, 'busy')];
  return `${medianOf(lists, 'perSecond').toFixed(0)}/s, ${cpu.toFixed(3)} ms CPU, the load busy for ${(busy * 100).toFixed(0)} % of the time`;
}

function compared(theirs: readonly Listed[], ours: readonly Listed[]): string {
  const times = medianOf(ours, 'perSecond') / medianOf(theirs, 'perSecond');
  const cpu = medianOf(theirs, 'cpuMs') / medianOf(ours, 'cpuMs');
  return `${rate(theirs)} (ours: ${times.toFixed(1)} times as many, ${cpu.toFixed(1)} times as many by CPU)`;
}

function medianOf(lists: readonly Listed[], figure: keyof Listed): number {
  return median(lists.map((it) => it[figure]));
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
