import type { MockClock } from '../control.js';
import { MethodError, unknownSchema } from './errors.js';
import { seedDocuments } from './fixtures/seed.js';
import { stockSchemas } from './fixtures/stock-schemas.js';
import { LinkFilters } from './link-filters.js';
import { ADMIN, type KnownOperator, type OperatorAccount, Operators } from './operators.js';
import { type RecordedCall, Recorder } from './recorder.js';
import { type CompiledSchema, valuesBelow } from './schema-model.js';
import { type SchemaGeneration, SchemaRegistry, type SchemaState } from './schemas.js';
import { withDeclarations } from './services/declarations/declare.js';
import type { Session } from './session.js';
import type { SessionView } from './session-view.js';
import type { CampaignSettings } from './settings.js';
import { type RowValues, Store, Table } from './store.js';
import { castText } from './values.js';
import { writeDocument } from './write/writes.js';
import { type XmlElement, xml } from './xml.js';

/** Everything that outlives a process, as JSON. */
export interface EngineState {
  readonly version: 1;
  readonly schemas: SchemaState;
  readonly store: ReturnType<Store['dump']>;
  readonly operators?: readonly KnownOperator[];
  readonly recorded?: readonly RecordedCall[];
  /** Settings that were changed while the mock ran. */
  readonly settings?: Partial<CampaignSettings>;
}

/** Ids below are kept for rows that come with the product. */
const FIRST_ID = 10_000;

/** When the stock rows say that they were made. */
const INSTALLED = new Date('2026-01-01T00:00:00.000Z');

/** One Campaign instance: its schemas and its rows. */
export class Engine {
  readonly registry: SchemaRegistry;
  readonly store: Store;
  readonly operators: Operators;
  readonly recorder: Recorder;
  private readonly schemaRows = new WeakMap<SchemaGeneration, Table>();

  /** Starts from a state that was saved, or from the stock schemas and rows. */
  constructor(
    readonly clock: MockClock,
    state?: EngineState,
  ) {
    this.registry = new SchemaRegistry(withDeclarations(stockSchemas()), state?.schemas);
    this.operators = new Operators(state?.operators);
    this.recorder = new Recorder(state?.recorded);
    this.store = state ? Store.restore(state.store) : new Store(FIRST_ID);
    if (!state) this.seed();
  }

  /** The data as a session sees it. */
  view({ schemas, operator }: Session): SessionView {
    const filters = new LinkFilters();
    const view: SessionView = {
      lookup: schemas.lookup,
      passes: (link, target, row) => filters.pass(link, target, row, view),
      tableOf: (schema) => this.tableOf(schema),
      now: () => this.clock.now(),
      operatorId: operator.id,
      login: operator.login,
      // The named right `admin` goes for every other.
      rights: operator.rights.includes('admin') ? undefined : new Set(operator.rights),
    };
    return view;
  }

  /** The data by the newest schemas. */
  currentView(): SessionView {
    return this.view({ operator: ADMIN, schemas: this.registry.current });
  }

  /** Copies of all rows of a schema, by the newest schemas. */
  rows(schemaId: string): readonly RowValues[] {
    const view = this.currentView();
    const schema = view.lookup(schemaId);
    if (!schema) throw unknownSchema(schemaId);
    return schema.table === null ? [] : [...view.tableOf(schema).rows()].map((row) => ({ ...row.values }));
  }

  /** How many rows a schema has, by the newest schemas. */
  countRows(schemaId: string): number {
    const view = this.currentView();
    const schema = view.lookup(schemaId);
    return schema?.table ? view.tableOf(schema).size : 0;
  }

  state(): EngineState {
    return {
      version: 1,
      schemas: this.registry.state(),
      store: this.store.dump(),
      operators: this.operators.all(),
      recorded: this.recorder.all(),
    };
  }

  /** Adds operators that may log on, with their rows. One that is known gets another password and other rights. */
  addOperators(accounts: readonly OperatorAccount[]): void {
    for (const account of accounts) this.operators.add(account);
    this.writeOperators();
  }

  /** Whether the row of an operator is there and not disabled: without it nobody logs on. */
  isEnabled(login: string): boolean {
    const view = this.currentView();
    const schema = view.lookup('xtk:operator');
    const [row] = schema ? view.tableOf(schema).find(['name'], [login]) : [];
    return row !== undefined && row.values.disabled !== 1;
  }

  /** `xtk:srcSchema` and `xtk:schema` have no rows of their own: the schemas there are take their place. */
  private tableOf(schema: CompiledSchema): Table {
    if (schema.id === 'xtk:srcSchema') return documentTable(schema, this.registry.sources());
    if (schema.id === 'xtk:schema') return this.compiledTable(schema);
    if (schema.table === null) throw new MethodError([`XSV-350063 No data source for schema '${schema.id}'.`]);
    return this.store.table(schema.table);
  }

  /** Sessions keep the schemas of their logon to work by, but the rows of schemas are data, which everybody sees as it is. */
  private compiledTable(schema: CompiledSchema): Table {
    const generation = this.registry.current;
    let table = this.schemaRows.get(generation);
    if (!table) {
      const documents = generation.ids().flatMap((id) => generation.schema(id)?.document ?? []);
      table = documentTable(
        schema,
        documents.map((document) => this.withTime(document)),
      );
      this.schemaRows.set(generation, table);
    }
    return table;
  }

  /** A compiled schema with the time at which it last became another. */
  private withTime(document: XmlElement): XmlElement {
    const { namespace, name, lastModified } = document.attributes;
    const at = this.registry.modifiedAt(`${namespace}:${name}`) ?? lastModified;
    return at === undefined ? document : { ...document, attributes: { ...document.attributes, lastModified: at } };
  }

  private seed(): void {
    const view: SessionView = { ...this.currentView(), now: () => INSTALLED };
    for (const document of seedDocuments()) writeDocument(document, { view, store: this.store, ignoreUnknown: false });
    this.writeOperators();
  }

  private writeOperators(): void {
    const view: SessionView = { ...this.currentView(), now: () => INSTALLED };
    const schema = view.lookup('xtk:operator');
    for (const { id, login, label } of this.operators.all()) {
      if (!schema || view.tableOf(schema).find(['name'], [login]).length > 0) continue;
      const attributes = { xtkschema: 'xtk:operator', id: String(id), name: login, label, type: '0' };
      writeDocument(xml('operator', attributes), { view, store: this.store, ignoreUnknown: false });
    }
  }
}

function documentTable(schema: CompiledSchema, documents: readonly XmlElement[]): Table {
  const table = new Table();
  const nodes = schema.root ? valuesBelow(schema.root) : [];
  documents.forEach(({ attributes }, serial) => {
    const values = nodes.map((node) => [node.path, castText(attributes[node.name] ?? '', node.type)] as const);
    table.put({ serial, values: Object.fromEntries(values) });
  });
  return table;
}
