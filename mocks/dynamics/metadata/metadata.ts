import type { MockRequest, MockResponse } from '../../control.js';
import { toBytes } from '../byte-text.js';
import { answerJson, answerRowsText, contextUrl, type RequestContext } from '../context.js';
import { CODES, DynamicsError, queryError, unknownSegment } from '../errors.js';
import type { ExpandItem, FilterNode, Value } from '../odata/ast.js';
import { ODataPropertyError } from '../odata/errors.js';
import { evaluateFilter } from '../odata/evaluator.js';
import { languageOf } from '../query/language.js';
import { parseOptions, type QueryOptions } from '../query/options.js';
import type { Key, Segment } from '../resource-path.js';
import type { Tables } from '../tables.js';
import { type JsonObject, localized } from './common.js';
import { buildMetadataSets, LINKED_SETS, type MetadataNode, type MetadataSet } from './nodes.js';

/** Answers queries of the metadata. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api */
export interface Metadata {
  /** Whether the first segment of a path is one of its entity sets. */
  has(name: string): boolean;
  answer(context: RequestContext, segments: readonly Segment[], request: MockRequest): MockResponse;
}

export function createMetadata(tables: Tables): Metadata {
  let built = { version: tables.version, sets: buildMetadataSets(tables) };
  const setsNow = () => {
    if (built.version !== tables.version) built = { version: tables.version, sets: buildMetadataSets(tables) };
    return built.sets;
  };
  return {
    has: (name) => Object.hasOwn(built.sets, name),
    answer: (context, segments, request) => {
      const [first, ...rest] = segments;
      const set = setsNow()[first?.name ?? ''];
      if (first === undefined || set === undefined) throw unknownSegment(first?.name ?? '');
      const options = parseOptions(request.search);
      assertSupported(first.name, options);
      const collection: Found = {
        nodes: set.nodes(),
        type: set.baseType,
        isCast: false,
        single: false,
        path: first.name,
      };
      const found = follow(step(collection, { set, key: first.key, name: first.name }), rest);
      return answerFound(context, found, options);
    },
  };
}

const REFUSED_OPTIONS = ['$orderby', '$top', '$count', '$skiptoken'];

function assertSupported(set: string, options: QueryOptions): void {
  if (set === 'GlobalOptionSetDefinitions' && options.filter !== undefined) {
    throw queryError("The query parameter $filter isn't supported for GlobalOptionSetDefinitions.");
  }
  const refused = REFUSED_OPTIONS.find((name) => options.all.has(name));
  if (refused !== undefined)
    throw notImplemented(`The "${refused}" query option isn't supported for Metadata Entities`);
}

function notImplemented(message: string): DynamicsError {
  return new DynamicsError(501, CODES.crmHttp, message);
}

/** Where a path has led so far. `type` is the declared type, which a cast narrows. */
interface Found {
  readonly nodes: readonly MetadataNode[];
  readonly type: string;
  readonly isCast: boolean;
  readonly single: boolean;
  /** As it stands in `@odata.context`. */
  readonly path: string;
}

interface KeyedSet {
  readonly set: Pick<MetadataSet, 'keys'>;
  readonly key: Key | null;
  readonly name: string;
}

function step(found: Found, { set, key, name }: KeyedSet): Found {
  if (key === null) return found;
  const node = found.nodes.find((it) => hasKey(it, set, key));
  if (node === undefined) throw notFound(name, key);
  return { ...found, nodes: [node], single: true, path: `${found.path}(${keyText(key)})` };
}

function hasKey({ json }: MetadataNode, { keys }: Pick<MetadataSet, 'keys'>, key: Key): boolean {
  if (key.kind === 'id') return json.MetadataId === key.id;
  if (key.kind !== 'values') return false;
  return [...key.values].every(([name, value]) => [...keys, 'MetadataId'].includes(name) && json[name] === value);
}

function keyText(key: Key): string {
  if (key.kind === 'id') return key.id;
  return key.kind === 'values' ? [...key.values.values()].map((value) => `'${value}'`).join(',') : '';
}

function notFound(set: string, key: Key): DynamicsError {
  if (set === 'EntityDefinitions') {
    return new DynamicsError(
      404,
      '0x80041102',
      `The entity with a name = ${keyText(key)} with namemapping = 'Logical' was not found in the MetadataCache.`,
    );
  }
  return new DynamicsError(
    404,
    CODES.notFound,
    `Could not find an entity of ${set} with the specified key: ${keyText(key)}.`,
  );
}

const NAMESPACE = 'Microsoft.Dynamics.CRM.';

function follow(found: Found, [next, ...rest]: readonly Segment[]): Found {
  if (next === undefined) return found;
  if (next.name.startsWith(NAMESPACE)) return follow(cast(found, next.name.slice(NAMESPACE.length)), rest);
  const [node] = found.nodes;
  const link = found.single ? linkOf(node, next.name) : undefined;
  if (link === undefined) throw unknownSegment(next.name);
  const target = link();
  const path = `${found.path}/${next.name}`;
  if (!Array.isArray(target)) {
    if (target === null) throw new DynamicsError(404, CODES.notFound, `The property '${next.name}' has no value.`);
    return follow({ nodes: [target], type: target.type, isCast: true, single: true, path }, rest);
  }
  const set = LINKED_SETS[next.name] ?? { baseType: '', keys: [] };
  return follow(
    step(
      { nodes: target, type: set.baseType, isCast: false, single: false, path },
      { set, key: next.key, name: next.name },
    ),
    rest,
  );
}

function linkOf(node: MetadataNode | undefined, name: string): MetadataNode['links'][string] | undefined {
  return node !== undefined && Object.hasOwn(node.links, name) ? node.links[name] : undefined;
}

/** One type at a time, and only to a type that things have: `EnumAttributeMetadata` is none. */
function cast(found: Found, type: string): Found {
  if (type === found.type) return found;
  if (found.isCast || type === 'EnumAttributeMetadata' || !isDerived(found.type, type)) {
    throw queryError(`The type '${NAMESPACE}${type}' is not a concrete type derived from '${NAMESPACE}${found.type}'.`);
  }
  const nodes = found.nodes.filter((node) => node.type === type);
  if (found.single && nodes.length === 0)
    throw new DynamicsError(404, CODES.notFound, `The row is not of the type '${NAMESPACE}${type}'.`);
  return { ...found, nodes, type, isCast: true, path: `${found.path}/${NAMESPACE}${type}` };
}

function isDerived(base: string, type: string): boolean {
  if (base === 'AttributeMetadata') return type.endsWith('AttributeMetadata');
  if (base === 'RelationshipMetadataBase') return /^(OneToMany|ManyToMany)RelationshipMetadata$/.test(type);
  return base === 'OptionSetMetadataBase' && /^(Boolean)?OptionSetMetadata$/.test(type);
}

function answerFound(context: RequestContext, found: Found, options: QueryOptions): MockResponse {
  const shape = { type: found.type, isCast: found.isCast, select: options.select, expand: options.expand ?? [] };
  const expanded = shape.expand.map((item) => `${item.property}(${(item.select ?? []).join(',')})`);
  const names = [...(options.select ?? []), ...expanded];
  const path = `${found.path}${names.length === 0 ? '' : `(${names.join(',')})`}`;
  if (found.single) {
    const [node] = found.nodes;
    const json = node === undefined ? {} : writeNode(context, node, shape);
    const head = { '@odata.context': contextUrl(context, `${path}/$entity`) };
    return answerJson(context, { ...head, ...localized(json, languageOf(context)) });
  }
  const nodes = filterNodes(found, options.filter);
  // What is wrong with the query is told before the answer has begun.
  assertShape(context, nodes, shape);
  return answerRowsText(context, { '@odata.context': contextUrl(context, path) }, writeNodes(context, nodes, shape));
}

/** Thousands of columns make tens of megabytes: each thing is described when its turn comes. */
function* writeNodes(context: RequestContext, nodes: Iterable<MetadataNode>, shape: NodeShape): Generator<string> {
  const language = languageOf(context);
  for (const node of nodes) yield toBytes(JSON.stringify(localized(writeNode(context, node, shape), language)));
}

/** Things of one type have the same properties, so the first of each tells. */
function assertShape(context: RequestContext, nodes: readonly MetadataNode[], shape: NodeShape): void {
  const seen = new Set<string>();
  for (const node of nodes) {
    if (seen.has(node.type)) continue;
    seen.add(node.type);
    writeNode(context, node, shape);
  }
}

/** Only primitive and enumeration values can be compared, by `eq` and `ne`. */
function filterNodes(
  { nodes, type }: Pick<Found, 'nodes' | 'type'>,
  filter: FilterNode | undefined,
): readonly MetadataNode[] {
  if (filter === undefined) return nodes;
  assertMetadataFilter(filter);
  const resolver = {
    value: (node: MetadataNode, path: readonly string[]) => valueAt(node.json, path),
    now: () => new Date(0),
    userId: '',
  };
  try {
    return nodes.filter((node) => evaluateFilter(filter, node, resolver));
  } catch (error) {
    throw error instanceof ODataPropertyError ? unknownProperty(error.path[0] ?? '', type) : error;
  }
}

function assertMetadataFilter(filter: FilterNode): void {
  if (filter.kind === 'and' || filter.kind === 'or') for (const node of filter.nodes) assertMetadataFilter(node);
  else if (filter.kind === 'not') assertMetadataFilter(filter.node);
  else if (filter.kind === 'text')
    throw notImplemented(`The "${filter.function}" function isn't supported for Metadata Entities`);
  else if (filter.kind === 'function')
    throw notImplemented(`The "${filter.name}" function isn't supported for Metadata Entities`);
  else if (filter.kind === 'lambda')
    throw notImplemented(`The "${filter.operator}" operator isn't supported for Metadata Entities`);
}

function valueAt(json: JsonObject, [first = '', ...rest]: readonly string[]): Value | undefined {
  const value = Object.hasOwn(json, first) ? json[first] : undefined;
  if (value === undefined) return undefined;
  if (rest.length > 0) return typeof value === 'object' && value !== null ? valueAt({ ...value }, rest) : null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

interface NodeShape {
  readonly type: string;
  readonly isCast: boolean;
  readonly select: readonly string[] | undefined;
  readonly expand: readonly ExpandItem[];
}

/** A derived thing in a list of its base type tells its type, and shows what its own type adds unless `$select` is given. */
function writeNode(context: RequestContext, node: MetadataNode, shape: NodeShape): JsonObject {
  const isDerivedNode = node.type !== shape.type;
  return {
    ...(isDerivedNode ? { '@odata.type': `#${NAMESPACE}${node.type}` } : {}),
    ...selectJson(node, shape),
    ...Object.assign({}, ...shape.expand.map((item) => writeLink(context, node, shape, item))),
  };
}

function selectJson(node: MetadataNode, { type, select }: NodeShape): JsonObject {
  if (select === undefined) return node.json;
  const json: JsonObject = {};
  for (const name of select) {
    if (!Object.hasOwn(node.json, name) || (node.type !== type && isDerivedOnly(type, name)))
      throw unknownProperty(name, type);
    json[name] = node.json[name];
  }
  return { ...json, MetadataId: node.json.MetadataId };
}

/** Properties that a base type does not have: they can be selected after a cast only. */
const DERIVED_ONLY: Readonly<Record<string, ReadonlySet<string>>> = {
  AttributeMetadata: new Set([
    ...[
      'MaxLength',
      'Format',
      'FormatName',
      'ImeMode',
      'YomiOf',
      'IsLocalizable',
      'DatabaseLength',
      'FormulaDefinition',
      'SourceTypeMask',
    ],
    ...[
      'MinValue',
      'MaxValue',
      'Precision',
      'PrecisionSource',
      'CalculationOf',
      'IsBaseCurrency',
      'DefaultValue',
      'DefaultFormValue',
      'Targets',
    ],
    ...[
      'DateTimeBehavior',
      'CanChangeDateTimeBehavior',
      'MinSupportedValue',
      'MaxSupportedValue',
      'IsPrimaryImage',
      'MaxHeight',
      'MaxWidth',
      'CanStoreFullImage',
      'MaxSizeInKB',
    ],
  ]),
  OptionSetMetadataBase: new Set(['Options', 'TrueOption', 'FalseOption', 'ParentOptionSetName']),
  RelationshipMetadataBase: new Set([
    ...[
      'ReferencedAttribute',
      'ReferencedEntity',
      'ReferencingAttribute',
      'ReferencingEntity',
      'IsHierarchical',
      'CascadeConfiguration',
    ],
    ...[
      'IntersectEntityName',
      'Entity1LogicalName',
      'Entity2LogicalName',
      'Entity1IntersectAttribute',
      'Entity2IntersectAttribute',
    ],
  ]),
};

function isDerivedOnly(type: string, name: string): boolean {
  return DERIVED_ONLY[type]?.has(name) ?? false;
}

function unknownProperty(name: string, type: string): DynamicsError {
  return queryError(`Could not find a property named '${name}' on type '${NAMESPACE}${type}'.`);
}

function writeLink(context: RequestContext, node: MetadataNode, shape: NodeShape, item: ExpandItem): JsonObject {
  const link = node.type === shape.type ? linkOf(node, item.property) : undefined;
  if (link === undefined) throw unknownProperty(item.property, shape.type);
  const target = link();
  const { property } = item;
  const inner = { isCast: false, select: item.select, expand: item.expand ?? [] };
  if (!Array.isArray(target))
    return { [property]: target === null ? null : writeNode(context, target, { ...inner, type: target.type }) };
  const type = LINKED_SETS[property]?.baseType ?? '';
  const nodes = filterNodes({ nodes: target, type }, item.filter);
  const names = item.select === undefined ? '' : `(${item.select.join(',')})`;
  return {
    [`${property}@odata.context`]: contextUrl(
      context,
      `EntityDefinitions('${String(node.json.LogicalName)}')/${property}${names}`,
    ),
    [property]: nodes.map((it) => writeNode(context, it, { ...inner, type })),
  };
}
