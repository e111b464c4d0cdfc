import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Selection } from '../model/query.js';
import { createSlot } from '../model/slot.js';
import { createQueryMemo } from './once-per-query.js';
import { fieldSource, type UnifiedTarget } from './schema/field-source.js';
import { mergeSelections, NOTHING } from './selections.js';

/** What of the resolve info tells which fields a query asks for. */
export type QueryInfo = Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>;

/** The places in a query that ask for one field of one object, aliases and fragments taken together. */
export type FieldNodes = readonly FieldNode[];

/**
 * The fields asked of an object of `type` below `nodes`, by field name. Fragments are opened, `@skip` and `@include` applied, and
 * aliases of one field taken together.
 */
export function selectedFields(
  info: QueryInfo,
  type: GraphQLObjectType,
  nodes: FieldNodes,
): ReadonlyMap<string, FieldNodes> {
  const fields = new Map<string, FieldNode[]>();
  const opened = new Set<string>();

  function collect(set: SelectionSetNode): void {
    for (const node of set.selections) {
      if (!isIncluded(info, node)) continue;
      if (node.kind === Kind.FIELD) add(node);
      else if (node.kind === Kind.INLINE_FRAGMENT) collectOn(node.typeCondition?.name.value, node.selectionSet);
      else spread(node.name.value);
    }
  }

  function add(node: FieldNode): void {
    const known = fields.get(node.name.value);
    if (known) known.push(node);
    else fields.set(node.name.value, [node]);
  }

  function spread(name: string): void {
    const fragment = info.fragments[name];
    if (!fragment || opened.has(name)) return;
    opened.add(name);
    collectOn(fragment.typeCondition.name.value, fragment.selectionSet);
  }

  function collectOn(condition: string | undefined, set: SelectionSetNode): void {
    if (condition === undefined || appliesTo(info.schema.getType(condition), type, info)) collect(set);
  }

  for (const node of nodes) if (node.selectionSet) collect(node.selectionSet);
  return fields;
}

function isIncluded(info: QueryInfo, node: SelectionSetNode['selections'][number]): boolean {
  if (!node.directives?.length) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, info.variableValues)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, info.variableValues)?.if !== false;
}

function appliesTo(condition: GraphQLNamedType | undefined, type: GraphQLObjectType, info: QueryInfo): boolean {
  if (condition?.name === type.name) return true;
  return isAbstractType(condition) && info.schema.isSubType(condition, type);
}

/** The places below the field being resolved that ask for a field of its object, as for `record` of a payload. */
export function nodesBelow(
  info: QueryInfo & Pick<GraphQLResolveInfo, 'returnType' | 'fieldNodes'>,
  field: string,
): FieldNodes {
  const type = getNamedType(info.returnType);
  return isObjectType(type) ? (selectedFields(info, type, info.fieldNodes).get(field) ?? []) : [];
}

/** The columns that `nodes` ask of a Dynamics record shown as `typeName`. Related records are read by requests of their own. */
export function dynamicsSelection(info: QueryInfo, typeName: string, nodes: FieldNodes): Selection {
  return columns(info, nodes, typeName, () => readColumns(info, typeName, nodes));
}

const columns = createQueryMemo<Selection>();

function readColumns(info: QueryInfo, typeName: string, nodes: FieldNodes): Selection {
  const type = objectType(info, typeName);
  const columns: string[] = [];
  for (const name of selectedFields(info, type, nodes).keys()) {
    const source = fieldSource(type.getFields()[name]);
    if (source?.kind === 'column' || source?.kind === 'lookup') columns.push(source.column);
  }
  return { fields: columns };
}

/** The attributes that `nodes` ask of a Campaign record shown as `typeName`, with those of its elements and of the records it links to. */
export function campaignSelection(info: QueryInfo, typeName: string, nodes: FieldNodes): Selection {
  return attributes(info, nodes, typeName, () => readAttributes(info, typeName, nodes, ''));
}

const attributes = createQueryMemo<Selection>();

function readAttributes(info: QueryInfo, typeName: string, nodes: FieldNodes, prefix: string): Selection {
  const type = objectType(info, typeName);
  const parts: Selection[] = [];
  for (const [name, inner] of selectedFields(info, type, nodes)) {
    const field = type.getFields()[name];
    const source = fieldSource(field);
    if (!field || !source) continue;
    const innerType = getNamedType(field.type).name;
    if (source.kind === 'attribute') parts.push({ fields: [`${prefix}${source.name}`] });
    if (source.kind === 'element') parts.push(readAttributes(info, innerType, inner, `${prefix}${source.name}/`));
    if (source.kind === 'collection') parts.push({ fields: source.join.map((pair) => `${prefix}${pair.source}`) });
    if (source.kind === 'link') {
      const linked = mergeSelections({ fields: source.key }, readAttributes(info, innerType, inner, ''));
      parts.push({ fields: [], nested: { [`${prefix}${source.name}`]: linked } });
    }
  }
  return mergeSelections(...parts);
}

/** What a unified record needs of either system; null of a system that nothing asked for needs. */
export interface UnifiedPlan {
  readonly dynamics: Selection | null;
  readonly campaign: Selection | null;
}

/** Plans one read of each system for all that `nodes` ask of a unified record. */
export function planUnified(info: QueryInfo, target: UnifiedTarget, nodes: FieldNodes): UnifiedPlan {
  return sides(info, nodes, target.typeName, () => planSides(info, target, nodes));
}

const sides = createQueryMemo<UnifiedPlan>();

function planSides(info: QueryInfo, target: UnifiedTarget, nodes: FieldNodes): UnifiedPlan {
  const type = objectType(info, target.typeName);
  const dynamics: Selection[] = [];
  const campaign: Selection[] = [];
  for (const [name, inner] of selectedFields(info, type, nodes)) {
    const field = type.getFields()[name];
    const source = fieldSource(field);
    if (!field || !source) continue;
    const innerType = getNamedType(field.type).name;
    if (source.kind === 'column' || source.kind === 'lookup') dynamics.push({ fields: [source.column] });
    if (source.kind === 'dynamics') dynamics.push(dynamicsSelection(info, innerType, inner));
    if (source.kind === 'campaign') campaign.push(campaignSelection(info, innerType, inner));
    if (source.kind === 'syncState' || source.kind === 'drift') {
      dynamics.push(target.compared.dynamics);
      campaign.push(target.compared.campaign);
    }
  }
  return { dynamics: mergeSome(dynamics), campaign: mergeSome(campaign) };
}

function mergeSome(selections: readonly Selection[]): Selection | null {
  return selections.length === 0 ? null : mergeSelections(NOTHING, ...selections);
}

/**
 * Computes once for a place in a query what its fields are asked for, not once for each record of a list. The variables are part of
 * the place, since `@skip` and `@include` read them.
 */
export function oncePerPlace<Value>(info: GraphQLResolveInfo, name: string, compute: () => Value): Value {
  const places = placesOf.get(info.variableValues) ?? new WeakMap<FieldNodes, Map<string, unknown>>();
  placesOf.set(info.variableValues, places);
  const values = places.get(info.fieldNodes) ?? new Map<string, unknown>();
  places.set(info.fieldNodes, values);
  if (!values.has(name)) values.set(name, compute());
  // Only this call, with this name, stored the value.
  return values.get(name) as Value;
}

const placesOf = createSlot<WeakMap<FieldNodes, Map<string, unknown>>>();

function objectType(info: QueryInfo, name: string): GraphQLObjectType {
  const type = info.schema.getType(name);
  if (isObjectType(type)) return type;
  throw new Error(`Expected ${name} to be an object type of the GraphQL schema being served.`);
}
