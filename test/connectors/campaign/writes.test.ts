import { describe, expect, it } from 'vitest';
import type { CampaignCall } from '../../../src/connectors/campaign/client.js';
import type { CompiledRecord } from '../../../src/connectors/campaign/compile-write.js';
import { remoteErrorOf } from '../../../src/connectors/campaign/errors.js';
import type { SoapParameter } from '../../../src/connectors/campaign/soap.js';
import { writeRecords } from '../../../src/connectors/campaign/writes.js';
import { childElements, isElement, xml } from '../../../src/model/xml.js';

/** A Campaign that refuses a whole collection for the sake of the records named bad. */
class FakeCampaign {
  readonly batches: string[][] = [];
  readonly written: string[] = [];

  constructor(
    private readonly bad: (name: string) => boolean,
    private readonly reason = 'ODB-240000 value too long',
  ) {}

  readonly call = async (call: CampaignCall) => {
    const names = namesIn(call.parameters[0]?.value);
    this.batches.push(names);
    if (names.some(this.bad)) throw fault(this.reason);
    this.written.push(...names);
    return [];
  };
}

function namesIn(value: SoapParameter['value'] | undefined): string[] {
  const document = typeof value === 'object' && value !== null && isElement(value) ? value : xml('none');
  return childElements(document).map((element) => element.attributes.name ?? '');
}

function fault(summary: string) {
  return remoteErrorOf({
    status: 200,
    answer: { kind: 'fault', summary, detail: '' },
    action: 'xtk:persist#WriteCollection',
  });
}

function records(count: number): readonly CompiledRecord[] {
  return Array.from({ length: count }, (_, index) => ({ ok: true, element: xml('recipient', { name: `r${index}` }) }));
}

const LIMITS = { records: 200, bytes: 1_000_000 };

describe('writing records', () => {
  it('sends batches within the bound of records', async () => {
    const campaign = new FakeCampaign(() => false);
    await writeRecords(campaign, 'nms:recipient', records(5), { ...LIMITS, records: 2 });
    expect(campaign.batches).toEqual([['r0', 'r1'], ['r2', 'r3'], ['r4']]);
  });

  it('sends batches within the bound of bytes, and a larger record alone', async () => {
    const campaign = new FakeCampaign(() => false);
    await writeRecords(campaign, 'nms:recipient', records(3), { ...LIMITS, bytes: 50 }); // 22 bytes a record
    expect(campaign.batches).toEqual([['r0', 'r1'], ['r2']]);
    await writeRecords(campaign, 'nms:recipient', records(2), { ...LIMITS, bytes: 5 });
    expect(campaign.batches.slice(2)).toEqual([['r0'], ['r1']]);
  });

  it('halves a refused batch until the bad record is alone, and writes all others', async () => {
    const campaign = new FakeCampaign((name) => name === 'r5');
    const outcomes = await writeRecords(campaign, 'nms:recipient', records(8), LIMITS);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, true, true, true, true, false, true, true]);
    expect(outcomes[5]).toMatchObject({ code: 'ODB-240000', message: expect.stringContaining('value too long') });
    expect(campaign.written.sort()).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r6', 'r7']);
  });

  it('stops looking for the bad ones where there are too many of them', async () => {
    const campaign = new FakeCampaign(() => true);
    const outcomes = await writeRecords(campaign, 'nms:recipient', records(200), LIMITS);
    expect(outcomes.every((outcome) => !outcome.ok)).toBe(true);
    expect(campaign.batches.length).toBeLessThan(150);
    expect(outcomes.at(-1)).toMatchObject({ message: expect.stringContaining('too many were refused') });
  });

  it('keeps the outcomes of records that were never sent in their places', async () => {
    const campaign = new FakeCampaign((name) => name === 'r1');
    const unsendable = { ok: false, code: 'KEY_MISSING', message: 'no key' } as const;
    const outcomes = await writeRecords(campaign, 'nms:recipient', [unsendable, ...records(2)], LIMITS);
    expect(outcomes).toMatchObject([unsendable, { ok: true }, { ok: false, code: 'ODB-240000' }]);
  });

  it('rejects as a whole where the operator may not write, without halving', async () => {
    const campaign = new FakeCampaign(() => true, 'XTK-170019 Access denied.');
    const writing = writeRecords(campaign, 'nms:recipient', records(8), LIMITS);
    await expect(writing).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(campaign.batches).toHaveLength(1);
  });
});
