import type { CampaignConnector } from '../../connectors/campaign/campaign-connector.js';
import { withoutLinksTo } from '../../mapping/links.js';
import { orderWrites, type SchemaWrite } from '../../mapping/order-writes.js';
import { sameSource } from '../../mapping/schema-document.js';
import { type SourceStep, withheldTables } from '../../mapping/withhold.js';
import type { CallOptions } from '../../model/call.js';
import type { XmlElement } from '../../model/xml.js';
import type { JournalStep, Storage } from '../../storage/storage.js';

/** Source schemas by name. */
export type SourceSchemas = ReadonlyMap<string, XmlElement>;

/** Changes source schemas step by step, with a journal of it, so that what was cut off half-way can be put back as it was. */
export class SchemaOperation {
  constructor(
    private readonly storage: Pick<Storage, 'journal' | 'mappings'>,
    private readonly campaign: CampaignConnector,
    private readonly account: string,
  ) {}

  /**
   * Writes source schemas one after the other and logs on anew so that they are seen. `onBegun` is waited for before the first write. The
   * operation stays open in the journal: it ends when the mappings are kept, or by `putBack`.
   */
  async carryOut(
    writes: readonly SchemaWrite[],
    before: SourceSchemas,
    {
      call,
      onBegun,
    }: { readonly call: CallOptions; readonly onBegun: (steps: readonly SourceStep[]) => Promise<void> },
  ): Promise<void> {
    if (writes.length === 0) return;
    const { journal } = this.storage;
    const steps = writes.map(({ name, document }) => ({
      subject: name,
      before: before.get(name) ?? null,
      after: document,
    }));
    await journal.begin(this.account, steps);
    await onBegun(steps);
    for (const [position, step] of writes.entries()) {
      await journal.mark(this.account, position, 'BEGUN');
      await this.write(step, call);
      await journal.mark(this.account, position, 'DONE');
    }
    await this.campaign.reconnect(call);
  }

  /**
   * Puts back what an operation that has not ended had written, and ends it. A schema that somebody changed since is left as it is. False
   * where there was no such operation.
   */
  async putBack(call: CallOptions): Promise<boolean> {
    const { journal, mappings } = this.storage;
    const planned = await journal.open(this.account);
    if (planned.length === 0) return false;
    const begun = planned.filter((step) => step.state !== 'PLANNED');
    const subjects = [...new Set(begun.map((step) => step.subject))];
    const current = await readSourceSchemas(this.campaign, subjects, call);
    const restored = new Map<string, XmlElement | null>();
    for (const subject of subjects) {
      const steps = begun.filter((step) => step.subject === subject);
      if (isOurs(current.get(subject) ?? null, steps)) restored.set(subject, steps[0]?.before ?? null);
    }
    for (const write of orderWrites(restored, current)) await this.restore(write, begun, current, call);
    if (restored.size > 0) await this.campaign.reconnect(call);
    // What was taken away came back empty, and records that were imported meanwhile lack it.
    await journal.end(this.account, withheldTables(await mappings.list(), planned));
    return true;
  }

  /** The source schemas as they will be once an operation that has not ended is put back. */
  async asPutBack(sourceSchemas: SourceSchemas): Promise<{ sourceSchemas: SourceSchemas; gone: readonly string[] }> {
    const steps = await this.storage.journal.open(this.account);
    const restored = new Map(sourceSchemas);
    for (const { subject, before } of steps.toReversed()) {
      if (before) restored.set(subject, before);
      else restored.delete(subject);
    }
    return { sourceSchemas: restored, gone: steps.filter((step) => !step.before).map((step) => step.subject) };
  }

  /** A schema whose source is gone may still be built: it is written once more, for its removal takes the built one along. */
  private async restore(
    write: SchemaWrite,
    begun: readonly JournalStep[],
    current: SourceSchemas,
    call: CallOptions,
  ): Promise<void> {
    const made = begun.find((step) => step.subject === write.name)?.after ?? null;
    const isLeftBuilt = write.document === null && !current.has(write.name) && made !== null;
    if (isLeftBuilt) await this.write({ name: write.name, document: withoutLinksTo(made, () => true) }, call);
    await this.write(write, call);
  }

  private async write({ name, document }: SchemaWrite, call: CallOptions): Promise<void> {
    if (document === null) await this.campaign.deleteSourceSchema(name, call);
    else await this.campaign.writeSourceSchema(document, call);
  }
}

/** The source schemas of these names, as far as there are any. */
export async function readSourceSchemas(
  campaign: CampaignConnector,
  names: readonly string[],
  call: CallOptions,
): Promise<SourceSchemas> {
  const documents = await Promise.all(
    names.map(async (name) => [name, await campaign.readSourceSchema(name, call)] as const),
  );
  return new Map(documents.flatMap(([name, document]) => (document ? [[name, document] as const] : [])));
}

function isOurs(current: XmlElement | null, steps: readonly JournalStep[]): boolean {
  const known = steps.flatMap((step) => [step.before, step.after]);
  return known.some((one) => (one && current ? sameSource(one, current) : one === current));
}
