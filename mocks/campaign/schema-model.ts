import type { XmlElement } from './xml.js';

/** A compiled schema as the engine uses it, beside the XML that clients fetch. */
export interface CompiledSchema {
  /** `nms:recipient` */
  readonly id: string;
  readonly name: string;
  readonly label: string;
  /** The `schema` element that `GetEntityIfMoreRecent` answers. */
  readonly document: XmlElement;
  readonly md5: string;
  /** The element of the schema's own name; null for libraries and lists of tables, which have no rows. */
  readonly root: ElementNode | null;
  /** Name of the table its rows are kept in; null where there is no data source. */
  readonly table: string | null;
  readonly keys: readonly SchemaKey[];
  /** Path sets that no two rows may share. */
  readonly unique: readonly UniqueRule[];
  readonly autopk: boolean;
  /** XTK expression that makes a row's display name, if the schema has one. */
  readonly computeString: string | null;
  /** XTK expressions of the `sysFilter`s, each with its conditions joined, to check them; queries read them from the document. */
  readonly sysFilters: readonly string[];
  readonly enumerations: ReadonlyMap<string, SchemaEnumeration>;
}

/** A node that groups others, or the root. `path` is empty for the root, else `location` or `params/mscrm`. */
export interface ElementNode {
  readonly kind: 'element';
  readonly name: string;
  readonly path: string;
  /** Whether it may stand several times: a collection kept as XML. */
  readonly unbound: boolean;
  readonly attributes: ReadonlyMap<string, ValueNode>;
  readonly children: ReadonlyMap<string, ElementNode | LinkNode | ValueNode>;
}

/** Something that holds a value: an attribute, or an element of a type such as memo. */
export interface ValueNode {
  readonly kind: 'value';
  readonly name: string;
  /** Path of the column, without `@`. */
  readonly path: string;
  readonly isElement: boolean;
  readonly type: string;
  /** Longest text in characters; null where it is not bounded. */
  readonly length: number | null;
  /** XTK expression for rows inserted without the value. */
  readonly default: string | null;
  /** XTK expression that computes the value; such a value is never stored. */
  readonly expr: string | null;
  /** Name of an enumeration: `gender` or `nms:recipient:gender`. */
  readonly enumeration: string | null;
  readonly required: boolean;
  readonly dataPolicy: string | null;
  readonly column: string | null;
}

export interface LinkNode {
  readonly kind: 'link';
  readonly name: string;
  readonly path: string;
  /** `xtk:folder` */
  readonly target: string;
  readonly unbound: boolean;
  /** Without `@`: a path of this schema, a path of the target. */
  readonly joins: readonly { readonly source: string; readonly destination: string }[];
  /** XTK expression in terms of the target: rows for which it does not hold are not linked. */
  readonly filter: string | null;
  /** What deleting a row of this schema does to the row at the other end. */
  readonly integrity: string;
  /** XTK expression for rows inserted without the link, as in `DefaultFolder('nmsFolder')`. */
  readonly default: string | null;
}

export interface SchemaKey {
  readonly name: string;
  readonly internal: boolean;
  readonly allowEmptyPart: boolean;
  readonly fields: readonly string[];
}

export interface UniqueRule {
  readonly name: string;
  readonly fields: readonly string[];
}

export interface SchemaEnumeration {
  readonly name: string;
  readonly values: readonly { readonly name: string; readonly value: string; readonly label: string }[];
}

export type SchemaNode = ElementNode | LinkNode | ValueNode;

/** Where a path leads: the links that are followed first, then the node in the schema at the end of them. */
export interface ResolvedPath {
  readonly links: readonly LinkNode[];
  /** The schema that `node` belongs to. */
  readonly schema: CompiledSchema;
  readonly node: SchemaNode;
}

export type SchemaLookup = (id: string) => CompiledSchema | undefined;

/** A step of a path that no schema knows. */
export class UnknownStep extends Error {
  override readonly name = 'UnknownStep';

  constructor(
    readonly kind: 'Attribute' | 'Element',
    readonly step: string,
    readonly schema: CompiledSchema,
  ) {
    super(`${kind} '${step}' unknown`);
  }
}

/**
 * Follows an XPath such as `@email`, `location/@city` or `folder/@label` from the root of a schema, through links into other schemas.
 * Throws `UnknownStep`.
 */
export function resolvePath(schema: CompiledSchema, path: string, lookup: SchemaLookup): ResolvedPath {
  const links: LinkNode[] = [];
  let current = schema;
  let node: SchemaNode | null = schema.root;
  for (const step of path.replace(/^\//, '').split('/')) {
    if (node?.kind === 'link') {
      links.push(node);
      const target = lookup(node.target);
      if (!target) throw new UnknownStep('Element', node.name, current);
      current = target;
      node = target.root;
    }
    if (step !== '.') node = childAt(node, step, current);
  }
  if (!node) throw new UnknownStep('Element', path, schema);
  return { links, schema: current, node };
}

function childAt(node: SchemaNode | null, step: string, schema: CompiledSchema): SchemaNode {
  const isAttribute = step.startsWith('@');
  const name = isAttribute ? step.slice(1) : step;
  const child = node?.kind === 'element' ? (isAttribute ? node.attributes : node.children).get(name) : undefined;
  if (!child) throw new UnknownStep(isAttribute ? 'Attribute' : 'Element', name, schema);
  return child;
}

/** Every value below an element, not through links. */
export function valuesBelow(element: ElementNode): ValueNode[] {
  const below = [...element.children.values()].flatMap((child) => {
    if (child.kind === 'element') return valuesBelow(child);
    return child.kind === 'value' ? [child] : [];
  });
  return [...element.attributes.values(), ...below];
}

/** Every link below an element, not through links. */
export function linksBelow(element: ElementNode): LinkNode[] {
  return [...element.children.values()].flatMap((child) => {
    if (child.kind === 'element') return linksBelow(child);
    return child.kind === 'link' ? [child] : [];
  });
}

/** `Recipients (nms:recipient)`, as Campaign names a schema in its messages. */
export function displayName(schema: { readonly label: string; readonly id: string }): string {
  return `${schema.label} (${schema.id})`;
}

/** `nms:recipient` of `nms:recipient:gender`; the schema itself for a bare name. */
export function enumerationOf(
  value: ValueNode,
  schema: CompiledSchema,
  lookup: SchemaLookup,
): SchemaEnumeration | undefined {
  if (value.enumeration === null) return undefined;
  const parts = value.enumeration.split(':');
  const name = parts.pop() ?? '';
  const owner = parts.length === 2 ? lookup(parts.join(':')) : schema;
  return owner?.enumerations.get(name);
}
