import { MethodError, notSaved, unknownNode } from '../errors.js';
import { displayName, type ElementNode, type LinkNode } from '../schema-model.js';
import { formatValue, type Value } from '../values.js';
import { attributeRecord, ElementBuilder, replayXml, type XmlElement, type XmlEvents } from '../xml.js';
import { type ChildPlan, type ColumnPlan, type ElementPlan, planOf } from './record-plan.js';
import { schemaOf, type TableSchema, type WriteContext } from './write-context.js';
import { contentText } from './xml-content.js';

/** A draft at the end of a link. */
export interface LinkedDraft {
  readonly link: LinkNode;
  readonly draft: Draft;
}

/** What a document says about a row, before it is known which row. */
export class Draft {
  /** `_operation`, as it stands in the document; empty where it does not. */
  operation = '';
  /** `_key`, likewise. */
  key = '';
  /** The id, as it stands in the document. */
  id: string | undefined;
  /** How many attributes are not directions such as `_key`. */
  named = 0;
  hasElements = false;
  readonly links: LinkedDraft[] = [];
  readonly collections: LinkedDraft[] = [];
  /** Members of collections kept as XML, by their element. */
  readonly members = new Map<ElementNode, XmlElement[]>();
  /** What is wrong with the document: the first thing, thrown when the draft is to be written. */
  problem: unknown;

  constructor(
    /** Name of the element. */
    readonly name: string,
    readonly schemaId: string,
    /** Undefined where there is no such schema, which `problem` tells. */
    readonly schema: TableSchema | undefined,
    /** By attribute path, cast; what the document does not tell is absent or undefined. */
    readonly values: Record<string, Value>,
  ) {}
}

/** Reads a whole document, its schema known, into a draft. */
export function readDraft(document: XmlElement, schema: TableSchema, context: WriteContext): Draft {
  const reader = new DraftReader(context);
  const draft = reader.begin(document.name, attributeLists(document), () => schema);
  if (document.text !== '') reader.text(document.text);
  for (const child of document.children) replayXml(child, reader);
  reader.close();
  return draft;
}

/** The attributes of a start tag, as `XmlEvents` tells them. */
export interface AttributeLists {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

function attributeLists({ attributes }: XmlElement): AttributeLists {
  return { names: Object.keys(attributes), values: Object.values(attributes) };
}

/** An element that is open: whose values it holds, and what may stand in it; no plan where its schema is not known. */
interface Frame {
  readonly draft: Draft;
  readonly plan: ElementPlan | undefined;
}

/** An element that is gathered as a whole, since it is kept as text. */
interface Gathering {
  readonly frame: Frame;
  readonly child: Extract<ChildPlan, { kind: 'value' | 'member' }>;
  readonly builder: ElementBuilder;
  depth: number;
}

/** Documents at the end of links in one document: all are held until it is written. */
const MAX_LINKED = 100_000;

/** Reads records from events straight into drafts: no element of theirs is made, but of what is kept as XML. */
export class DraftReader implements XmlEvents {
  private readonly frames: Frame[] = [];
  private gathering: Gathering | undefined;
  /** The columns of the attributes that the last element of a plan had. */
  private readonly lastColumns = new Map<
    ElementPlan,
    { readonly names: readonly string[]; readonly columns: Columns }
  >();
  /** How many elements are open of those that nobody knows. */
  private skipped = 0;
  /** Documents at the end of links so far, of the record that is open. */
  private linked = 0;

  constructor(private readonly context: WriteContext) {}

  /**
   * Begins a record, or one at the end of a link of the record that is open. `findSchema` throws where its schema is not known. The draft
   * fills up until the record is closed.
   */
  begin(name: string, attributes: AttributeLists, findSchema: () => TableSchema, schemaId = ''): Draft {
    if (this.isDone) this.linked = 0;
    const draft = this.emptyDraft(name, findSchema, schemaId);
    const plan = draft.schema && planOf(draft.schema);
    this.frames.push({ draft, plan });
    readDirections(draft, attributes);
    if (plan) this.readAttributes(draft, plan, attributes);
    return draft;
  }

  /** Whether the record has been closed. */
  get isDone(): boolean {
    return this.frames.length === 0;
  }

  open(name: string, names: readonly string[], values: readonly string[]): void {
    const { gathering } = this;
    if (this.skipped > 0) this.skipped += 1;
    else if (gathering) {
      gathering.depth += 1;
      gathering.builder.open(name, names, values);
    } else this.openChild(name, { names, values });
  }

  text(piece: string): void {
    if (this.skipped === 0) this.gathering?.builder.text(piece);
  }

  close(): void {
    if (this.skipped > 0) this.skipped -= 1;
    else if (this.gathering) this.closeGathered(this.gathering);
    else this.frames.pop();
  }

  private emptyDraft(name: string, findSchema: () => TableSchema, schemaId: string): Draft {
    try {
      const schema = findSchema();
      const blank = schema.table === null ? {} : this.context.view.tableOf(schema).blank();
      return new Draft(name, schema.id, schema, blank);
    } catch (error) {
      const draft = new Draft(name, schemaId, undefined, {});
      draft.problem = error;
      return draft;
    }
  }

  /** Elements written alike come with one list of names, and are looked up once. */
  private columnsOf(plan: ElementPlan, names: readonly string[]): Columns {
    const last = this.lastColumns.get(plan);
    if (last?.names === names) return last.columns;
    const columns = names.map((name) => plan.columns.get(name) ?? (isAboutDocument(name) ? null : undefined));
    this.lastColumns.set(plan, { names, columns });
    return columns;
  }

  private readAttributes(draft: Draft, plan: ElementPlan, { names, values }: AttributeLists): void {
    const columns = this.columnsOf(plan, names);
    try {
      for (let index = 0; index < names.length; index += 1) {
        const column = columns[index];
        if (column === undefined) this.refuseUnknown('Attribute', names[index] ?? '', draft);
        else if (column?.isStored) draft.values[column.path] = column.read(values[index] ?? '');
      }
    } catch (error) {
      draft.problem ??= error;
    }
  }

  private openChild(name: string, attributes: AttributeLists): void {
    const frame = this.frames.at(-1);
    const child = frame?.plan?.children.get(name);
    if (frame) frame.draft.hasElements = true;
    if (!frame || !child) {
      if (frame?.plan) this.refuseElement(name, frame.draft);
      this.skipped = 1;
      return;
    }
    if (child.kind === 'group') {
      this.frames.push({ draft: frame.draft, plan: child.plan });
      this.readAttributes(frame.draft, child.plan, attributes);
    } else if (child.kind === 'link') this.openLink(name, attributes, child.link, frame.draft);
    else {
      this.gathering = { frame, child, builder: new ElementBuilder(), depth: 1 };
      this.gathering.builder.open(name, attributes.names, attributes.values);
    }
  }

  private openLink(name: string, attributes: AttributeLists, link: LinkNode, owner: Draft): void {
    this.linked += 1;
    if (this.linked > MAX_LINKED) {
      owner.problem ??= tooManyLinked(owner);
      this.skipped = 1;
      return;
    }
    const findSchema = () => schemaOf(link.target, name, this.context.view);
    const draft = this.begin(name, attributes, findSchema, link.target);
    (link.unbound ? owner.collections : owner.links).push({ link, draft });
  }

  private closeGathered(gathering: Gathering): void {
    gathering.builder.close();
    gathering.depth -= 1;
    if (gathering.depth > 0) return;
    this.gathering = undefined;
    const { root } = gathering.builder;
    if (!root) return;
    try {
      this.keepGathered(root, gathering);
    } catch (error) {
      gathering.frame.draft.problem ??= error;
    }
  }

  private keepGathered(element: XmlElement, { frame: { draft }, child }: Gathering): void {
    if (child.kind === 'value') {
      const { column, isFree } = child;
      if (!isFree) this.assertText(element, draft);
      if (column.isStored) draft.values[column.path] = column.read(isFree ? contentText(element) : element.text);
      return;
    }
    const member = this.checkedMember(element, child.plan, draft);
    const members = draft.members.get(child.node);
    if (members) members.push(member);
    else draft.members.set(child.node, [member]);
  }

  /** A member of a collection kept as XML, with its values as their types have them. */
  private checkedMember(element: XmlElement, plan: ElementPlan, draft: Draft): XmlElement {
    const names: string[] = [];
    const values: string[] = [];
    for (const [name, text] of Object.entries(element.attributes)) {
      const column = plan.columns.get(name);
      if (!column && !isAboutDocument(name)) this.refuseUnknown('Attribute', name, draft);
      if (!column && !DIRECTIONS.has(name)) continue;
      names.push(name);
      values.push(column ? formatValue(column.read(text)) : text);
    }
    const children = element.children.flatMap((child) => {
      const inner = plan.children.get(child.name);
      if (!inner) this.refuseUnknown('Element', child.name, draft);
      if (!inner) return [];
      if (inner.kind === 'group' || inner.kind === 'member') return [this.checkedMember(child, inner.plan, draft)];
      return [inner.kind === 'value' && !inner.isFree ? this.assertText(child, draft) : child];
    });
    return { ...element, attributes: attributeRecord(names, values), children };
  }

  /** An element that holds a text holds nothing else, but what is about the document. Gives that text alone. */
  private assertText({ name, attributes, children, text }: XmlElement, draft: Draft): XmlElement {
    for (const attribute of Object.keys(attributes)) {
      if (!isAboutDocument(attribute)) this.refuseUnknown('Attribute', attribute, draft);
    }
    for (const child of children) this.refuseUnknown('Element', child.name, draft);
    return { name, attributes: {}, children: [], text };
  }

  private refuseElement(name: string, draft: Draft): void {
    try {
      this.refuseUnknown('Element', name, draft);
    } catch (error) {
      draft.problem ??= error;
    }
  }

  private refuseUnknown(kind: 'Attribute' | 'Element', name: string, { schema }: Draft): void {
    if (this.context.ignoreUnknown || !schema) return;
    throw notSaved(`XTK-170036 ${unknownNode(kind, name, schema)}`, displayName(schema));
  }
}

function tooManyLinked({ name }: Draft): Error {
  return new MethodError([`XTK-170006 The document '${name}' holds more than ${MAX_LINKED} linked documents.`]);
}

/** What a member of a collection kept as XML may say about its writing. */
const DIRECTIONS: ReadonlySet<string> = new Set(['_operation', '_key']);

/** What the start tag of a record says about the write. */
function readDirections(draft: Draft, { names, values }: AttributeLists): void {
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? '';
    if (name === 'id') draft.id = values[index];
    if (name.charCodeAt(0) !== UNDERSCORE) draft.named += 1;
    else if (name === '_operation') draft.operation = values[index] ?? '';
    else if (name === '_key') draft.key = values[index] ?? '';
  }
}

const UNDERSCORE = 0x5f;

/** The column of an attribute; null for one that is about the document, undefined for one that nobody knows. */
type Columns = readonly (ColumnPlan | null | undefined)[];

/** Attributes of a document that are about it, and audit columns that the server keeps itself. */
const ABOUT: ReadonlySet<string> = new Set(['xtkschema', 'createdBy-id', 'modifiedBy-id', 'xmlns']);

function isAboutDocument(name: string): boolean {
  return name.startsWith('_') || ABOUT.has(name) || name.includes(':');
}
