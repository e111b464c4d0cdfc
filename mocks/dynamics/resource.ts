import { type AddressedRow, addressRow, requireRow } from './addressed-row.js';
import { type RequestContext, rowUrl } from './context.js';
import { queryError, unknownSegment } from './errors.js';
import { lookedUp, relatedIds } from './query/related.js';
import type { Segment } from './resource-path.js';
import type {
  LookupNavigation,
  ManyToManyNavigation,
  Navigation,
  OneToManyNavigation,
  Property,
  Table,
} from './tables.js';

/** What a path below an entity set addresses. `path` is the part of the URL after the base. */
export type Resource =
  | CollectionResource
  | (CollectionResource & { readonly kind: 'count' })
  | { readonly kind: 'row'; readonly address: AddressedRow; readonly path: string }
  | { readonly kind: 'empty-lookup' }
  | {
      readonly kind: 'property';
      readonly address: AddressedRow;
      readonly property: Property;
      readonly isRawValue: boolean;
      readonly path: string;
    }
  | ReferenceResource
  | {
      readonly kind: 'bound';
      readonly table: Table;
      readonly address: AddressedRow | null;
      readonly operation: string;
    };

export interface CollectionResource {
  readonly kind: 'collection' | 'count';
  readonly table: Table;
  /** Null: the whole entity set. */
  readonly ids: Iterable<string> | null;
  /** The row and the property that the collection hangs on; null for an entity set. */
  readonly parent: {
    readonly address: AddressedRow;
    readonly navigation: OneToManyNavigation | ManyToManyNavigation;
  } | null;
  readonly path: string;
}

/** `accounts(id)/primarycontactid/$ref`, `accounts(id)/contact_customer_accounts(id2)/$ref`. */
export interface ReferenceResource {
  readonly kind: 'reference';
  readonly address: AddressedRow;
  readonly navigation: Navigation;
  /** The id in parentheses after a collection. */
  readonly memberId: string | null;
}

/** Finds what the segments of a path address. @throws DynamicsError 404 naming the segment that leads nowhere. */
export function resolveResource(context: RequestContext, segments: readonly Segment[]): Resource {
  const [first, ...rest] = segments;
  const table = context.tables.bySetName.get(first?.name ?? '');
  if (first === undefined || table === undefined) throw unknownSegment(first?.name ?? '');
  const path = pathOf(first);
  if (first.key !== null) return belowRow(context, addressRow(context, table, first.key), rest, path);
  return belowCollection({ kind: 'collection', table, ids: null, parent: null, path }, rest);
}

function belowCollection(collection: CollectionResource, [next, ...rest]: readonly Segment[]): Resource {
  if (next === undefined) return collection;
  if (next.name === '$count' && rest.length === 0) return { ...collection, kind: 'count' };
  const operation = boundOperation(next);
  if (operation !== null && rest.length === 0)
    return { kind: 'bound', table: collection.table, address: null, operation };
  throw unknownSegment(next.name);
}

function belowRow(
  context: RequestContext,
  address: AddressedRow,
  segments: readonly Segment[],
  path: string,
): Resource {
  const [next, ...rest] = segments;
  if (next === undefined) return { kind: 'row', address, path };
  const { table } = address;
  const property = table.properties.get(next.name);
  if (property !== undefined) return propertyResource(address, property, { rest, path: `${path}/${next.name}` });
  const operation = boundOperation(next);
  if (operation !== null && rest.length === 0) return { kind: 'bound', table, address, operation };
  const navigation = table.navigation.get(next.name);
  if (navigation === undefined) throw unknownSegment(next.name);
  if (rest[0]?.name === '$ref') return { kind: 'reference', address, navigation, memberId: memberId(next) };
  if (navigation.kind === 'lookup') return belowLookup(context, { address, navigation, rest });
  return belowRelated(context, { address, navigation, next, rest, path: `${path}/${next.name}` });
}

function propertyResource(
  address: AddressedRow,
  property: Property,
  { rest, path }: { readonly rest: readonly Segment[]; readonly path: string },
): Resource {
  const isRawValue = rest[0]?.name === '$value';
  if (rest.length > (isRawValue ? 1 : 0)) throw unknownSegment(rest[0]?.name ?? '');
  return { kind: 'property', address, property, isRawValue, path };
}

function belowLookup(
  context: RequestContext,
  {
    address,
    navigation,
    rest,
  }: { readonly address: AddressedRow; readonly navigation: LookupNavigation; readonly rest: readonly Segment[] },
): Resource {
  const target = lookedUp(context.store, { table: address.table, row: requireRow(address) }, navigation);
  if (target === undefined) return { kind: 'empty-lookup' };
  const id = String(target.row[target.table.definition.primaryId]);
  const found: AddressedRow = { table: target.table, id, row: target.row, keyValues: null };
  return belowRow(context, found, rest, rowUrl(context, target.table.name, id).slice(context.base.length));
}

interface RelatedPath {
  readonly address: AddressedRow;
  readonly navigation: OneToManyNavigation | ManyToManyNavigation;
  readonly next: Segment;
  readonly rest: readonly Segment[];
  readonly path: string;
}

function belowRelated(context: RequestContext, { address, navigation, next, rest, path }: RelatedPath): Resource {
  const table = context.tables.get(navigation.table);
  const ids = relatedIds(context.store, { table: address.table, row: requireRow(address) }, navigation);
  if (next.key === null)
    return belowCollection({ kind: 'collection', table, ids, parent: { address, navigation }, path }, rest);
  const member = addressRow(context, table, next.key);
  const isRelated = member.id !== null && [...ids].includes(member.id);
  return belowRow(context, isRelated ? member : { ...member, row: undefined }, rest, path);
}

function boundOperation(segment: Segment): string | null {
  const namespace = 'Microsoft.Dynamics.CRM.';
  return segment.name.startsWith(namespace) ? segment.name.slice(namespace.length) : null;
}

function memberId(segment: Segment): string | null {
  if (segment.key === null) return null;
  if (segment.key.kind !== 'id') throw queryError('The key of a related row in a $ref must be its id.');
  return segment.key.id;
}

function pathOf({ name, key }: Segment): string {
  if (key === null) return name;
  if (key.kind === 'id') return `${name}(${key.id})`;
  if (key.kind === 'none') return `${name}()`;
  return `${name}(${[...key.values].map(([property, value]) => `${property}=${quote(value)}`).join(',')})`;
}

function quote(value: string): string {
  return /^-?\d+(\.\d+)?$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`;
}
