import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DynamicsError } from '../../../../mocks/dynamics/errors.js';
import { parseFetch } from '../../../../mocks/dynamics/fetch/parse-fetch.js';
import { parseApply } from '../../../../mocks/dynamics/odata/apply.js';
import { ODataError } from '../../../../mocks/dynamics/odata/errors.js';
import { evaluateFilter } from '../../../../mocks/dynamics/odata/evaluator.js';
import { parseFilter } from '../../../../mocks/dynamics/odata/parser.js';
import {
  parseExpand,
  parseOrderBy,
  parseQueryOptions,
  parseSelect,
} from '../../../../mocks/dynamics/odata/query-options.js';
import { buildTables } from '../../../../mocks/dynamics/tables.js';
import { covers } from '../../compatibility.js';

/** Pieces of filters in any order, and any text in between. */
const WORDS = [
  ...[
    'name',
    'revenue',
    'eq',
    'ne',
    'gt',
    'and',
    'or',
    'not',
    '(',
    ')',
    ',',
    '/',
    ':',
    '=',
    '[',
    ']',
    "'",
    '"',
    '@p1',
    ' ',
  ],
  ...[
    "'x'",
    "''",
    '1',
    '-1.5e3',
    '2024-02-30',
    '2024-01-31T00:00:00Z',
    'null',
    'true',
    'any',
    'all',
    'c:c/name',
    '%',
    '_',
  ],
  ...[
    'contains(',
    'Microsoft.Dynamics.CRM.In(',
    'PropertyName=',
    'PropertyValues=',
    'Between(',
    '$count',
    'with',
    'as',
    ';',
  ],
];
const text = fc
  .array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: fc.string() }), {
    maxLength: 40,
  })
  .map((words) => words.join(' '));

/** Whatever the text, it is parsed or refused in the service's own words. */
function isAnswered(parse: (given: string) => unknown): (given: string) => void {
  return (given) => {
    try {
      parse(given);
    } catch (error) {
      if (!(error instanceof ODataError) && !(error instanceof DynamicsError)) throw error;
      expect(error.message).not.toBe('');
    }
  };
}

const tables = buildTables({
  tables: [
    {
      logicalName: 'account',
      setName: 'accounts',
      label: 'Account',
      primaryId: 'accountid',
      primaryName: 'name',
      objectTypeCode: 1,
      ownership: 'UserOwned',
      columns: [
        { name: 'accountid', type: 'Uniqueidentifier' },
        { name: 'name', type: 'String' },
      ],
    },
  ],
});

const PARSERS: Readonly<Record<string, (given: string) => unknown>> = {
  $filter: (given) => parseFilter(given, { aliases: new Map([['@p1', given]]) }),
  $orderby: (given) => parseOrderBy(given),
  $expand: (given) => parseExpand(given),
  $select: (given) => parseSelect(given),
  $apply: (given) => parseApply(given),
  'a query': (given) => parseQueryOptions(given),
  FetchXML: (given) => parseFetch(tables, `<fetch><entity name="account"><filter><condition attribute="${given}"`),
  'an element of FetchXML': (given) =>
    parseFetch(
      tables,
      `<fetch><entity name="account"><attribute name="${given.replace(/[<&"]/g, '')}"/></entity></fetch>`,
    ),
};

describe('any text', () => {
  it.each(Object.keys(PARSERS))('as %s is parsed or refused, never a crash', (name) => {
    covers('dynamics', '6 Errors', 'malformed query options of any kind are refused');
    fc.assert(fc.property(text, isAnswered(PARSERS[name] ?? (() => undefined))), { numRuns: 500 });
  });

  it('that is a filter can be applied to a row', () => {
    const resolver = { value: () => 'x', related: () => [{}], now: () => new Date(0), userId: 'u' };
    const apply = isAnswered((given) => evaluateFilter(parseFilter(given), {}, resolver));
    fc.assert(fc.property(text, apply), { numRuns: 500 });
  });
});

describe('a filter made of valid parts', () => {
  const comparison = fc
    .tuple(
      fc.constantFrom('a', 'b/c', 'd'),
      fc.constantFrom('eq', 'ne', 'lt'),
      fc.oneof(
        fc.integer().map(String),
        fc.string().map((it) => `'${it.replaceAll("'", "''")}'`),
      ),
    )
    .map((parts) => parts.join(' '));
  const filter = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      comparison,
      fc
        .tuple(tie('node'), fc.constantFrom('and', 'or'), tie('node'))
        .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
      tie('node').map((node) => `not (${node})`),
    ),
  })).node;

  it('is parsed', () => {
    fc.assert(fc.property(filter, (given) => parseFilter(given).kind.length > 0));
  });
});
