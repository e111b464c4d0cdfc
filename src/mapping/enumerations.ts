import type { ItemizedList, ItemizedValue } from '../model/campaign-schema.js';
import type { OptionSet, Table } from '../model/table.js';
import { childElements, type XmlElement } from '../model/xml.js';
import { enumerationElement } from './made-elements.js';
import { enumerationName } from './names.js';
import { putEnumeration } from './schema-document.js';

/** What a Campaign itemized list is to become, and what that changes. */
export interface EnumerationPlan {
  /** The list as it is to be written. */
  readonly list: ItemizedList;
  readonly added: readonly ItemizedValue[];
  /** Values whose label changes, with the new one. */
  readonly updated: readonly ItemizedValue[];
  readonly removed: readonly ItemizedValue[];
  readonly unchanged: number;
  /** Names of the values to remove. */
  readonly remove: readonly string[];
}

/**
 * Brings the options of a Dynamics choice into a Campaign itemized list: a value's name is the option's number, its label the option's label.
 *
 * ADD keeps the values that are not options, in their place, and appends what is new; REPLACE removes them and takes the order of the options.
 * `current` is null where the list is to be made under `name`.
 */
export function planEnumeration(
  optionSet: OptionSet,
  current: ItemizedList | null,
  mode: 'ADD' | 'REPLACE',
  name: string,
): EnumerationPlan {
  const wanted = optionSet.options.map((option) => ({ name: String(option.value), label: option.label }));
  const held = current?.values ?? [];
  const kept = mode === 'ADD' ? keepAndAppend(held, wanted) : wanted;
  const removed = held.filter((value) => !findValue(kept, value.name));
  const updated = kept.filter((value) => isRelabelled(findValue(held, value.name), value));
  const added = kept.filter((value) => !findValue(held, value.name));
  return {
    list: { name: current?.name ?? name, label: current?.label ?? name, values: kept },
    added,
    updated,
    removed,
    unchanged: held.length - removed.length - updated.length,
    remove: removed.map((value) => value.name),
  };
}

/**
 * A source schema with the enumerations that were made for columns of these tables brought up to the options of today.
 * Gives back the document itself where none changed; enumerations of any other origin are left as they are.
 */
export function refreshEnumerations(document: XmlElement, tables: readonly Table[]): XmlElement {
  const held = new Set(childElements(document, 'enumeration').map((enumeration) => enumeration.attributes.name));
  let refreshed = document;
  for (const table of tables) {
    for (const column of table.columns) {
      if (!held.has(enumerationName(table.logicalName, column.name))) continue;
      const enumeration = enumerationElement(table, column);
      if (enumeration) refreshed = putEnumeration(refreshed, enumeration);
    }
  }
  return refreshed;
}

function keepAndAppend(held: readonly ItemizedValue[], wanted: readonly ItemizedValue[]): readonly ItemizedValue[] {
  const kept = held.map((value) => findValue(wanted, value.name) ?? value);
  return [...kept, ...wanted.filter((value) => !findValue(held, value.name))];
}

function isRelabelled(held: ItemizedValue | undefined, value: ItemizedValue): boolean {
  return held !== undefined && held.label !== value.label;
}

function findValue(values: readonly ItemizedValue[], name: string): ItemizedValue | undefined {
  return values.find((value) => value.name === name);
}
