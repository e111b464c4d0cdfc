import type { Json, JsonObject } from '../directory-objects.js';
import { GraphError } from './graph-error.js';

/** A compiled `$filter`. `isAdvanced` ones need `ConsistencyLevel: eventual` and `$count=true`. */
export interface GraphFilter {
  readonly isAdvanced: boolean;
  /** Uses nothing but `eq` and `and`. */
  readonly isEquality: boolean;
  /** The properties that it names, without what follows a slash. */
  readonly properties: readonly string[];
  matches(object: JsonObject): boolean;
}

type Test = (scope: Scope) => boolean;
/** The object at hand, and the variable of each lambda. */
type Scope = Readonly<Record<string, Json>>;

const TOKEN = /\s*(?:('(?:[^']|'')*')|([A-Za-z_$@][\w.$@-]*(?:\/[\w$]+)*)|(-?\d[\w:.+-]*)|([(),:]))/y;
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const MAX_LENGTH = 10_000;
const MAX_DEPTH = 50;
const COMPARISONS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
const FUNCTIONS = ['startswith', 'endswith', 'contains'];

/**
 * Compiles a `$filter` of Microsoft Graph: `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `in`, `and`, `or`, `not`, `startsWith`, `endsWith`, `any`,
 * and `/$count` of a list. Text compares without regard to case. Throws 400 for anything else.
 * https://learn.microsoft.com/graph/aad-advanced-queries
 */
export function compileGraphFilter(text: string): GraphFilter {
  if (text.length > MAX_LENGTH) throw invalidFilter();
  return new FilterParser(tokenize(text)).parse();
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text);
    if (!match) throw invalidFilter();
    tokens.push(match[0].trim());
  }
  return tokens;
}

class FilterParser {
  private position = 0;
  private depth = 0;
  private isAdvanced = false;
  private isEquality = true;
  private readonly properties = new Set<string>();
  private readonly variables: string[] = [];

  constructor(private readonly tokens: readonly string[]) {}

  parse(): GraphFilter {
    const test = this.or();
    if (this.position < this.tokens.length) throw invalidFilter();
    const { isAdvanced, isEquality } = this;
    return {
      isAdvanced,
      isEquality,
      properties: [...this.properties],
      matches: (object) => test({ '': object }),
    };
  }

  private or(): Test {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw invalidFilter();
    let test = this.and();
    while (this.takeWord('or')) {
      this.isEquality = false;
      test = either(test, this.and());
    }
    this.depth -= 1;
    return test;
  }

  private and(): Test {
    let test = this.not();
    while (this.takeWord('and')) test = both(test, this.not());
    return test;
  }

  private not(): Test {
    if (!this.takeWord('not')) return this.primary();
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw invalidFilter();
    this.isAdvanced = true;
    this.isEquality = false;
    const test = this.not();
    this.depth -= 1;
    return (scope) => !test(scope);
  }

  private primary(): Test {
    if (this.take('(')) {
      const test = this.or();
      this.expect(')');
      return test;
    }
    const name = this.next();
    if (FUNCTIONS.includes(name.toLowerCase()) && this.peek() === '(') return this.textFunction(name.toLowerCase());
    if (name.endsWith('/any') && this.peek() === '(') return this.any(name.slice(0, -'/any'.length));
    return this.comparison(this.path(name), isGuidPath(name));
  }

  private textFunction(name: string): Test {
    if (name === 'contains')
      throw new GraphError(400, 'Request_UnsupportedQuery', "Unsupported Query: function 'contains' is not supported.");
    this.isEquality = false;
    this.isAdvanced ||= name === 'endswith';
    this.expect('(');
    const read = this.path(this.next());
    this.expect(',');
    const wanted = String(this.literal()).toLowerCase();
    this.expect(')');
    return (scope) => {
      const value = read(scope);
      if (typeof value !== 'string') return false;
      return name === 'startswith' ? value.toLowerCase().startsWith(wanted) : value.toLowerCase().endsWith(wanted);
    };
  }

  private any(path: string): Test {
    this.isEquality = false;
    const read = this.path(path);
    this.expect('(');
    const variable = this.next();
    this.expect(':');
    this.variables.push(variable);
    const test = this.or();
    this.variables.pop();
    this.expect(')');
    return (scope) => asList(read(scope)).some((item) => test({ ...scope, [variable]: item }));
  }

  private comparison(read: (scope: Scope) => Json, takesGuid: boolean): Test {
    const operator = this.next().toLowerCase();
    if (operator === 'in') return this.membership(read);
    if (!COMPARISONS.includes(operator)) throw invalidFilter();
    if (operator !== 'eq') {
      this.isAdvanced = true;
      this.isEquality = false;
    }
    const wanted = takesGuid && GUID.test(this.peek() ?? '') ? this.next() : this.literal();
    return (scope) => compares(operator, read(scope), wanted);
  }

  private membership(read: (scope: Scope) => Json): Test {
    this.isEquality = false;
    this.expect('(');
    const wanted = [this.literal()];
    while (this.take(',')) wanted.push(this.literal());
    this.expect(')');
    return (scope) => wanted.some((value) => compares('eq', read(scope), value));
  }

  /** A property of the object, or of the variable of a lambda; `x/$count` is the length of a list. */
  private path(name: string): (scope: Scope) => Json {
    const [first = '', ...rest] = name.split('/');
    if (!/^[A-Za-z_]/.test(first)) throw invalidFilter();
    const isVariable = this.variables.includes(first);
    if (!isVariable) this.properties.add(first);
    if (rest.includes('$count')) this.isAdvanced = true;
    const names = isVariable ? rest : [first, ...rest];
    return (scope) => names.reduce(step, scope[isVariable ? first : ''] ?? null);
  }

  private literal(): Json {
    const token = this.next();
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (token === 'true' || token === 'false') return token === 'true';
    if (token === 'null') return null;
    if (/^-?\d+(\.\d+)?$/.test(token)) return Number(token);
    if (/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(token)) return token;
    throw invalidFilter();
  }

  private peek(): string | undefined {
    return this.tokens[this.position];
  }

  private next(): string {
    const token = this.peek();
    if (token === undefined) throw invalidFilter();
    this.position += 1;
    return token;
  }

  private take(token: string): boolean {
    if (this.peek() !== token) return false;
    this.position += 1;
    return true;
  }

  private takeWord(word: string): boolean {
    if (this.peek()?.toLowerCase() !== word) return false;
    this.position += 1;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw invalidFilter();
  }
}

/**
 * Ids of objects are text, which is quoted; those within them, as in `assignedLicenses/any(x:x/skuId eq …)`, are GUIDs, which are not.
 */
function isGuidPath(name: string): boolean {
  return /\/\w*Id$/.test(name);
}

function either(one: Test, other: Test): Test {
  return (scope) => one(scope) || other(scope);
}

function both(one: Test, other: Test): Test {
  return (scope) => one(scope) && other(scope);
}

function step(value: Json, name: string): Json {
  if (name === '$count') return asList(value).length;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? ((value as JsonObject)[name] ?? null)
    : null;
}

function asList(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function compares(operator: string, value: Json, wanted: Json): boolean {
  if (operator === 'eq') return isSame(value, wanted);
  if (operator === 'ne') return !isSame(value, wanted);
  if (value === null || wanted === null || typeof value === 'object' || typeof wanted === 'object') return false;
  const difference = orderOf(value, wanted);
  switch (operator) {
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    default:
      return difference <= 0;
  }
}

function isSame(value: Json, wanted: Json): boolean {
  if (typeof value === 'string' && typeof wanted === 'string') return value.toLowerCase() === wanted.toLowerCase();
  return value === wanted;
}

function orderOf(value: string | number | boolean, wanted: string | number | boolean): number {
  if (typeof value === 'number' && typeof wanted === 'number') return value - wanted;
  const [one, other] = [value, wanted].map((side) => String(side).toLowerCase());
  return (one ?? '') < (other ?? '') ? -1 : one === other ? 0 : 1;
}

/** 400: what the parser does not understand. */
export function invalidFilter(): GraphError {
  return new GraphError(400, 'BadRequest', 'Invalid filter clause');
}
