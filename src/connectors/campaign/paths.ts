import {
  type CampaignSchema,
  neutralPath,
  type SchemaAttribute,
  type SchemaElement,
  type SchemaEnumeration,
  type SchemaLink,
} from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';

/** Finds the description of a schema that a link leads to; undefined where there is none. */
export type Describe = (name: string) => CampaignSchema | undefined;

/** A neutral path (`location/city`, `folder/label`) with what its steps stand for. */
export interface ResolvedPath {
  readonly path: string;
  readonly steps: readonly string[];
  /** As XTK expressions have it: `@email`, `[location/@city]`, `[folder/@label]`. */
  readonly expression: string;
  readonly attribute: SchemaAttribute;
  /** The links on the way, from the first. */
  readonly links: readonly PathLink[];
  /** What the attribute's values stand for; null where it has no enumeration, empty of values where it is not known. */
  readonly enumeration: SchemaEnumeration | null;
}

export interface PathLink {
  /** Number of steps up to and with the link: 1 for `folder` in `folder/label`. */
  readonly depth: number;
  readonly link: SchemaLink;
  readonly target: CampaignSchema;
}

/** Resolves a path, over simple links where it crosses them. Throws `BAD_USER_INPUT` that names the path. */
export function resolvePath(schema: CampaignSchema, path: string, describe: Describe): ResolvedPath {
  const known = knownPaths.get(schema) ?? new Map<string, ResolvedPath>();
  knownPaths.set(schema, known);
  const resolved = known.get(path) ?? resolveAnew(schema, path, describe);
  // Where a link is crossed, the other schema may be described anew.
  if (resolved.links.length === 0 && known.size < MOST_PATHS) known.set(path, resolved);
  return resolved;
}

/** Paths within one description, which is plain data that does not change. */
const knownPaths = new WeakMap<CampaignSchema, Map<string, ResolvedPath>>();
const MOST_PATHS = 2_000;

function resolveAnew(schema: CampaignSchema, path: string, describe: Describe): ResolvedPath {
  const steps = neutralPath(path).split('/');
  const walk = walkTo(schema, path, steps, describe);
  const name = steps.at(-1) ?? '';
  const attribute = walk.element.attributes.find((candidate) => candidate.name === name);
  if (!attribute) throw unknownPath(schema, path, walk, name);
  return {
    path: steps.join('/'),
    steps,
    expression: expressionOf(steps, attribute),
    attribute,
    links: walk.links,
    enumeration: findEnumeration(walk.schema, attribute),
  };
}

/**
 * The next schema that must be described before `path` can be resolved, or null. Nothing is said of paths that do not exist.
 */
export function missingTarget(schema: CampaignSchema, path: string, describe: Describe): string | null {
  let element: SchemaElement = schema.root;
  for (const step of neutralPath(path).split('/')) {
    const link = element.links.find((candidate) => candidate.name === step);
    const target = link ? describe(link.target) : undefined;
    if (link && !target) return link.target;
    const next = target?.root ?? element.elements.find((child) => child.name === step);
    if (!next) return null;
    element = next;
  }
  return null;
}

interface Walk {
  readonly schema: CampaignSchema;
  readonly element: SchemaElement;
  readonly links: readonly PathLink[];
}

function walkTo(schema: CampaignSchema, path: string, steps: readonly string[], describe: Describe): Walk {
  let walk: Walk = { schema, element: schema.root, links: [] };
  for (const [index, step] of steps.slice(0, -1).entries()) {
    const child = walk.element.elements.find((candidate) => candidate.name === step);
    const link = walk.element.links.find((candidate) => candidate.name === step);
    if (child) walk = { ...walk, element: child };
    else if (link) walk = follow(walk, link, index + 1, path, describe);
    else throw unknownPath(schema, path, walk, step);
  }
  return walk;
}

function follow(walk: Walk, link: SchemaLink, depth: number, path: string, describe: Describe): Walk {
  if (link.cardinality === 'many') {
    throw badPath(
      path,
      `its step "${link.name}" leads to many records of ${link.target}; query ${link.target} instead`,
    );
  }
  const target = describe(link.target);
  if (!target) throw badPath(path, `its step "${link.name}" leads to ${link.target}, which Campaign does not have`);
  return { schema: target, element: target.root, links: [...walk.links, { depth, link, target }] };
}

function unknownPath(schema: CampaignSchema, path: string, walk: Walk, step: string): RequestError {
  const where = walk.element === schema.root ? schema.name : `"${walk.element.name}" of ${walk.schema.name}`;
  if (walk.element.links.some((link) => link.name === step) || walk.element.elements.some((e) => e.name === step)) {
    return badPath(
      path,
      `"${step}" of ${where} holds no value of its own; name an attribute of it, as in "${path}/name"`,
    );
  }
  return badPath(path, `${where} has no "${step}"; ask campaignSchema(name: "${walk.schema.name}") for what it has`);
}

function badPath(path: string, reason: string): RequestError {
  return new RequestError('BAD_USER_INPUT', `The path "${path}" cannot be used: ${reason}.`);
}

/** `@email`, `[location/@city]`, `[@folder-id]`; an attribute that stands in an element of its own goes without `@`. */
export function expressionOf(steps: readonly string[], attribute: Pick<SchemaAttribute, 'isElement'>): string {
  const name = steps.at(-1) ?? '';
  const path = [...steps.slice(0, -1), attribute.isElement ? name : `@${name}`].join('/');
  return /^@?\w+$/.test(path) ? path : `[${path}]`;
}

function findEnumeration(schema: CampaignSchema, attribute: SchemaAttribute): SchemaEnumeration | null {
  const reference = attribute.enumeration;
  if (reference === null) return null;
  const found = schema.enumerations.find(({ name }) => name === reference || `${schema.name}:${name}` === reference);
  return found ?? { name: reference, label: reference, values: [] };
}

/** Paths of the primary key, in order. Throws `UNSUPPORTED` for a schema without one: its records cannot be told apart. */
export function keyPaths(schema: CampaignSchema): readonly string[] {
  const fields = schema.keys[0]?.fields ?? [];
  if (fields.length > 0) return fields;
  throw new RequestError(
    'UNSUPPORTED',
    `${schema.name} has no key, so its records cannot be read page by page. Add a <key> or autopk="true" to the schema.`,
  );
}
