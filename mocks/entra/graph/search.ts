import { type DirectoryObject, textOf } from '../directory-objects.js';
import { badRequest } from './graph-error.js';

const CLAUSE = /\s*(?:"(\w+):([^"]*)"|(AND|OR))/y;
const SEARCHABLE = ['displayName', 'description', 'mail', 'userPrincipalName', 'givenName', 'surname', 'appId'];

/**
 * Compiles `$search`: clauses `"property:words"`, joined by AND and OR, of which AND binds closer. Words match at their beginning, without
 * regard to case. https://learn.microsoft.com/graph/search-query-parameter
 */
export function compileSearch(text: string): (object: DirectoryObject) => boolean {
  const alternatives: ((object: DirectoryObject) => boolean)[][] = [[]];
  CLAUSE.lastIndex = 0;
  const end = text.trimEnd().length;
  let expectsClause = true;
  while (CLAUSE.lastIndex < end) {
    const [match, property, words = '', operator] = CLAUSE.exec(text) ?? [];
    if (match === undefined || expectsClause !== (property !== undefined)) throw invalidSearch(text);
    if (operator === 'OR') alternatives.push([]);
    if (property !== undefined) alternatives.at(-1)?.push(clause(property, words, text));
    expectsClause = property === undefined;
  }
  if (expectsClause) throw invalidSearch(text);
  return (object) => alternatives.some((clauses) => clauses.every((matches) => matches(object)));
}

function clause(property: string, words: string, text: string): (object: DirectoryObject) => boolean {
  if (!SEARCHABLE.includes(property)) throw invalidSearch(text);
  const wanted = wordsOf(words);
  return (object) => {
    const present = wordsOf(textOf(object, property));
    return wanted.every((word) => present.some((other) => other.startsWith(word)));
  };
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function invalidSearch(text: string): Error {
  return badRequest(`Syntax error: ${text}. Search clauses have the form "property:value".`);
}
