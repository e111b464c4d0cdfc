import type { CampaignSchema } from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import { keyPathsOf, type WriteRequest, type WriteValue } from '../../model/query.js';
import { type XmlElement, xml } from '../../model/xml.js';
import { attributeText, isZeroWhenEmpty, literalKind } from './literals.js';
import { type Describe, expressionOf, type PathLink, type ResolvedPath, resolvePath } from './paths.js';

/** A record as `WriteCollection` takes it, or why it cannot be sent. */
export type CompiledRecord =
  | { readonly ok: true; readonly element: XmlElement }
  | { readonly ok: false; readonly code: string; readonly message: string };

type Values = Readonly<Record<string, WriteValue>>;

const OPERATIONS = { upsert: 'insertOrUpdate', create: 'insert', update: 'update', delete: 'delete' } as const;

/**
 * Compiles the records of a write, each for itself: a value that does not fit spoils its own record alone. Paths concern all records, so an
 * unknown or computed one throws `BAD_USER_INPUT` before anything is sent.
 *
 * `location/city` becomes a nested element; `company/crmId` a link that is found by that attribute and is itself left as it is. A null
 * under a link unties it.
 */
export function compileWrite(request: WriteRequest<CampaignSchema>, describe: Describe): readonly CompiledRecord[] {
  const resolve = (path: string) => resolvePath(request.to, path, describe);
  const key = keyPathsOf(request).map(resolve);
  const names = new Set(request.records.flatMap((record) => Object.keys(record)));
  const paths = new Map([...names].map((name) => [name, writablePath(resolve(name), key)]));
  return request.records.map((record) => compileRecord(request, record, key, paths));
}

function writablePath(path: ResolvedPath, key: Key): ResolvedPath {
  if (path.attribute.computed && !isPartOf(key, path)) {
    throw new RequestError(
      'BAD_USER_INPUT',
      `"${path.path}" is computed by Campaign and cannot be written. Leave it out.`,
    );
  }
  if (path.links.length > 1) {
    throw new RequestError('BAD_USER_INPUT', `"${path.path}" crosses two links; a write can reach over one.`);
  }
  return path;
}

/** The attributes that records are found by. */
type Key = readonly ResolvedPath[];

function isPartOf(key: Key, path: ResolvedPath): boolean {
  return key.some((part) => part.path === path.path);
}

function compileRecord(
  request: WriteRequest<CampaignSchema>,
  record: Values,
  key: Key,
  paths: ReadonlyMap<string, ResolvedPath>,
): CompiledRecord {
  const isDelete = request.operation === 'delete';
  const element = new RecordElement(request.to.root.name);
  element.set('_operation', OPERATIONS[request.operation]);
  if (request.operation !== 'create') element.set('_key', key.map((part) => part.expression).join(', '));
  const missing = new Set(key.map((part) => part.path));
  for (const [name, value] of Object.entries(record)) {
    const path = paths.get(name);
    if (!path || (isDelete && !isPartOf(key, path))) continue; // a delete holds nothing but its key
    const text = value === null ? '' : attributeText(value, path);
    if (text === null) return misfit(path, value);
    if (text !== '') missing.delete(path.path);
    element.place(path, text);
  }
  const [lacking] = missing;
  if (lacking !== undefined && request.operation !== 'create') return keyMissing(lacking);
  return { ok: true, element: element.toXml() };
}

function misfit(path: ResolvedPath, value: WriteValue): CompiledRecord {
  const expected = `a ${path.attribute.type} for "${path.path}"`;
  return {
    ok: false,
    code: 'BAD_VALUE',
    message: `Expected ${expected}, but found ${JSON.stringify(value)?.slice(0, 100)}.`,
  };
}

function keyMissing(path: string): CompiledRecord {
  return {
    ok: false,
    code: 'KEY_MISSING',
    message: `Expected a value for "${path}", by which the record is found, but found none.`,
  };
}

/** An element under construction, with its children by name. */
class RecordElement {
  private readonly attributes: Record<string, string> = {};
  private readonly children = new Map<string, RecordElement | string>();

  constructor(private readonly name: string) {}

  set(name: string, value: string): void {
    this.attributes[name] = value;
  }

  /** Puts a value where its path leads, with the elements and the link on the way. */
  place(path: ResolvedPath, text: string): void {
    const [crossed] = path.links;
    if (crossed && text === '') this.untie(path, crossed);
    else this.descend(path, path.steps, text);
  }

  private descend(path: ResolvedPath, steps: readonly string[], text: string): void {
    const [step = '', ...rest] = steps;
    const crossed = path.links.find((link) => link.depth === path.steps.length - rest.length);
    if (rest.length > 0) {
      const child = this.child(step);
      if (crossed) child.reconcileBy(path, rest);
      child.descend(path, rest, text);
    } else if (path.attribute.isElement) this.children.set(step, text);
    else this.set(step, text === '' && isZeroWhenEmpty(literalKind(path.attribute.type)) ? '0' : text);
  }

  /** The linked record is looked up by what is given of it and is not changed itself. */
  private reconcileBy(path: ResolvedPath, rest: readonly string[]): void {
    const expression = expressionOf(rest, path.attribute);
    const keys = new Set(this.attributes._key ? [...this.attributes._key.split(', '), expression] : [expression]);
    this.set('_operation', 'none');
    this.set('_key', [...keys].join(', '));
  }

  /** Empties the foreign keys that tie the link; other elements of the record keep what they hold. */
  private untie(path: ResolvedPath, { depth, link }: PathLink): void {
    for (const { source } of link.join) {
      const steps = [...path.steps.slice(0, depth - 1), ...source.split('/')];
      let element: RecordElement = this;
      for (const step of steps.slice(0, -1)) element = element.child(step);
      element.set(steps.at(-1) ?? '', source.endsWith('-id') ? '0' : '');
    }
  }

  private child(name: string): RecordElement {
    const known = this.children.get(name);
    if (known instanceof RecordElement) return known;
    const made = new RecordElement(name);
    this.children.set(name, made);
    return made;
  }

  toXml(): XmlElement {
    const children = [...this.children].map(([name, child]) =>
      typeof child === 'string' ? xml(name, {}, [child]) : child.toXml(),
    );
    return xml(this.name, this.attributes, children);
  }
}
