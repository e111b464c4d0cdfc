import type { TableMapping } from '../model/mapping.js';
import { findColumn, type Table } from '../model/table.js';
import { childElements, type XmlElement, xml } from '../model/xml.js';
import { isElementPath } from './companions.js';
import { isMade, madeFor } from './made-elements.js';
import { newDocument, newRoot } from './new-document.js';
import { findNamed, putNamed, rootElement, sameElement, withoutChildren } from './schema-document.js';
import { rootName, type Target } from './target.js';

/**
 * The source schema of a target with a link for each lookup that may lead to a mapped table, named as Dynamics names the navigation of a
 * lookup to several tables: `parentcustomerid_account`. It joins the attribute that holds the id to the key of the other schema, leaves both
 * records alone when one is deleted, and shows a record whose link leads nowhere. Links made before that lead to no mapped table any more go.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/database-links.html
 */
export function amendLinks(
  target: Target,
  table: Table,
  mapping: TableMapping,
  mappings: readonly TableMapping[],
): XmlElement | null {
  const document = target.source ?? newHolder(target, table, mapping, mappings);
  const root = document && rootElement(document, rootName(target));
  if (!document || !root) return document;
  const wanted = wantedLinks(target, table, mapping, mappings, root);
  const names = wanted.map((link) => link.attributes.name);
  const kept = withoutChildren(
    root,
    (child) => isMadeLink(child, table.logicalName) && !names.includes(child.attributes.name),
  );
  return putNamed(document, wanted.reduce(putLink, kept));
}

/** The root element without the links that were made for a table. */
export function withoutLinks(root: XmlElement, table: string): XmlElement {
  return withoutChildren(root, (child) => isMadeLink(child, table));
}

/** A source schema without the links that were made to schemas, and keys of them, for which `isGone` holds. */
export function withoutLinksTo(document: XmlElement, isGone: (schema: string, key: string) => boolean): XmlElement {
  return childElements(document, 'element').reduce((next, root) => {
    const kept = withoutChildren(
      root,
      (child) => isLink(child) && isMade(child) && isGone(child.attributes.target ?? '', destinationOf(child)),
    );
    return kept === root ? next : putNamed(next, kept);
  }, document);
}

/** The schemas that links made in a source schema lead to, and the attributes they find records by. */
export function linkedKeys(document: XmlElement): readonly { readonly schema: string; readonly key: string }[] {
  const links = childElements(document, 'element').flatMap((root) => childElements(root, 'element').filter(isLink));
  return links.filter(isMade).map((link) => ({ schema: link.attributes.target ?? '', key: destinationOf(link) }));
}

/** Tells whether an element of a source schema is a link. */
export function isLink(element: XmlElement): boolean {
  return element.name === 'element' && element.attributes.type === 'link';
}

function destinationOf(link: XmlElement): string {
  return childElements(link, 'join')[0]?.attributes['xpath-dst'] ?? '';
}

function isMadeLink(element: XmlElement, table: string): boolean {
  return isLink(element) && element.attributes.desc === madeFor(table);
}

/** An extension that holds nothing but links; null where none is wanted. */
function newHolder(
  target: Target,
  table: Table,
  mapping: TableMapping,
  mappings: readonly TableMapping[],
): XmlElement | null {
  const wanted = wantedLinks(target, table, mapping, mappings, newRoot(target, table));
  return wanted.length === 0 ? null : newDocument(target, table, mapping.account);
}

function wantedLinks(
  target: Target,
  table: Table,
  mapping: TableMapping,
  mappings: readonly TableMapping[],
  root: XmlElement,
): readonly XmlElement[] {
  const taken = takenNames(target, table, root);
  const seen = new Set<string>();
  return mapping.fields.flatMap((field) => {
    const column = findColumn(table, field.column);
    // Of the two fields of a lookup to several tables, the first holds the id.
    if (!column || seen.has(field.column) || field.direction === 'TO_DYNAMICS' || isElementPath(field.path)) return [];
    seen.add(field.column);
    return column.targets.flatMap((lookup) => {
      const destination = mappings.find((one) => one.table === lookup.table);
      if (!destination) return [];
      const name = freeName(`${column.name}_${lookup.table}`, taken);
      const label = column.targets.length > 1 ? `${column.label} (${lookup.table})` : column.label;
      return [linkElement({ name, label, table: table.logicalName, column: column.name }, field.path, destination)];
    });
  });
}

interface LinkFacts {
  readonly name: string;
  readonly label: string;
  readonly table: string;
  readonly column: string;
}

function linkElement(facts: LinkFacts, source: string, destination: TableMapping): XmlElement {
  const attributes = {
    name: facts.name,
    label: facts.label,
    type: 'link',
    target: destination.schema,
    externalJoin: true,
    integrity: 'neutral',
    revIntegrity: 'neutral',
    revLink: `${facts.table}_${facts.column}`,
    desc: madeFor(facts.table),
  };
  return xml('element', attributes, [xml('join', { 'xpath-dst': destination.key, 'xpath-src': source })]);
}

/** A link that says the same already stays as it is held. */
function putLink(root: XmlElement, link: XmlElement): XmlElement {
  const held = findNamed(root, 'element', link.attributes.name ?? '');
  return held && sameElement(held, link) ? root : putNamed(root, link);
}

/** Names, in lower case, that the root has for anything else; a link and an attribute would be one field in the graph. */
function takenNames(target: Target, table: Table, root: XmlElement): ReadonlySet<string> {
  const authored = childElements(root).filter((child) => !isMadeLink(child, table.logicalName));
  const own = new Set(
    childElements(root)
      .filter((child) => isMadeLink(child, table.logicalName))
      .map(nameOf),
  );
  const compiled = target.compiled?.root;
  const described = compiled ? [...compiled.attributes, ...compiled.elements, ...compiled.links] : [];
  const names = [...authored.map(nameOf), ...described.map(({ name }) => name).filter((name) => !own.has(name))];
  return new Set(names.map((name) => name.toLowerCase()));
}

function nameOf(element: XmlElement): string {
  return element.attributes.name ?? '';
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name.toLowerCase()) ? `${name}_link` : name;
}
