import type { ItemizedList, ItemizedValue } from '../model/campaign-schema.js';
import type { OptionSet } from '../model/table.js';
import { distinctOptions } from './made-elements.js';

/** What a Campaign itemized list is to become, and what that changes. */
export interface EnumerationPlan {
  /** The list as it is to be written. */
  readonly list: ItemizedList;
  readonly added: readonly ItemizedValue[];
  /** Values whose label changes, with the new one. */
  readonly updated: readonly ItemizedValue[];
  readonly removed: readonly ItemizedValue[];
  /** Values that Dynamics has no more but that stay: they are added to and not replaced, or records of Campaign hold them. */
  readonly kept: readonly ItemizedValue[];
  readonly conflicts: readonly EnumerationConflict[];
  readonly unchanged: number;
  /** Names of the values to remove. */
  readonly remove: readonly string[];
}

/**
 * REUSED: the number means something else in Dynamics than it did; records of Campaign may still mean the old.
 * BOTH_CHANGED: both sides gave the value a new label, and not the same one.
 * REMOVED_IN_CAMPAIGN: the value was taken out of the list, but is still an option.
 */
export type EnumerationConflictKind = 'REUSED' | 'BOTH_CHANGED' | 'REMOVED_IN_CAMPAIGN';

/** A value that the two sides disagree on. Dynamics has its way; the conflict is told so that a person can look after the records. */
export interface EnumerationConflict {
  readonly kind: EnumerationConflictKind;
  readonly name: string;
  /** The label when the two sides were last synchronized; null where the value was not there. */
  readonly base: string | null;
  readonly dynamics: string;
  readonly campaign: string | null;
}

/** A value as it was when the two sides were last synchronized. `gone`: it was no option any more then, but stayed in the list. */
export interface BaseValue extends ItemizedValue {
  readonly gone?: boolean;
}

export interface EnumerationSides {
  readonly optionSet: OptionSet;
  /** The list in Campaign; null where it is to be made. */
  readonly current: ItemizedList | null;
  /** The options when they were last synchronized; null where they never were. */
  readonly base: readonly BaseValue[] | null;
  readonly mode: 'ADD' | 'REPLACE';
  /** Name of the list. */
  readonly name: string;
  /** Names of the values that records of Campaign hold, of those that `goneValues` tells. */
  readonly used: ReadonlySet<string>;
}

/**
 * Brings the options of a Dynamics choice into a Campaign itemized list: a value's name is the option's number, its label the option's label.
 *
 * What either side changed is told by the options of the last synchronization. A label that Dynamics changed is taken over; one that only
 * Campaign changed stays when adding and is set back when replacing. ADD keeps the values that are no options, in their place, and appends
 * what is new; REPLACE takes the order of the options and removes the others, but for those that records hold.
 */
export function planEnumeration(sides: EnumerationSides): EnumerationPlan {
  const { current, mode, name } = sides;
  const wanted = optionValues(sides.optionSet).map((option) => ({ ...option, label: labelFor(option, sides) }));
  const held = current?.values ?? [];
  const gone = held.filter((value) => !findValue(wanted, value.name));
  const stays = (value: ItemizedValue) => mode === 'ADD' || sides.used.has(value.name);
  const staying = gone.filter(stays);
  const values = mode === 'ADD' ? keepAndAppend(held, wanted) : [...wanted, ...staying];
  const removed = gone.filter((value) => !stays(value));
  const updated = wanted.filter((value) => isRelabelled(findValue(held, value.name), value));
  return {
    list: { name: current?.name ?? name, label: current?.label ?? name, values },
    added: wanted.filter((value) => !findValue(held, value.name)),
    updated,
    removed,
    kept: staying.filter((value) => mode === 'REPLACE' || findValue(sides.base ?? [], value.name)),
    conflicts: findConflicts(sides),
    unchanged: held.length - removed.length - updated.length,
    remove: removed.map((value) => value.name),
  };
}

/** What to keep as the base of the next synchronization: the options, and the values that are options no more but stay in the list. */
export function nextBase(sides: EnumerationSides, plan: EnumerationPlan): readonly BaseValue[] {
  return [...optionValues(sides.optionSet), ...plan.kept.map(({ name, label }) => ({ name, label, gone: true }))];
}

/** The options of a set as values of a list, each number once. */
export function optionValues(optionSet: OptionSet): readonly ItemizedValue[] {
  return distinctOptions(optionSet).map((option) => ({ name: String(option.value), label: option.label }));
}

/** Names of the values of a list that are no options: whether records hold them decides whether they may be removed. */
export function goneValues(optionSet: OptionSet, current: ItemizedList | null): readonly string[] {
  const options = optionValues(optionSet);
  const gone = (current?.values ?? []).filter((value) => !findValue(options, value.name));
  return gone.map((value) => value.name);
}

/** How the two sides hold one value (KEPT: it was no option any more at the last synchronization, and stayed), and which of them changed it. */
export interface ComparedValue {
  readonly name: string;
  readonly dynamics: string | null;
  readonly campaign: string | null;
  /** The label when the two sides were last synchronized; null where the value was not there, or they never were. */
  readonly base: string | null;
  readonly state: ComparedState;
}

export type ComparedState =
  | 'SAME'
  | 'NEW_IN_DYNAMICS'
  | 'RENAMED_IN_DYNAMICS'
  | 'REMOVED_IN_DYNAMICS'
  | 'KEPT'
  | 'ONLY_IN_CAMPAIGN'
  | 'RENAMED_IN_CAMPAIGN'
  | 'DIFFERENT'
  | EnumerationConflictKind;

/** Both sides value by value: the options in their order, then the other values of the list. */
export function compareValues(
  sides: Pick<EnumerationSides, 'optionSet' | 'current' | 'base'>,
): readonly ComparedValue[] {
  const options = optionValues(sides.optionSet);
  const held = sides.current?.values ?? [];
  const conflicts = findConflicts(sides);
  const names = new Set([...options, ...held].map((value) => value.name));
  return [...names].map((name) => {
    const [dynamics, campaign, base] = [options, held, sides.base ?? []].map(
      (all) => findValue(all, name)?.label ?? null,
    );
    const labels = { dynamics: dynamics ?? null, campaign: campaign ?? null, base: base ?? null };
    const conflict = conflicts.find((one) => one.name === name);
    const isKept = findValue(sides.base ?? [], name)?.gone === true;
    return { name, ...labels, state: conflict?.kind ?? stateOf(labels, isKept) };
  });
}

function stateOf(
  { dynamics, campaign, base }: Pick<ComparedValue, 'dynamics' | 'campaign' | 'base'>,
  isKept: boolean,
): ComparedState {
  if (dynamics === campaign) return 'SAME';
  if (dynamics === null && isKept) return 'KEPT';
  if (dynamics === null) return base === null ? 'ONLY_IN_CAMPAIGN' : 'REMOVED_IN_DYNAMICS';
  if (campaign === null) return 'NEW_IN_DYNAMICS';
  if (base === null) return 'DIFFERENT';
  return base === dynamics ? 'RENAMED_IN_CAMPAIGN' : 'RENAMED_IN_DYNAMICS';
}

/** A label that Campaign alone changed is Campaign's own where the list is added to. */
function labelFor(option: ItemizedValue, { current, base, mode }: EnumerationSides): string {
  const held = findValue(current?.values ?? [], option.name);
  const before = findValue(base ?? [], option.name);
  const isOwn = held !== undefined && before?.label === option.label && held.label !== option.label;
  return mode === 'ADD' && isOwn ? held.label : option.label;
}

function findConflicts(
  sides: Pick<EnumerationSides, 'optionSet' | 'current' | 'base'>,
): readonly EnumerationConflict[] {
  const { current, base } = sides;
  if (base === null) return [];
  const options = optionValues(sides.optionSet);
  return options.flatMap((option) => {
    const held = findValue(current?.values ?? [], option.name);
    const kind = conflictOf(option, held, { base, options, hasList: current !== null });
    if (kind === null) return [];
    const before = findValue(base, option.name)?.label ?? null;
    return [{ kind, name: option.name, base: before, dynamics: option.label, campaign: held?.label ?? null }];
  });
}

function conflictOf(
  option: ItemizedValue,
  held: ItemizedValue | undefined,
  known: { readonly base: readonly BaseValue[]; readonly options: readonly ItemizedValue[]; readonly hasList: boolean },
): EnumerationConflictKind | null {
  const before = findValue(known.base, option.name);
  // Where the list has the label already, the two sides agree, whoever changed first.
  if (held?.label === option.label) return null;
  // What stayed in the list when it was no option any more, or never was one, is an option now under another label.
  if (!before || before.gone) return held ? 'REUSED' : null;
  if (!held) return known.hasList ? 'REMOVED_IN_CAMPAIGN' : null;
  if (before.label === option.label) return null;
  if (hasMoved(before, option, known)) return 'REUSED';
  return held.label === before.label ? null : 'BOTH_CHANGED';
}

/** A new label that another number had, or an old one that another number has now, is no rename: the numbers were dealt out anew. */
function hasMoved(
  before: ItemizedValue,
  option: ItemizedValue,
  { base, options }: { readonly base: readonly ItemizedValue[]; readonly options: readonly ItemizedValue[] },
): boolean {
  const isOther = (value: ItemizedValue) => value.name !== option.name;
  const wasElsewhere = base.some((value) => isOther(value) && value.label === option.label);
  return wasElsewhere || options.some((value) => isOther(value) && value.label === before.label);
}

function keepAndAppend(held: readonly ItemizedValue[], wanted: readonly ItemizedValue[]): readonly ItemizedValue[] {
  const kept = held.map((value) => findValue(wanted, value.name) ?? value);
  return [...kept, ...wanted.filter((value) => !findValue(held, value.name))];
}

function isRelabelled(held: ItemizedValue | undefined, value: ItemizedValue): boolean {
  return held !== undefined && held.label !== value.label;
}

function findValue<Value extends ItemizedValue>(values: readonly Value[], name: string): Value | undefined {
  return values.find((value) => value.name === name);
}
