import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseBatch } from '../../../mocks/dynamics/batch-parser.js';
import { DynamicsError } from '../../../mocks/dynamics/errors.js';
import { covers } from '../compatibility.js';
import { type Answer, type Organization, startOrganization } from './support.js';

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 3 });
});

beforeEach(() => organization.mock.reset());

afterAll(() => organization.mock.close());

const TYPE = { 'content-type': 'multipart/mixed; boundary=b' };

interface Part {
  readonly id?: string;
  readonly line: string;
  readonly body?: object;
}

function part({ id, line, body }: Part, boundary: string): string {
  const contentId = id === undefined ? '' : `Content-ID: ${id}\n`;
  const json = body === undefined ? '' : JSON.stringify(body);
  return `--${boundary}\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n${contentId}\n${line} HTTP/1.1\nContent-Type: application/json\n\n${json}\n`;
}

function changeSet(parts: readonly Part[]): string {
  const inner = parts.map((it) => part(it, 'c')).join('');
  return `--b\nContent-Type: multipart/mixed; boundary=c\n\n${inner}--c--\n`;
}

function send(text: string, headers: Record<string, string> = {}): Promise<Answer> {
  return organization.send('POST', '$batch', `${text}--b--`.replaceAll('\n', '\r\n'), { ...TYPE, ...headers });
}

const statuses = ({ text }: Answer) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
const NEW: Part = { id: '1', line: 'POST /api/data/v9.2/contacts', body: { lastname: 'New' } };

describe('a change set', () => {
  it('refers to what an earlier operation created, in bindings and in addresses', async () => {
    covers('dynamics', '4 Writes', '$batch: change sets and Content-ID references');
    const account: Part = {
      id: '2',
      line: 'POST /api/data/v9.2/accounts',
      body: { name: 'A', 'primarycontactid@odata.bind': '$1' },
    };
    const answer = await send(
      changeSet([
        NEW,
        account,
        { id: '3', line: 'PUT $1/jobtitle', body: { value: 'Owner' } },
        { id: '4', line: 'PATCH $2', body: { telephone1: '555' } },
      ]),
    );
    expect([answer.status, statuses(answer)]).toEqual([200, [204, 204, 204, 204]]);
    const [contact] = organization.mock.rows('contact').filter((row) => row.lastname === 'New');
    expect(contact?.jobtitle).toBe('Owner');
    const [made] = organization.mock.rows('account').filter((row) => row.name === 'A');
    expect(made).toMatchObject({ primarycontactid: { id: contact?.contactid }, telephone1: '555' });
  });

  it.each([
    ['a GET', [NEW, { id: '2', line: 'GET /api/data/v9.2/contacts' }], 'A GET request is not allowed'],
    ['an operation without Content-ID', [{ ...NEW, id: undefined }], 'must have a Content-ID'],
    ['one Content-ID twice', [NEW, NEW], "Content-ID '1' was found more than once"],
    [
      'a reference to nothing',
      [{ ...NEW, line: 'PATCH $9' }],
      "Content-ID Reference: '$9' does not exist in the batch context.",
    ],
    ['a batch in the batch', [{ ...NEW, line: 'POST /api/data/v9.2/$batch' }], 'cannot be nested'],
  ] as [string, Part[], string][])('with %s is refused and changes nothing', async (_, parts, message) => {
    const answer = await send(changeSet(parts));
    expect([answer.status, statuses(answer)]).toEqual([400, [400]]);
    expect(answer.text).toContain(message);
    expect(organization.mock.rows('contact')).toHaveLength(3);
  });

  it('that fails is taken back whole, and the next one is done where that is asked for', async () => {
    covers('dynamics', '4 Writes', '$batch: odata.continue-on-error');
    const bad = changeSet([NEW, { id: '2', line: 'POST /api/data/v9.2/contacts', body: { lastname: 5 } }]);
    const good = changeSet([NEW]);
    expect(statuses(await send(bad + good))).toEqual([400]);
    const answer = await send(bad + good, { prefer: 'odata.continue-on-error' });
    expect([answer.status, statuses(answer)]).toEqual([200, [400, 204]]);
    expect(organization.mock.rows('contact')).toHaveLength(4);
  });
});

describe('a batch', () => {
  it('suffers faults in single parts', async () => {
    covers('dynamics', '4 Writes', '$batch: injected faults for single parts');
    organization.mock.addFault({ match: { part: { method: 'POST', path: '/contacts' } }, status: 429, retryAfter: 7 });
    const parts = [
      part({ line: 'GET WhoAmI' }, 'b'),
      part({ line: 'POST contacts', body: { lastname: 'X' } }, 'b'),
      part({ line: 'GET WhoAmI' }, 'b'),
    ];
    const answer = await send(parts.join(''), { prefer: 'odata.continue-on-error' });
    expect([answer.status, statuses(answer)]).toEqual([200, [200, 429, 200]]);
    expect(answer.text).toContain('Retry-After: 7');
    expect(organization.mock.rows('contact')).toHaveLength(3);
  });

  it('takes a thousand operations and no more', async () => {
    covers('dynamics', '4 Writes', '$batch: at most 1000 operations');
    const parts = Array.from({ length: 1001 }, () => part({ line: 'GET WhoAmI' }, 'b')).join('');
    expect((await send(parts)).body.error.message).toContain('contains 1001 operations, but at most 1000 are allowed');
  });

  it('may have a boundary that the boundary of its change set begins with', async () => {
    const set = `--b\nContent-Type: multipart/mixed; boundary=bc\n\n${part(NEW, 'bc')}--bc--\n`;
    const answer = await send(set);
    expect([answer.status, statuses(answer)]).toEqual([200, [204]]);
    expect(organization.mock.rows('contact')).toHaveLength(4);
  });

  it('with a request line of a million blanks is answered', async () => {
    const answer = await send(part({ line: `GET Who${' '.repeat(1_000_000)}AmI` }, 'b'));
    expect(answer.status).toBe(414);
  });

  it('holds pages of many rows whole', async () => {
    for (let at = 0; at < 300; at += 1) organization.mock.insert('lead', { lastname: `L${at}` });
    const { text } = await send(part({ line: 'GET leads?$select=lastname' }, 'b'));
    expect(JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)).value.length).toBeGreaterThan(300);
  });
});

describe('the reader of batches', () => {
  const pieces = fc.constantFrom(
    '--b',
    '--c',
    '--',
    '\r\n',
    '\n',
    'Content-Type: ',
    'multipart/mixed; boundary=c',
    'application/http',
    'Content-ID: 1',
    'GET /api/data/v9.2/WhoAmI HTTP/1.1',
    'PATCH $1',
    '{"a":',
    '}',
    ': ',
    ' ',
  );
  const bodies = fc.oneof(
    fc.array(fc.oneof(pieces, fc.string({ maxLength: 8 })), { maxLength: 60 }).map((it) => it.join('')),
    fc.uint8Array({ maxLength: 200 }).map((it) => Buffer.from(it).toString('latin1')),
  );

  it('reads any bytes to operations or to an error of the service', () => {
    covers('dynamics', '4 Writes', '$batch: malformed bodies and boundaries');
    const types = fc.constantFrom(
      'multipart/mixed; boundary=b',
      'multipart/mixed;boundary="b"',
      'multipart/mixed',
      'text/plain',
      '',
    );
    fc.assert(
      fc.property(types, bodies, (type, body) => {
        try {
          for (const { operations } of parseBatch(type, Buffer.from(body)))
            expect(Array.isArray(operations)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(DynamicsError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never breaks the service, nor writes a half', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const { status } = await organization.send('POST', '$batch', body, TYPE);
        expect([200, 400, 404, 405]).toContain(status);
      }),
      { numRuns: 60 },
    );
    expect(organization.mock.rows('contact')).toHaveLength(3);
  });
});

describe('a bad request', () => {
  it.each([
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '{"lastname":"x"',
    '\u0000',
    `${'{"parentcustomerid_contact":'.repeat(5000)}{}${'}'.repeat(5000)}`,
  ])('with the body %.30s is refused in the words of the service', async (body) => {
    covers('dynamics', '6 Errors', 'Malformed JSON: 400 0x80048d19');
    const answer = await organization.send('POST', 'contacts', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, '0x80048d19']);
    expect(organization.mock.rows('contact')).toHaveLength(3);
  });

  it('that is cut off in the middle writes nothing and leaves the service up', async () => {
    covers('dynamics', '6 Errors', 'Requests cut off in the middle');
    const { port } = new URL(organization.mock.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'POST /api/data/v9.2/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test\r\nContent-Length: 100\r\n\r\n{"lastname":"Half"}',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect((await organization.get('WhoAmI')).status).toBe(200);
    expect(organization.mock.rows('contact')).toHaveLength(3);
  });

  it('whose body is over the limit is answered with 413', async () => {
    covers('dynamics', '6 Errors', 'Body over the limit: 413');
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { authorization: 'Bearer test', 'content-type': 'application/json' };
      const outgoing = httpRequest(`${organization.api}contacts`, { method: 'POST', headers }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode ?? 0);
      });
      outgoing.on('error', reject);
      const block = Buffer.alloc(1_000_000, ' ');
      const write = (left: number) => (left === 0 ? outgoing.end('{}') : outgoing.write(block, () => write(left - 1)));
      write(123);
    });
    expect(status).toBe(413);
    expect(organization.mock.rows('contact')).toHaveLength(3);
  });
});
