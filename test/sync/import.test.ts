import { describe, expect, it } from 'vitest';
import { RemoteError } from '../../src/model/errors.js';
import type { RecordData } from '../../src/model/record.js';
import type { Run, Workflow } from '../../src/model/workflow.js';
import { type XmlElement, xml } from '../../src/model/xml.js';
import type { JournalStep } from '../../src/storage/storage.js';
import { runWorkflow } from '../../src/sync/run-workflow.js';
import { aColumn, aField, aMapping, anAttribute, aSchema, aTable } from '../support/builders.js';
import { aWorkflow, fakeCampaign, fakeDynamics, fakeStorage } from './fakes.js';

const catalog = {
  tables: [aTable('contact', [aColumn('firstname'), aColumn('children', 'integer'), aColumn('jobtitle')])],
  schemas: [
    aSchema('nms:recipient', [
      anAttribute('crmId'),
      anAttribute('firstName', 'string', { length: 8 }),
      anAttribute('children', 'long'),
    ]),
  ],
  mappings: [
    aMapping('contact', 'nms:recipient', [
      aField('firstname', '@firstName'),
      aField('children', '@children', { direction: 'TO_CAMPAIGN' }),
      aField('jobtitle', '@jobTitle', { direction: 'TO_DYNAMICS' }),
    ]),
  ],
};

const contacts: readonly RecordData[] = [
  { contactid: 'a1', firstname: 'Zoë', children: null },
  { contactid: 'a2', firstname: 'Jürgen', children: 2 },
  { contactid: 'a3', firstname: 'Aoife', children: 0 },
];

interface Parts {
  readonly records?: readonly RecordData[];
  readonly campaign?: Parameters<typeof fakeCampaign>[0];
  readonly workflow?: Partial<Workflow>;
}

function prepare({ records = contacts, campaign, workflow }: Parts = {}) {
  const saved = aWorkflow(workflow);
  const dynamics = fakeDynamics(records);
  const target = fakeCampaign(campaign);
  const storage = fakeStorage(catalog, saved);
  const progress: Run[] = [];
  const dependencies = {
    storage: storage.storage,
    dynamics: dynamics.connector,
    campaign: target.connector,
    onProgress: (run: Run) => progress.push(run),
  };
  const start = (signal = new AbortController().signal) => runWorkflow(dependencies, storage.state.run, saved, signal);
  return { start, dependencies, dynamics, campaign: target, storage, progress };
}

describe('an import', () => {
  it('creates what is new and updates what changed, page by page', async () => {
    const held = [{ crmId: 'a2', firstName: 'Jurgen', children: 2 }];
    const { start, campaign, storage } = prepare({ campaign: { records: held } });
    const run = await start();
    expect(run).toMatchObject({ status: 'SUCCEEDED', counts: { read: 3, created: 2, updated: 1, unchanged: 0 } });
    expect(campaign.writes.map((write) => write.records)).toEqual([
      [
        { crmId: 'a1', firstName: 'Zoë', children: null },
        { crmId: 'a2', firstName: 'Jürgen', children: 2 },
      ],
      [{ crmId: 'a3', firstName: 'Aoife', children: 0 }],
    ]);
    expect(storage.pages.map((page) => page.cursor)).toEqual(['2', '3']);
  });

  it('writes nothing that Campaign holds already, an absent number as 0', async () => {
    const held = [
      { crmId: 'a1', firstName: 'Zoë', children: 0 },
      { crmId: 'a2', firstName: 'Jürgen', children: 2 },
    ];
    const { start, campaign } = prepare({ records: contacts.slice(0, 2), campaign: { records: held } });
    expect(await start()).toMatchObject({ counts: { read: 2, created: 0, updated: 0, unchanged: 2 } });
    expect(campaign.writes).toEqual([]);
  });

  it('finds all unchanged when it runs again', async () => {
    const { start, campaign, dependencies } = prepare();
    await start();
    const again = fakeStorage(catalog, aWorkflow());
    const run = await runWorkflow(
      { ...dependencies, storage: again.storage },
      again.state.run,
      aWorkflow(),
      neverAborted(),
    );
    expect(run.counts).toMatchObject({ read: 3, created: 0, updated: 0, unchanged: 3 });
    expect(campaign.writes).toHaveLength(2);
  });

  it('asks Dynamics for the mapped columns that go to Campaign, the filter and the order', async () => {
    const filter = { kind: 'null', path: 'firstname', isNull: false } as const;
    const orderBy = [{ path: 'firstname', descending: true }];
    const { start, dynamics } = prepare({ workflow: { filter, orderBy } });
    await start();
    expect(dynamics.asked).toMatchObject([
      {
        query: { select: { fields: ['contactid', 'firstname', 'children'] }, filter, orderBy, first: 2 },
        cursor: null,
      },
    ]);
  });

  it('takes the last of a record that comes twice in a page', async () => {
    const records = [
      { contactid: 'A1', firstname: 'Old' },
      { contactid: 'a1', firstname: 'New' },
    ];
    const { start, campaign } = prepare({ records });
    expect((await start()).counts).toMatchObject({ read: 1, created: 1 });
    expect(campaign.records.get('a1')).toMatchObject({ firstName: 'New' });
  });

  it('tells its progress after each page', async () => {
    const { start, progress } = prepare();
    await start();
    expect(progress.map((run) => `${run.status} ${run.counts.read}`)).toEqual([
      'RUNNING 0',
      'RUNNING 2',
      'RUNNING 3',
      'SUCCEEDED 3',
    ]);
  });
});

describe('where an import begins', () => {
  it.each([
    ['at the index of the last success', { automaticIndex: true, index: '2' }, '2'],
    ['at the first record without an automatic index', { automaticIndex: false, index: '2' }, null],
  ])('%s', async (_, workflow, cursor) => {
    const { start, dynamics, storage } = prepare({ workflow });
    await start();
    expect(dynamics.asked[0]?.cursor).toBe(cursor);
    expect(storage.state.index).toBe('3');
  });

  it('after the last saved page when it is taken up again', async () => {
    const { start, dynamics, campaign, storage } = prepare();
    storage.state.crashAt = 2;
    await expect(start()).rejects.toThrow('The process was killed.');
    storage.state.run = { ...storage.state.run, status: 'RUNNING', error: null };
    const run = await start();
    expect(dynamics.asked.map((asked) => asked.cursor)).toEqual([null, '2']);
    expect(run).toMatchObject({ status: 'SUCCEEDED', counts: { read: 3, created: 2, unchanged: 1 } });
    expect(campaign.writes).toHaveLength(2);
  });
});

describe('a record that cannot be written', () => {
  it('is a reject where it does not fit, and the others are written', async () => {
    const records = [{ contactid: 'a1', firstname: 'Konstantin' }, ...contacts.slice(1)];
    const { start, campaign, storage } = prepare({ records });
    expect(await start()).toMatchObject({ status: 'SUCCEEDED', counts: { read: 3, created: 2, rejected: 1 } });
    expect(storage.rejects).toEqual([
      {
        key: 'a1',
        code: 'BAD_USER_INPUT',
        message:
          'Column "firstname": Campaign\'s attribute "firstName" takes at most 8 characters, got 10: lengthen the attribute or shorten the text.',
        record: { contactid: 'a1', firstname: 'Konstantin' },
      },
    ]);
    expect([...campaign.records.keys()]).toEqual(['a2', 'a3']);
  });

  it('is a reject with the code of Campaign where that refuses it', async () => {
    const { start, storage } = prepare({ campaign: { refuse: ['a2'] } });
    expect(await start()).toMatchObject({ status: 'SUCCEEDED', counts: { created: 2, rejected: 1 } });
    expect(storage.rejects).toEqual([
      {
        key: 'a2',
        code: 'XSV-350023',
        message: 'Unable to save document.',
        record: { crmId: 'a2', firstName: 'Jürgen', children: 2 },
      },
    ]);
  });
});

describe('an import that does not reach its end', () => {
  it('stops after the page under way when it is asked to', async () => {
    const { start, storage } = prepare();
    storage.state.stopRequested = true;
    expect(await start()).toMatchObject({ status: 'STOPPED', counts: { read: 2 }, cursor: '2' });
    expect(storage.state.index).toBeNull();
  });

  it('has succeeded when it was asked to stop in its last page', async () => {
    const { start, storage } = prepare({ workflow: { batchSize: 10 } });
    storage.state.stopRequested = true;
    expect((await start()).status).toBe('SUCCEEDED');
  });

  it('fails with the fault of the remote and keeps its cursor', async () => {
    const { dependencies, storage } = prepare();
    const campaign = failsFromSecondWrite(dependencies.campaign);
    const run = await runWorkflow({ ...dependencies, campaign }, storage.state.run, aWorkflow(), neverAborted());
    expect(run).toMatchObject({
      status: 'FAILED',
      error: { code: 'UPSTREAM_UNAVAILABLE', message: 'Campaign does not answer.' },
      counts: { read: 2 },
      cursor: '2',
    });
    expect(storage.state.index).toBeNull();
  });

  it('is left running, to be taken up again, when the process ends', async () => {
    const { start, dependencies, storage } = prepare();
    const ending = new AbortController();
    const { savePage } = dependencies.storage.runs;
    dependencies.storage.runs.savePage = (id, page) => {
      ending.abort(new Error('The process ends.'));
      return savePage(id, page);
    };
    await expect(start(ending.signal)).rejects.toThrow('The process ends.');
    expect(storage.state.run).toMatchObject({ status: 'RUNNING', cursor: '2' });
  });

  it('fails, with a masked message, for a fault of our own', async () => {
    const { start, storage } = prepare({ records: [{ firstname: 'without id' }] });
    await expect(start()).rejects.toThrow('A record of table "contact" came without its id "contactid".');
    expect(storage.state.run).toMatchObject({ status: 'FAILED', error: { code: 'INTERNAL_SERVER_ERROR' } });
  });
});

describe('an import whose mapping is changed meanwhile', () => {
  /** Campaign loses an attribute as the second page is written, and refuses it from then on. */
  function losing({ dependencies, storage }: ReturnType<typeof prepare>, refusal: 'fault' | 'reject') {
    const { campaign } = dependencies;
    const written: (readonly string[])[] = [];
    const write: typeof campaign.write = async (request) => {
      if (written.length === 1) storage.state.underWay = [CHILDREN_GO];
      const fields = [...new Set(request.records.flatMap((record) => Object.keys(record)))];
      written.push(fields);
      const isKnown = storage.state.underWay.length === 0 || !fields.includes('children');
      if (isKnown) return campaign.write(request);
      if (refusal === 'fault') throw refused("Attribute 'children' unknown.");
      return request.records.map(() => ({ ok: false, code: 'XTK-170036', message: "Attribute 'children' unknown." }));
    };
    return { dependencies: { ...dependencies, campaign: { ...campaign, write } }, written };
  }

  it.each(['fault', 'reject'] as const)('goes on with what Campaign has throughout (%s)', async (refusal) => {
    const prepared = prepare();
    const { dependencies, written } = losing(prepared, refusal);
    const run = await runWorkflow(dependencies, prepared.storage.state.run, aWorkflow(), neverAborted());
    expect(run).toMatchObject({ status: 'SUCCEEDED', counts: { read: 3, created: 3, rejected: 0 } });
    expect(written).toEqual([
      ['crmId', 'firstName', 'children'],
      ['crmId', 'firstName', 'children'],
      ['crmId', 'firstName'],
    ]);
    expect(prepared.storage.rejects).toEqual([]);
  });

  it('fails where Campaign refuses though nothing has changed', async () => {
    const prepared = prepare();
    prepared.storage.state.underWay = [CHILDREN_GO];
    const { dependencies, written } = losing(prepared, 'fault');
    const write = async () => {
      written.push([]);
      throw refused('No.');
    };
    const refusing = { ...dependencies, campaign: { ...dependencies.campaign, write } };
    const run = await runWorkflow(refusing, prepared.storage.state.run, aWorkflow(), neverAborted());
    expect([run.status, run.error?.code, written.length]).toEqual(['FAILED', 'UPSTREAM_REJECTED', 1]);
  });

  it('does not begin where the records of its table cannot be found for the time being', async () => {
    const { start, storage } = prepare();
    storage.state.underWay = [{ ...CHILDREN_GO, before: extension('crmId') }];
    expect(await start()).toMatchObject({ status: 'FAILED', error: { code: 'CONFLICT' } });
  });
});

function refused(message: string): RemoteError {
  const upstream = { system: 'campaign', status: 500, code: 'XTK-170036', message, requestId: null } as const;
  return new RemoteError('UPSTREAM_REJECTED', message, { upstream });
}

function extension(...names: readonly string[]): XmlElement {
  const attributes = names.map((name) => xml('attribute', { name, type: 'long' }));
  const facts = { name: 'recipient', namespace: 'cus', extendedSchema: 'nms:recipient' };
  return xml('srcSchema', facts, [xml('element', { name: 'recipient' }, attributes)]);
}

const CHILDREN_GO: JournalStep = {
  subject: 'cus:recipient',
  before: extension('children'),
  after: extension(),
  state: 'BEGUN',
};

describe('a run that cannot begin', () => {
  it('fails where its table is mapped no more', async () => {
    const { start } = prepare({ workflow: { table: 'lead' } });
    expect(await start()).toMatchObject({
      status: 'FAILED',
      error: {
        code: 'NOT_FOUND',
        message: 'Workflow "contacts" needs table "lead" of account "dynamicsCRM" to be mapped. Map it with mapTables.',
      },
    });
  });

  it('fails where its operation cannot be run', async () => {
    const { start } = prepare({ workflow: { operation: 'EXPORT' } });
    expect(await start()).toMatchObject({ status: 'FAILED', error: { code: 'UNSUPPORTED' } });
  });

  it('is given back as it is where it has ended', async () => {
    const { start, dynamics, storage } = prepare();
    storage.state.run = { ...storage.state.run, status: 'STOPPED' };
    expect(await start()).toMatchObject({ status: 'STOPPED' });
    expect(dynamics.asked).toEqual([]);
  });
});

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

function failsFromSecondWrite<Connector extends ReturnType<typeof fakeCampaign>['connector']>(
  campaign: Connector,
): Connector {
  let writes = 0;
  const message = 'Campaign does not answer.';
  const upstream = { system: 'campaign', status: null, code: null, message, requestId: null } as const;
  return {
    ...campaign,
    write: (request) => {
      writes += 1;
      if (writes > 1) throw new RemoteError('UPSTREAM_UNAVAILABLE', message, { upstream });
      return campaign.write(request);
    },
  };
}
