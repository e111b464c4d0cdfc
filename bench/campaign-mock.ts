import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type CampaignMock, createCampaignMock } from '../mocks/campaign/server.js';

const COLLECTION = 5_000;
const RECIPIENTS = 1_000_000;
const PAGE = 1_000;
const ROUNDS = 7;

/** A line of the report: what was measured, and what came out. */
export type PrintRow = (what: string, result: string) => void;

/**
 * Measures the Campaign mock in a process of its own, over HTTP: collections of 5,000 recipients of 20 attributes with a key lookup, and
 * queries over a million of them. Takes some two minutes and two gigabytes. Rejects where a call is answered by a fault.
 */
export async function benchCampaignMock(print: PrintRow): Promise<void> {
  const program = [fileURLToPath(import.meta.url), 'measure'];
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=4096', ...program]);
  for (const line of stdout.trim().split('\n')) {
    const [what = '', result = ''] = line.split('\t');
    print(what, result);
  }
}

async function measure(): Promise<void> {
  const mock = await createCampaignMock();
  const client = await Client.logOn(mock);
  await client.writeRecipients(0);
  const fresh = await client.rounds((round) => client.writeRecipients((round + 1) * COLLECTION));
  report(`campaign mock: write ${COLLECTION} new recipients`, fresh);
  const existing = await client.rounds((round) => client.writeRecipients((round + 1) * COLLECTION, 'changed'));
  report(`campaign mock: write ${COLLECTION} existing recipients`, existing);
  for (let start = (ROUNDS + 1) * COLLECTION; start < RECIPIENTS; start += COLLECTION)
    await client.writeRecipients(start);
  report(`campaign mock: IN of ${PAGE} keys over ${RECIPIENTS}`, await client.rounds(() => client.queryKeys()));
  report(
    `campaign mock: page of ${PAGE} ordered by id`,
    await client.rounds((round) => client.queryPage('@id', round)),
  );
  await client.queryPage('@lastName', 0);
  report(
    `campaign mock: page of ${PAGE} ordered by name`,
    await client.rounds((round) => client.queryPage('@lastName', round)),
  );
  const mebibytes = Math.round(process.memoryUsage.rss() / 2 ** 20);
  process.stdout.write(`campaign mock: resident with ${RECIPIENTS} recipients\t${mebibytes} MiB\n`);
  await mock.close();
}

function report(what: string, milliseconds: readonly number[]): void {
  const sorted = milliseconds.toSorted((left, right) => left - right);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  process.stdout.write(
    `${what}\t${median.toFixed(0)} ms (median of ${sorted.length}, best ${(sorted[0] ?? 0).toFixed(0)})\n`,
  );
}

class Client {
  private constructor(
    private readonly url: string,
    private readonly headers: Record<string, string>,
  ) {}

  static async logOn({ url }: CampaignMock): Promise<Client> {
    const credentials = '<sessiontoken/><login>admin</login><password>admin</password><parameters/>';
    const answer = await new Client(url, {}).call('xtk:session#Logon', credentials);
    const token = /<pstrSessionToken[^>]*>([^<]+)/.exec(answer)?.[1] ?? '';
    const security = /<pstrSecurityToken[^>]*>([^<]+)/.exec(answer)?.[1] ?? '';
    return new Client(url, { cookie: `__sessiontoken=${token}`, 'x-security-token': security });
  }

  /** Milliseconds of each round. */
  async rounds(work: (round: number) => Promise<number>): Promise<readonly number[]> {
    const taken: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) taken.push(await work(round));
    return taken;
  }

  writeRecipients(start: number, company = 'Company'): Promise<number> {
    const records = Array.from({ length: COLLECTION }, (_, index) => recipient(start + index, company));
    const collection = `<recipient-collection xtkschema="nms:recipient">${records.join('')}</recipient-collection>`;
    return this.time('xtk:persist#WriteCollection', `<domDoc>${collection}</domDoc>`);
  }

  queryKeys(): Promise<number> {
    const step = Math.floor(RECIPIENTS / PAGE);
    const keys = Array.from({ length: PAGE }, (_, index) => `'${address(index * step)}'`);
    return this.query(`<where><condition expr="@email IN (${keys.join(', ')})"/></where>`);
  }

  queryPage(order: string, round: number): Promise<number> {
    const where = order === '@id' ? `<where><condition expr="@id &gt; ${100_000 * (round + 1)}"/></where>` : '';
    return this.query(`${where}<orderBy><node expr="${order}"/></orderBy>`);
  }

  private query(clauses: string): Promise<number> {
    const select =
      '<select><node expr="@id"/><node expr="@email"/><node expr="@lastName"/><node expr="[location/@city]"/></select>';
    const query = `<queryDef schema="nms:recipient" operation="select" lineCount="${PAGE}">${select}${clauses}</queryDef>`;
    return this.time('xtk:queryDef#ExecuteQuery', `<document>${query}</document>`, PAGE);
  }

  private async time(action: string, args: string, rows = 0): Promise<number> {
    const start = performance.now();
    const answer = await this.call(action, `<sessiontoken/>${args}`);
    const taken = performance.now() - start;
    const found = answer.match(/<recipient /g)?.length ?? 0;
    if (found !== rows) throw new Error(`Expected ${rows} rows of ${action}, but got ${found}.`);
    return taken;
  }

  private async call(action: string, content: string): Promise<string> {
    const method = action.slice(action.indexOf('#') + 1);
    const response = await fetch(`${this.url}/nl/jsp/soaprouter.jsp`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml', soapaction: action, ...this.headers },
      body: `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><${method}>${content}</${method}></SOAP-ENV:Body></SOAP-ENV:Envelope>`,
    });
    const answer = await response.text();
    if (answer.includes('SOAP-ENV:Fault'))
      throw new Error(`Expected ${action} to succeed, but got ${answer.slice(0, 600)}`);
    return answer;
  }
}

/** Twenty attributes, found by `@email`. */
function recipient(index: number, company: string): string {
  return (
    `<recipient _key="@email" email="${address(index)}" firstName="First ${index % 997}" lastName="Last ${index % 9_973}" salutation="Mr" ` +
    `gender="${1 + (index % 2)}" birthDate="19${50 + (index % 50)}-0${1 + (index % 9)}-1${index % 10}" emailFormat="2" ` +
    `phone="+33 1 ${index}" mobilePhone="+33 6 ${index}" company="${company} ${index % 5_000}" account="A${index}" language="en" ` +
    `origin="Web" status="1" blackList="0" text1="Text of ${index}" boolean1="1">` +
    `<location city="Paris" zipCode="75002" countryCode="FR"/></recipient>`
  );
}

function address(index: number): string {
  return `person${index}@bench.example`;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'measure') await measure();
