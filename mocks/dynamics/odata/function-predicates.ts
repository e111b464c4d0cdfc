import type { FunctionNode, Value } from './ast.js';
import { dateRange } from './date-ranges.js';
import { ODataUnsupportedError } from './errors.js';
import { compareWithText, foldCase, isMoment, NULL_MATCHES_NEGATION } from './values.js';

/** What query functions need to know beyond a value: the time, and who asks. A function whose part is missing is refused. */
export interface Asker {
  now(): Date;
  /** `systemuserid` of the user who asks. */
  readonly userId: string;
  readonly businessUnitId?: string;
  readonly teamIds?: readonly string[];
  /** Locale id of the user's language, 1033. */
  readonly languageCode?: number;
  /** The ids above a row in the hierarchy of its table, nearest first. */
  ancestorsOf?(id: string): readonly string[];
}

export type FunctionPredicate = (value: Value, asker: Asker) => boolean;

/**
 * Makes the test that a query function applies to the value of its property. A function that asks for what the asker
 * does not know is refused with `ODataUnsupportedError`.
 */
export function compileFunction({ name, values }: FunctionNode): FunctionPredicate {
  const texts = values.map(({ value }) => (value === null ? '' : String(value)));
  return (
    compileList(name, texts) ??
    compileUser(name) ??
    compileHierarchy(name, texts) ??
    compileFullText(name, texts) ??
    compileFiscalPeriod(name, texts) ??
    compileDate(name, texts)
  );
}

function compileList(name: string, texts: readonly string[]): FunctionPredicate | null {
  switch (name) {
    case 'In':
      return isIn(texts);
    case 'NotIn':
      return negated(isIn(texts));
    case 'Between':
      return isBetween(texts);
    case 'NotBetween':
      return (value, asker) => value !== null && !isBetween(texts)(value, asker);
    case 'ContainValues':
      return holdsAny(texts);
    case 'DoesNotContainValues':
      return negated(holdsAny(texts));
    default:
      return null;
  }
}

function negated(predicate: FunctionPredicate): FunctionPredicate {
  return (value, asker) => (value === null ? NULL_MATCHES_NEGATION : !predicate(value, asker));
}

/** A list may hold hundreds of ids and meet every row of a table, so values are looked up rather than compared one by one. */
function isIn(texts: readonly string[]): FunctionPredicate {
  const folded = new Set(texts.map(foldCase));
  const moments = new Set(texts.filter(isMoment).map((text) => Date.parse(text)));
  const numbers = new Set(texts.filter((text) => text.trim() !== '').map(Number));
  return (value) => {
    if (typeof value === 'number') return numbers.has(value);
    if (typeof value === 'boolean') return texts.some((text) => compareWithText(value, text) === 0);
    if (value === null) return false;
    return folded.has(foldCase(value)) || (moments.size > 0 && isMoment(value) && moments.has(Date.parse(value)));
  };
}

function isBetween([from = '', to = '']: readonly string[]): FunctionPredicate {
  return (value) => value !== null && compareWithText(value, from) >= 0 && compareWithText(value, to) <= 0;
}

/** A multi-select choice is text: `1,3`. */
function holdsAny(texts: readonly string[]): FunctionPredicate {
  const wanted = new Set(texts);
  return (value) =>
    value !== null &&
    String(value)
      .split(',')
      .some((option) => wanted.has(option.trim()));
}

function compileUser(name: string): FunctionPredicate | null {
  switch (name) {
    case 'EqualUserId':
      return (value, { userId }) => isId(value, userId);
    case 'NotEqualUserId':
      return negated((value, { userId }) => isId(value, userId));
    case 'EqualBusinessId':
      return (value, { businessUnitId }) => isId(value, known(name, businessUnitId));
    case 'NotEqualBusinessId':
      return negated((value, { businessUnitId }) => isId(value, known(name, businessUnitId)));
    case 'EqualUserTeams':
      return (value, { teamIds }) => known(name, teamIds).some((id) => isId(value, id));
    case 'EqualUserOrUserTeams':
      return (value, { teamIds, userId }) => [userId, ...known(name, teamIds)].some((id) => isId(value, id));
    case 'EqualUserOrUserHierarchy':
      return (value, asker) => isOfHierarchy(name, value, asker);
    case 'EqualUserOrUserHierarchyAndTeams':
      return (value, asker) =>
        isOfHierarchy(name, value, asker) || known(name, asker.teamIds).some((id) => isId(value, id));
    case 'EqualUserLanguage':
      return (value, { languageCode }) => value === known(name, languageCode);
    default:
      return null;
  }
}

/** The user, or who reports to the user over any number of managers. */
function isOfHierarchy(name: string, value: Value, { userId, ancestorsOf }: Asker): boolean {
  if (typeof value !== 'string') return false;
  return isId(value, userId) || known(name, ancestorsOf)(value.toLowerCase()).includes(userId);
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/query-hierarchical-data */
function compileHierarchy(name: string, [text = '']: readonly string[]): FunctionPredicate | null {
  const id = text.replace(/[{}]/g, '').toLowerCase();
  const isUnder: FunctionPredicate = (value, { ancestorsOf }) =>
    typeof value === 'string' && known(name, ancestorsOf)(value).includes(id);
  const isAbove: FunctionPredicate = (value, { ancestorsOf }) =>
    typeof value === 'string' && known(name, ancestorsOf)(id).includes(value);
  switch (name) {
    case 'Under':
      return isUnder;
    case 'UnderOrEqual':
      return (value, asker) => isId(value, id) || isUnder(value, asker);
    case 'NotUnder':
      return negated(isUnder);
    case 'Above':
      return isAbove;
    case 'AboveOrEqual':
      return (value, asker) => isId(value, id) || isAbove(value, asker);
    default:
      return null;
  }
}

/** The service searches its full-text index; here every word must occur. */
function compileFullText(name: string, [text = '']: readonly string[]): FunctionPredicate | null {
  if (name !== 'Contains') return null;
  const words = foldCase(text)
    .split(/\s+/)
    .filter((word) => word !== '');
  return (value) => typeof value === 'string' && words.every((word) => foldCase(value).includes(word));
}

function isId(value: Value, id: string): boolean {
  return typeof value === 'string' && foldCase(value) === foldCase(id);
}

function known<Part>(name: string, part: Part | undefined): Part {
  if (part === undefined) throw unsupported(name);
  return part;
}

/** The period of any year: the quarter of the date. */
function compileFiscalPeriod(name: string, [period = '']: readonly string[]): FunctionPredicate | null {
  if (name !== 'InFiscalPeriod') return null;
  return (value) => typeof value === 'string' && Math.floor(new Date(value).getUTCMonth() / 3) + 1 === Number(period);
}

function compileDate(name: string, texts: readonly string[]): FunctionPredicate {
  // Ill-formed values and unknown functions are told of even where no row is there to be tested.
  if (dateRange(name, texts, new Date(0)) === null) throw unsupported(name);
  return (value, asker) => {
    if (typeof value !== 'string') return false;
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } =
      dateRange(name, texts, asker.now()) ?? {};
    const time = Date.parse(value);
    return from <= time && time < to;
  };
}

function unsupported(name: string): ODataUnsupportedError {
  return new ODataUnsupportedError(`The function 'Microsoft.Dynamics.CRM.${name}' is not supported by this server.`);
}
