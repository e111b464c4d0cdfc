import type { CampaignSchema, SchemaLink } from '../../model/campaign-schema.js';
import type { Selection } from '../../model/query.js';
import { type Describe, keyPaths, type ResolvedPath, resolvePath } from './paths.js';

/** What a record in answer looks like: the values at its top and the elements and linked records inside it. */
export interface Shape {
  readonly fields: ReadonlyMap<string, ResolvedPath>;
  readonly nested: ReadonlyMap<string, NestedShape>;
}

export interface NestedShape extends Shape {
  /** The link that leads here with the key of the record there; null for an element of the record itself. */
  readonly link: { readonly link: SchemaLink; readonly key: readonly ResolvedPath[] } | null;
}

interface Growing {
  readonly fields: Map<string, ResolvedPath>;
  readonly nested: Map<string, GrowingNested>;
}

interface GrowingNested extends Growing {
  readonly link: NestedShape['link'];
}

/**
 * Resolves a selection. The key of the record, and of every record that a link leads to, is always part of it: without its key
 * a linked record could not be told from none.
 */
export function buildShape(schema: CampaignSchema, selection: Selection, describe: Describe): Shape {
  const known = knownShapes.get(selection);
  if (known?.schema === schema) return known.shape;
  const shape = buildAnew(schema, selection, describe);
  // Where a link is crossed, the other schema may be described anew.
  if (shapePaths(shape).every(({ links }) => links.length === 0)) knownShapes.set(selection, { schema, shape });
  return shape;
}

/** Queries that come again select by the same objects. */
const knownShapes = new WeakMap<Selection, { readonly schema: CampaignSchema; readonly shape: Shape }>();

function buildAnew(schema: CampaignSchema, selection: Selection, describe: Describe): Shape {
  const shape: Growing = { fields: new Map(), nested: new Map() };
  for (const path of [...keyPaths(schema), ...selectedPaths(selection)]) {
    const resolved = resolvePath(schema, path, describe);
    place(shape, resolved, (linked) => resolvePath(schema, linked, describe));
  }
  return shape;
}

/** Every selected path from the root element: `folder: { fields: ['label'] }` is `folder/label`. */
export function selectedPaths(selection: Selection, prefix = ''): readonly string[] {
  const own = selection.fields.map((field) => prefix + field);
  const nested = Object.entries(selection.nested ?? {});
  return [...own, ...nested.flatMap(([name, inner]) => selectedPaths(inner, `${prefix}${name}/`))];
}

function place(shape: Growing, path: ResolvedPath, resolve: (path: string) => ResolvedPath): void {
  let level = shape;
  for (const [index, step] of path.steps.slice(0, -1).entries()) {
    const known = level.nested.get(step);
    const next = known ?? { fields: new Map(), nested: new Map(), link: linkAt(path, index + 1, resolve) };
    if (!known) level.nested.set(step, next);
    for (const key of known ? [] : (next.link?.key ?? [])) place(shape, key, resolve);
    level = next;
  }
  level.fields.set(path.steps.at(-1) ?? '', path);
}

function linkAt(path: ResolvedPath, depth: number, resolve: (path: string) => ResolvedPath): NestedShape['link'] {
  const crossed = path.links.find((candidate) => candidate.depth === depth);
  if (!crossed) return null;
  const prefix = path.steps.slice(0, depth).join('/');
  const key = keyPaths(crossed.target).map((field) => resolve(`${prefix}/${field}`));
  return { link: crossed.link, key };
}

/** Every path of a shape, once. */
export function shapePaths(shape: Shape): readonly ResolvedPath[] {
  return [...shape.fields.values(), ...[...shape.nested.values()].flatMap(shapePaths)];
}
