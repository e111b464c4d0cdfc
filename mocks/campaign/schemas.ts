import { buildModel } from './build-model.js';
import { assertConsistent } from './check-schema.js';
import {
  compileSchema,
  type ForeignLink,
  md5Of,
  prepareSchema,
  SchemaError,
  type SchemaSources,
} from './compile-schema.js';
import type { CompiledSchema } from './schema-model.js';
import { assertValidSource } from './validate-source.js';
import { formatMoment } from './values.js';
import { childrenNamed, isTrue, type XmlElement } from './xml.js';

/**
 * The compiled schemas at one moment. A session keeps the generation it logged on to, so a schema built later is unknown to it
 * until it logs on again. Schemas are compiled when first asked for.
 */
export class SchemaGeneration implements SchemaSources {
  private readonly compiled = new Map<string, CompiledSchema | undefined>();
  private foreignLinks: Map<string, ForeignLink[]> | undefined;

  /**
   * `built` are the source schemas as they were when they were built; `authored` serves links to schemas not built yet.
   * `strictId` names the schema whose build is on trial.
   */
  constructor(
    private readonly built: ReadonlyMap<string, XmlElement>,
    private readonly authored: ReadonlyMap<string, XmlElement>,
    private readonly strictId?: string,
  ) {}

  /** The compiled schema, or undefined where none of this name was built. Extensions have none of their own. */
  schema(id: string): CompiledSchema | undefined {
    if (!this.compiled.has(id)) {
      const source = this.built.get(id);
      const isBase = source !== undefined && source.attributes.extendedSchema === undefined;
      this.compiled.set(id, isBase ? buildModel(compileSchema(id, this)) : undefined);
    }
    return this.compiled.get(id);
  }

  readonly lookup = (id: string): CompiledSchema | undefined => this.schema(id);

  /** Ids of all compiled schemas, sorted. */
  ids(): readonly string[] {
    return [...this.built.keys()].filter((id) => this.built.get(id)?.attributes.extendedSchema === undefined).sort();
  }

  source(id: string): XmlElement | undefined {
    return this.built.get(id) ?? this.authored.get(id);
  }

  extensionsOf(id: string): readonly XmlElement[] {
    return [...this.built]
      .filter(([, source]) => source.attributes.extendedSchema === id)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, source]) => source);
  }

  isStrict(id: string): boolean {
    return id === this.strictId;
  }

  /** Whether some schema declares an interface such as `xtk:persist`. */
  hasInterface(id: string): boolean {
    const [namespace = '', name = ''] = id.split(':');
    return [...this.built.values()].some(
      (source) =>
        source.attributes.namespace === namespace &&
        childrenNamed(source, 'interface').some((it) => it.attributes.name === name),
    );
  }

  linksTo(id: string): readonly ForeignLink[] {
    this.foreignLinks ??= this.collectLinks();
    return this.foreignLinks.get(id) ?? [];
  }

  private collectLinks(): Map<string, ForeignLink[]> {
    const links = new Map<string, ForeignLink[]>();
    for (const id of this.ids()) {
      const prepared = prepareSchema(id, this);
      const root = childrenNamed(prepared, 'element').find(
        (child) => child.attributes.name === prepared.attributes.name,
      );
      if (!root) continue;
      const label = prepared.attributes.label ?? id;
      for (const { link, parent } of boundLinks(root, '')) {
        const target = link.attributes.target ?? '';
        links.set(target, [...(links.get(target) ?? []), { schema: id, label, link, parent }]);
      }
    }
    return links;
  }
}

function boundLinks(element: XmlElement, path: string): { link: XmlElement; parent: string }[] {
  return childrenNamed(element, 'element').flatMap((child) => {
    if (child.attributes.type === 'link')
      return isTrue(child.attributes.unbound) ? [] : [{ link: child, parent: path }];
    const name = child.attributes.name ?? '';
    return boundLinks(child, path === '' ? name : `${path}/${name}`);
  });
}

/** What the state file keeps of schemas. */
export interface SchemaState {
  readonly authored: readonly XmlElement[];
  readonly built: readonly XmlElement[];
  /** When schemas last changed, by id. */
  readonly modified?: Readonly<Record<string, string>>;
}

/** A compiled schema that changed or went at a moment (`2026-01-31 13:45:00.123Z`). */
export interface ModifiedSchema {
  readonly id: string;
  readonly at: string;
}

/** Source schemas: the stock ones, which cannot be changed, and those that operators write. Building them makes a new generation. */
export class SchemaRegistry {
  private readonly stock: ReadonlyMap<string, XmlElement>;
  private authored: Map<string, XmlElement>;
  private built: Map<string, XmlElement>;
  private generation: SchemaGeneration;
  private readonly modified: Map<string, string>;

  constructor(stock: readonly XmlElement[], state: SchemaState = { authored: [], built: [] }) {
    this.stock = new Map(stock.map((source) => [sourceId(source), source]));
    this.authored = new Map([...this.stock, ...state.authored.map((it) => [sourceId(it), it] as const)]);
    this.built = new Map([...this.stock, ...state.built.map((it) => [sourceId(it), it] as const)]);
    this.generation = new SchemaGeneration(this.built, this.authored);
    this.modified = new Map(Object.entries(state.modified ?? {}));
  }

  /** The newest generation; a session takes it when it logs on. */
  get current(): SchemaGeneration {
    return this.generation;
  }

  source(id: string): XmlElement | undefined {
    return this.authored.get(id);
  }

  sources(): readonly XmlElement[] {
    return [...this.authored.values()];
  }

  /** Keeps a source schema as written; it has no effect until it is built. Throws `SchemaError`. */
  write(source: XmlElement): void {
    assertValidSource(source);
    const { md5: _, ...attributes } = source.attributes;
    const kept = { ...source, name: 'srcSchema', attributes };
    this.authored = new Map(this.authored);
    this.authored.set(sourceId(source), { ...kept, attributes: { ...attributes, md5: md5Of(kept) } });
  }

  /** Forgets a source schema. What was built from it stays until its references are removed. Tells whether there was one. */
  remove(id: string): boolean {
    if (this.stock.has(id)) throw new SchemaError(`Schema '${id}' belongs to Adobe Campaign and cannot be deleted.`);
    this.authored = new Map(this.authored);
    return this.authored.delete(id);
  }

  /**
   * Builds a schema or an extension from its source. The schemas that it touches are compiled for a trial first, and nothing
   * changes where that fails. `at` is when. Throws `SchemaError`.
   */
  build(id: string, at: Date): void {
    const source = this.authored.get(id);
    if (!source) throw new SchemaError(`Schema '${id}' does not exist.`);
    const extended = source.attributes.extendedSchema;
    if (extended !== undefined && !this.authored.has(extended)) {
      throw new SchemaError(`Schema '${id}' extends '${extended}', which does not exist.`);
    }
    const built = new Map(this.built).set(id, source);
    const trial = new SchemaGeneration(built, this.authored, extended ?? id);
    assertConsistent(trial.schema(extended ?? id), trial);
    this.swap(built, at);
  }

  /** Removes what was built from a source schema that has been deleted, and with it its links in other schemas. */
  removeBuilt(id: string, at: Date): void {
    if (this.authored.has(id)) throw new SchemaError(`Schema '${id}' still exists: delete its source schema first.`);
    const built = new Map(this.built);
    built.delete(id);
    this.swap(built, at);
  }

  /** The compiled schemas that changed at or after a moment (`2026-01-31 13:45:00.123Z`), those that went among them. */
  modifiedSince(since: string): readonly ModifiedSchema[] {
    return [...this.modified].filter(([, at]) => at >= since).map(([id, at]) => ({ id, at }));
  }

  /** When a compiled schema last changed, as far as it has since the start. */
  modifiedAt(id: string): string | undefined {
    return this.modified.get(id);
  }

  /** Makes a new generation, and notes which schemas are other in it: also those that got or lost a reverse link. */
  private swap(built: Map<string, XmlElement>, at: Date): void {
    const before = this.generation;
    this.built = built;
    this.generation = new SchemaGeneration(built, this.authored);
    for (const id of new Set([...before.ids(), ...this.generation.ids()])) {
      if (before.schema(id)?.md5 !== this.generation.schema(id)?.md5) this.modified.set(id, formatMoment(at));
    }
  }

  /** Runs `work`; if it throws, the source schemas are as they were before. */
  atomically(work: () => void): void {
    const { authored } = this;
    try {
      work();
    } catch (error) {
      this.authored = authored;
      throw error;
    }
  }

  /** What operators wrote and built, for the state file. */
  state(): SchemaState {
    const own = (all: ReadonlyMap<string, XmlElement>) =>
      [...all].filter(([id]) => !this.stock.has(id)).map(([, it]) => it);
    return { authored: own(this.authored), built: own(this.built), modified: Object.fromEntries(this.modified) };
  }
}

/** `cus:recipient` */
export function sourceId(source: XmlElement): string {
  return `${source.attributes.namespace ?? ''}:${source.attributes.name ?? ''}`;
}
