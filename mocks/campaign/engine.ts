import type { MockClock } from '../control.js';
import { MethodError, unknownSchema } from './errors.js';
import { seedDocuments } from './fixtures/seed.js';
import { stockSchemas } from './fixtures/stock-schemas.js';
import { type CompiledSchema, valuesBelow } from './schema-model.js';
import { type SchemaGeneration, SchemaRegistry, type SchemaState } from './schemas.js';
import type { Operator, Session } from './session.js';
import type { SessionView } from './session-view.js';
import { type RowValues, Store, Table } from './store.js';
import { castText } from './values.js';
import { writeDocument } from './write/writes.js';
import type { XmlElement } from './xml.js';

/** The administrator that every instance starts with; the password is `admin` too. */
export const ADMIN: Operator = { id: 1059, login: 'admin', label: 'Administrator' };

/** Everything that outlives a process, as JSON. */
export interface EngineState {
  readonly version: 1;
  readonly schemas: SchemaState;
  readonly store: ReturnType<Store['dump']>;
}

/** Ids below are kept for rows that come with the product. */
const FIRST_ID = 10_000;

/** When the stock rows say that they were made. */
const INSTALLED = new Date('2026-01-01T00:00:00.000Z');

/** One Campaign instance: its schemas and its rows. */
export class Engine {
  readonly registry: SchemaRegistry;
  readonly store: Store;
  private readonly schemaRows = new WeakMap<SchemaGeneration, Table>();

  /** Starts from a state that was saved, or from the stock schemas and rows. */
  constructor(
    readonly clock: MockClock,
    state?: EngineState,
  ) {
    this.registry = new SchemaRegistry(stockSchemas(), state?.schemas);
    this.store = state ? Store.restore(state.store) : new Store(FIRST_ID);
    if (!state) this.seed();
  }

  /** The data as a session sees it. */
  view({ schemas, operator }: Session): SessionView {
    return {
      lookup: schemas.lookup,
      tableOf: (schema) => this.tableOf(schema, schemas),
      now: () => this.clock.now(),
      operatorId: operator.id,
    };
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

  state(): EngineState {
    return { version: 1, schemas: this.registry.state(), store: this.store.dump() };
  }

  /** `xtk:srcSchema` and `xtk:schema` have no rows of their own: the schemas there are take their place. */
  private tableOf(schema: CompiledSchema, generation: SchemaGeneration): Table {
    if (schema.id === 'xtk:srcSchema') return documentTable(schema, this.registry.sources());
    if (schema.id === 'xtk:schema') return this.compiledTable(schema, generation);
    if (schema.table === null) throw new MethodError([`XSV-350063 No data source for schema '${schema.id}'.`]);
    return this.store.table(schema.table);
  }

  private compiledTable(schema: CompiledSchema, generation: SchemaGeneration): Table {
    let table = this.schemaRows.get(generation);
    if (!table) {
      const documents = generation.ids().flatMap((id) => generation.schema(id)?.document ?? []);
      table = documentTable(schema, documents);
      this.schemaRows.set(generation, table);
    }
    return table;
  }

  private seed(): void {
    const view: SessionView = { ...this.currentView(), now: () => INSTALLED };
    for (const document of seedDocuments()) writeDocument(document, { view, store: this.store, ignoreUnknown: false });
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
