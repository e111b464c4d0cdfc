import { childrenNamed, type XmlElement, xml } from '../xml.js';

/** A clause of a query by its name. Adobe's examples write `groupBy` and `groupby`, `orderBy` and `orderby`: both are taken. */
export function clause(query: XmlElement, name: string): XmlElement | undefined {
  const lower = name.toLowerCase();
  return (
    query.children.find((child) => child.name === name) ??
    query.children.find((child) => child.name.toLowerCase() === lower)
  );
}

/** The `node`s of a clause; none where the clause is missing. */
export function nodesOf(query: XmlElement, name: string): readonly XmlElement[] {
  return childrenNamed(clause(query, name) ?? xml(name), 'node');
}
