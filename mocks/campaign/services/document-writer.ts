import { type Draft, DraftReader } from '../write/draft.js';
import { writeSources } from '../write/source-writes.js';
import { schemaOf, type TableSchema, type WriteContext } from '../write/write-context.js';
import { writeRecord } from '../write/writes.js';
import { ElementBuilder, type XmlEvents } from '../xml.js';
import type { MethodCall } from './method.js';
import { writeContext } from './records.js';
import { assertMayWrite, assertMayWriteSources } from './write-rights.js';

/** What a document is written with. */
export type WritingCall = Pick<MethodCall, 'engine' | 'session' | 'view' | 'settings'>;

/**
 * Writes a document or a collection while it is read: each record goes from the events into a draft and from there to the store, so that
 * no collection is ever held as a whole. Source schemas are documents that are kept, and are gathered.
 *
 * It must be told its document within a transaction of the store, and `finish` be called at the end, which throws whatever went wrong on
 * the way: the first record that was refused ends the writing, but the reading goes on, as what follows may be refused for a better reason.
 */
export class DocumentWriter implements XmlEvents {
  private depth = 0;
  private rootName = '';
  private schemaId: string | undefined;
  private readonly isCollection: boolean;
  private readonly context: WriteContext;
  private readonly reader: DraftReader;
  private draft: Draft | undefined;
  private sources: ElementBuilder | undefined;
  private records = 0;
  /** What the operator has no right to. */
  private refusal: unknown;
  /** Why a record could not be written. */
  private failure: unknown;

  constructor(
    private readonly call: WritingCall,
    kind: 'document' | 'collection',
  ) {
    this.isCollection = kind === 'collection';
    this.context = writeContext(call);
    this.reader = new DraftReader(this.context);
  }

  open(name: string, names: readonly string[], values: readonly string[]): void {
    const depth = this.depth;
    this.depth += 1;
    if (depth === 0) this.openRoot(name, values[names.indexOf('xtkschema')]);
    if (this.sources) this.sources.open(name, names, values);
    else if (this.draft) this.reader.open(name, names, values);
    else if (depth > 0 || !this.isCollection) this.openRecord(name, names, values);
  }

  text(piece: string): void {
    if (this.sources) this.sources.text(piece);
    else if (this.draft) this.reader.text(piece);
  }

  close(): void {
    this.depth -= 1;
    if (this.sources) this.sources.close();
    else if (this.draft) {
      this.reader.close();
      if (this.reader.isDone) this.closeRecord(this.draft);
    }
  }

  /** Throws what was wrong; writes what had to be gathered. */
  finish(): void {
    if (this.refusal !== undefined) throw this.refusal;
    if (this.isCollection && this.records === 0 && !this.sources) this.findSchema(this.schemaId);
    if (this.failure !== undefined) throw this.failure;
    const { root } = this.sources ?? {};
    if (!root) return;
    const documents = this.isCollection ? root.children : [root];
    if (documents.length > 0) assertMayWriteSources(this.call.session.operator);
    writeSources(documents, this.call.engine, this.call.session);
  }

  private openRoot(name: string, schemaId: string | undefined): void {
    this.rootName = name;
    this.schemaId = schemaId;
    if (schemaId === 'xtk:srcSchema') this.sources = new ElementBuilder();
    // Documents may name their schemas themselves; a collection without any has to, and one that names a schema must name one there is.
    else if (this.isCollection && schemaId) this.attempt(() => this.findSchema(schemaId));
  }

  private openRecord(name: string, names: readonly string[], values: readonly string[]): void {
    this.records += 1;
    const schemaId = values[names.indexOf('xtkschema')] ?? this.schemaId;
    this.draft = this.reader.begin(name, { names, values }, () => this.findSchema(schemaId), schemaId);
  }

  private closeRecord(draft: Draft): void {
    this.draft = undefined;
    try {
      assertMayWrite(draft, this.call.session.operator, this.context);
    } catch (error) {
      this.refusal ??= error;
    }
    this.attempt(() => writeRecord(draft, this.context));
  }

  private attempt(work: () => unknown): void {
    if (this.refusal !== undefined || this.failure !== undefined) return;
    try {
      work();
    } catch (error) {
      this.failure = error;
    }
  }

  private findSchema(schemaId: string | undefined): TableSchema {
    return schemaOf(schemaId, this.rootName, this.context.view);
  }
}
