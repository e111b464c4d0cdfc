import type { Table } from '../model/table.js';
import { type XmlElement, xml } from '../model/xml.js';
import { madeFor } from './made-elements.js';
import { rootName, type Target } from './target.js';

/** The source schema to begin a target with: a schema made for the table, or an extension of the one that exists. */
export function newDocument(target: Target, table: Table, account: string): XmlElement {
  const [namespace, name] = target.document.split(':');
  return xml(
    'srcSchema',
    {
      xtkschema: 'xtk:srcSchema',
      entitySchema: 'xtk:srcSchema',
      namespace,
      name,
      extendedSchema: target.compiled ? target.schema : null,
      label: target.compiled?.label ?? table.pluralLabel,
      labelSingular: target.compiled?.labelSingular ?? table.label,
      desc: madeFor(table.logicalName).replace(/\.$/, ` of external account '${account}'.`),
      mappingType: 'sql',
    },
    [newRoot(target, table)],
  );
}

/** Its root element, without attributes yet. */
export function newRoot(target: Target, table: Table): XmlElement {
  if (target.compiled) return xml('element', { name: rootName(target) });
  return xml('element', { name: rootName(target), label: table.label, autopk: true });
}
