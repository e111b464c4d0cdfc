import { remembering } from '../memo.js';
import type { ExpandItem, OrderItem } from './ast.js';
import { ODataSyntaxError, ODataUnsupportedError } from './errors.js';
import { type ParseOptions, parseFilter } from './parser.js';
import { splitAtTopLevel } from './split.js';

/** How many results of each kind are remembered. */
const RECENT = 100;

/**
 * Takes a raw query (without its `?`) apart: name to value, both percent-decoded, `+` as a space. Names are case-sensitive.
 * System options have their `$`, aliases their `@`; the map may be given to the parsers as `aliases`.
 * An option that is given twice, or is badly encoded, is an `ODataSyntaxError`.
 */
export const parseQueryOptions = remembering(RECENT, (search: string): ReadonlyMap<string, string> => {
  const options = new Map<string, string>();
  let position = 0;
  for (const part of search.split('&')) {
    const mark = part.indexOf('=');
    const name = decode(mark < 0 ? part : part.slice(0, mark), position);
    if (options.has(name)) {
      throw new ODataSyntaxError(
        `Query option '${name}' was specified more than once, but it must be specified at most once.`,
        position,
      );
    }
    if (name !== '') options.set(name, mark < 0 ? '' : decode(part.slice(mark + 1), position + mark + 1));
    position += part.length + 1;
  }
  return options;
});

/** Parses a `$select`: `name,_ownerid_value`. An empty one selects nothing but the key; `*` stays for the caller to judge. */
export const parseSelect = remembering(RECENT, (text: string): readonly string[] =>
  splitAtTopLevel(text, ',').map(({ text: name, position }) => {
    if (name === '*' || isName(name)) return name;
    throw new ODataSyntaxError(
      `Term '${name}' is not valid in a $select expression at position ${position}.`,
      position,
    );
  }),
);

/** Parses an `$orderby`: `revenue desc,name asc,primarycontactid/fullname`. A name may be a parameter alias. */
export function parseOrderBy(text: string, { aliases = new Map() }: ParseOptions = {}): OrderItem[] {
  return splitAtTopLevel(text, ',').map(({ text: item, position }) => {
    const [name = '', direction = 'asc', ...rest] = item.split(/\s+/);
    const path = (name.startsWith('@') ? (aliases.get(name) ?? '') : name).split('/');
    if (!path.every(isName) || rest.length > 0 || (direction !== 'asc' && direction !== 'desc')) {
      throw new ODataSyntaxError(
        `Syntax error at position ${position} in '${text}': '${item}' is not a property with asc or desc.`,
        position,
      );
    }
    return { path, descending: direction === 'desc' };
  });
}

/** Parses a `$top` or another count: digits only. */
export function parseTop(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ODataSyntaxError(
    `Invalid value '${text}' for $top query option found. The $top query option requires a non-negative integer value.`,
    0,
  );
}

/** Dataverse allows this many `$expand` entries in a query, those in parentheses included. */
const MAX_EXPANDS = 15;

/** Parses an `$expand`: `primarycontactid($select=fullname;$expand=createdby),ownerid/$ref`. Aliases are not known inside it. */
export const parseExpand = remembering(RECENT, (text: string): readonly ExpandItem[] =>
  parseExpandItems(text, { left: MAX_EXPANDS }),
);

function parseExpandItems(text: string, budget: { left: number }): ExpandItem[] {
  return splitAtTopLevel(text, ',').map(({ text: item, position }) => {
    budget.left -= 1;
    if (budget.left < 0) throw new ODataUnsupportedError(`A query may hold at most ${MAX_EXPANDS} $expand options.`);
    const [, property = '', ref, options] = /^([\p{L}_][\p{L}\p{N}_]*)(\/\$ref)?\s*(?:\((.*)\))?$/su.exec(item) ?? [];
    if (property === '')
      throw new ODataSyntaxError(
        `Term '${item}' is not valid in a $expand expression at position ${position}.`,
        position,
      );
    return { property, ref: ref !== undefined, ...parseExpandOptions(options ?? '', budget) };
  });
}

function parseExpandOptions(text: string, budget: { left: number }): Omit<ExpandItem, 'property' | 'ref'> {
  const seen = new Set<string>();
  const parsed = splitAtTopLevel(text, ';').map(({ text: option, position }) => {
    const mark = option.indexOf('=');
    const name = option.slice(0, Math.max(mark, 0)).trim();
    if (mark < 0 || seen.has(name))
      throw new ODataSyntaxError(
        `'${option}' is not valid at position ${position} of the options of $expand.`,
        position,
      );
    seen.add(name);
    return parseExpandOption(name, option.slice(mark + 1).trim(), budget);
  });
  return Object.assign({}, ...parsed);
}

function parseExpandOption(name: string, value: string, budget: { left: number }): Partial<ExpandItem> {
  switch (name) {
    case '$select':
      return { select: parseSelect(value) };
    case '$filter':
      return { filter: parseFilter(value) };
    case '$orderby':
      return { orderBy: parseOrderBy(value) };
    case '$top':
      return { top: parseTop(value) };
    case '$expand':
      return { expand: parseExpandItems(value, budget) };
    default:
      throw new ODataUnsupportedError(`The query option '${name}' is not supported inside $expand.`);
  }
}

function isName(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(text);
}

function decode(text: string, position: number): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new ODataSyntaxError(`The query is not well percent-encoded at position ${position}.`, position);
  }
}
