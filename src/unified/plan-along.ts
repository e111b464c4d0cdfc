import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  getArgumentValues,
  getNamedType,
  isObjectType,
} from 'graphql';
import { RequestError } from '../model/errors.js';
import type { AlongList, AlongLookup, Selection } from '../model/query.js';
import { findColumn, type Table } from '../model/table.js';
import type { PlannedAlong } from './loaders.js';
import { createQueryMemo } from './once-per-query.js';
import { type Asked, type RelatedQuery, readRelated, selecting } from './read-related.js';
import {
  fieldSource,
  type LookupSource,
  type RelatedSource,
  type TableTarget,
  type UnifiedTarget,
} from './schema/field-source.js';
import { dynamicsSelection, type FieldNodes, planUnified, type QueryInfo, selectedFields } from './selection.js';
import { mergeSelections } from './selections.js';

/**
 * Plans which related records Dynamics is to bring along with the records of `target` that `nodes` ask for: those that lookups lead to, and
 * the first pages of relationships to many. Undefined where nothing related is asked for. What is asked for wrongly is left to the field
 * that tells so.
 */
export function planAlong(
  info: Asked,
  target: TableTarget | UnifiedTarget,
  nodes: FieldNodes,
): PlannedAlong | undefined {
  // A client may ask for any languages, so that what is planned in them is not kept.
  if (info.languages) return planAnew(info, target, nodes);
  return plans(info, nodes, target.typeName, () => planAnew(info, target, nodes));
}

const plans = createQueryMemo<PlannedAlong | undefined>();

function planAnew(info: Asked, target: TableTarget | UnifiedTarget, nodes: FieldNodes): PlannedAlong | undefined {
  const places = placesOf(info, target, nodes);
  const lookups = planLookups(info, target.table, places);
  const lists = planLists(info, places);
  if (lookups.length === 0 && lists.length === 0) return undefined;
  return {
    lookups,
    lists: lists.map(({ along }) => along),
    tied: lists.map(({ list }) => list),
    signature: JSON.stringify([lookups.map(signatureOf), lists.map(({ list }) => [list.key, list.query.select])]),
  };
}

/**
 * Tells whether fields of the records that `nodes` ask for may take requests besides those for the records and their two sides: lists, lookups
 * that Dynamics cannot bring along, and the Campaign sides of records that a lookup leads to.
 */
export function asksFurther(info: QueryInfo, target: TableTarget | UnifiedTarget, nodes: FieldNodes): boolean {
  return furtherAsked(info, nodes, target.typeName, () =>
    placesOf(info, target, nodes).some((place) => leadsFurther(info, target.table, place)),
  );
}

const furtherAsked = createQueryMemo<boolean>();

function leadsFurther(info: QueryInfo, table: Table, { field, nodes }: Place): boolean {
  const source = fieldSource(field);
  if (source?.kind === 'related') return true;
  if (source?.kind !== 'lookup') return false;
  const targets = findColumn(table, source.column)?.targets ?? [];
  return targets.some(({ navigation, table: name }) => {
    const target = source.targets.get(name);
    if (!target || placesOf(info, target, nodes).length === 0) return false;
    if (navigation === null || !leadsToOne(table, navigation)) return true;
    const isOfBoth = target.system === 'unified' && planUnified(info, target, nodes).campaign !== null;
    return isOfBoth || asksFurther(info, target, nodes);
  });
}

/** A field of the record, and where it is asked for. */
interface Place {
  readonly field: GraphQLField<unknown, unknown>;
  readonly nodes: FieldNodes;
}

/** The fields asked of a Dynamics record; of a unified one those of its Dynamics side too. */
function placesOf(info: QueryInfo, target: TableTarget | UnifiedTarget, nodes: FieldNodes): readonly Place[] {
  const type = info.schema.getType(target.typeName);
  return isObjectType(type) ? fieldsOf(info, type, nodes) : [];
}

function fieldsOf(info: QueryInfo, type: GraphQLObjectType, nodes: FieldNodes): readonly Place[] {
  const fields = type.getFields();
  return [...selectedFields(info, type, nodes)].flatMap(([name, places]): readonly Place[] => {
    const field = fields[name];
    if (!field) return [];
    const inner = getNamedType(field.type);
    if (fieldSource(field)?.kind !== 'dynamics' || !isObjectType(inner)) return [{ field, nodes: places }];
    return fieldsOf(info, inner, places);
  });
}

function planLookups(info: Asked, table: Table, places: readonly Place[]): readonly AlongLookup[] {
  const lookups = new Map<string, AlongLookup>();
  for (const { field, nodes } of places) {
    const source = fieldSource(field);
    if (source?.kind !== 'lookup') continue;
    for (const lookup of planLookup(info, table, source, nodes)) {
      const known = lookups.get(lookup.navigation);
      lookups.set(lookup.navigation, known ? mergeLookups(known, lookup) : lookup);
    }
  }
  return [...lookups.values()];
}

function planLookup(info: Asked, table: Table, source: LookupSource, nodes: FieldNodes): readonly AlongLookup[] {
  const targets = findColumn(table, source.column)?.targets ?? [];
  return targets.flatMap(({ navigation, table: name }): readonly AlongLookup[] => {
    const target = source.targets.get(name);
    if (!target || navigation === null || !leadsToOne(table, navigation)) return [];
    const select = selectionOf(info, target, nodes);
    // The reference alone tells the id.
    if (select.fields.every((column) => column === target.table.primaryId)) return [];
    const lookups = planLookups(info, target.table, placesOf(info, target, nodes));
    return [{ navigation, from: target.table, select, lookups }];
  });
}

/** `ownerid` leads to users and teams, and so to what all of those have in common. */
function leadsToOne(table: Table, navigation: string): boolean {
  const targets = table.columns.flatMap((column) => column.targets);
  return targets.filter((target) => target.navigation === navigation).length === 1;
}

function selectionOf(info: Asked, target: TableTarget | UnifiedTarget, nodes: FieldNodes): Selection {
  if (target.system === 'unified') return planUnified(info, target, nodes).dynamics ?? { fields: [] };
  return dynamicsSelection(info, target.typeName, nodes);
}

function mergeLookups(one: AlongLookup, other: AlongLookup): AlongLookup {
  const lookups = new Map(one.lookups.map((lookup) => [lookup.navigation, lookup]));
  for (const lookup of other.lookups) {
    const known = lookups.get(lookup.navigation);
    lookups.set(lookup.navigation, known ? mergeLookups(known, lookup) : lookup);
  }
  return { ...one, select: mergeSelections(one.select, other.select), lookups: [...lookups.values()] };
}

type ListAlong = RelatedQuery & { readonly along: AlongList };

/** The lists that may come along, those asked for alike as one. */
function planLists(info: Asked, places: readonly Place[]): readonly ListAlong[] {
  const planned = new Map<string, ListAlong>();
  for (const { field, nodes } of places) {
    const source = fieldSource(field);
    if (source?.kind !== 'related') continue;
    for (const node of nodes) {
      const related = readPlace(info, field, source, node);
      if (!related || !mayComeAlong(related)) continue;
      const known = planned.get(related.list.key);
      const whole = known ? selecting(related, known.list.query.select) : related;
      if (mayComeAlong(whole)) planned.set(related.list.key, whole);
    }
  }
  return [...planned.values()];
}

function mayComeAlong(related: RelatedQuery): related is ListAlong {
  return related.along !== null;
}

function readPlace(
  info: Asked,
  field: GraphQLField<unknown, unknown>,
  source: RelatedSource,
  node: FieldNode,
): RelatedQuery | null {
  try {
    return readRelated(info, field, source, [node], getArgumentValues(field, node, info.variableValues));
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

function signatureOf({ navigation, select, lookups }: AlongLookup): unknown {
  return [navigation, select, lookups.map(signatureOf)];
}
