import type { Column, Option, OptionSet, Table } from '../model/table.js';
import { type XmlElement, xml } from '../model/xml.js';
import type { AttributeShape } from './attribute-types.js';
import { enumerationName } from './names.js';

/** Marks what we made, so that it and nothing else is changed or removed later. It stands in `desc`, where a person sees it too. */
export function madeFor(table: string): string {
  return `${MARK} for table '${table}'.`;
}

/** Tells whether an element of a source schema carries our mark. */
export function isMade(element: XmlElement): boolean {
  return element.attributes.desc?.startsWith(MARK) ?? false;
}

/** The attribute for a column: `<attribute name label type length enum desc/>`, or the element that holds a memo. */
export function attributeElement(
  name: string,
  facts: {
    readonly label: string;
    readonly shape: AttributeShape;
    readonly enumeration?: string;
    readonly desc?: string;
  },
): XmlElement {
  return xml(facts.shape.type === 'memo' ? 'element' : 'attribute', {
    name,
    label: facts.label,
    type: facts.shape.type,
    length: facts.shape.length,
    enum: facts.shape.enumerated ? facts.enumeration : null,
    desc: facts.desc,
  });
}

/** The enumeration for a choice column, labelled as Campaign's own connector does; null where the column has no options. */
export function enumerationElement(table: Table, column: Column): XmlElement | null {
  if (!column.optionSet) return null;
  const values = distinctOptions(column.optionSet).map((option) =>
    xml('value', { name: option.value, label: option.label, value: option.value }),
  );
  const name = enumerationName(table.logicalName, column.name);
  return xml(
    'enumeration',
    { basetype: 'string', name, label: `List of '${column.label}' from '${table.label}'` },
    values,
  );
}

/** A key over one attribute. */
export function keyElement(name: string, path: string, facts: Readonly<Record<string, boolean>> = {}): XmlElement {
  return xml('key', { name, ...facts }, [xml('keyfield', { xpath: path })]);
}

/** The options, each number once: an option set may name one twice, but an enumeration of Campaign's may not. The first counts. */
export function distinctOptions({ options }: OptionSet): readonly Option[] {
  const values = new Set<number>();
  return options.filter(({ value }) => !values.has(value) && values.add(value));
}

const MARK = 'Made by Isthmus';
