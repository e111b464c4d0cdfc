import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import { childElements, type XmlElement, xml } from '../../model/xml.js';
import type { SoapCaller } from './client.js';
import { unexpectedAnswer } from './errors.js';
import { quote } from './literals.js';
import { documentOutput } from './soap.js';

const ACTION = 'xtk:queryDef#ExecuteQuery';

/** Runs a `<queryDef>` and resolves with the element it answers: a collection, a record or a count. */
export async function executeQuery(client: SoapCaller, query: XmlElement, options?: CallOptions): Promise<XmlElement> {
  const parameters = [{ name: 'entity', value: query }];
  const call = { service: 'xtk:queryDef', method: 'ExecuteQuery', parameters, idempotent: true };
  const answer = documentOutput((await client.call(call, options))[0]);
  if (answer === null) throw unexpectedAnswer(ACTION, 'a document');
  return answer;
}

/** Runs a `<queryDef operation="select">` and resolves with its rows. */
export async function fetchRows(
  client: SoapCaller,
  query: XmlElement,
  options?: CallOptions,
): Promise<readonly XmlElement[]> {
  return childElements(await executeQuery(client, query, options));
}

/** Runs a `<queryDef operation="count">`. */
export async function fetchCount(client: SoapCaller, query: XmlElement, options?: CallOptions): Promise<number> {
  const answer = await executeQuery(client, query, options);
  const count = Number(answer.attributes.count ?? Number.NaN);
  if (!Number.isInteger(count)) throw unexpectedAnswer(ACTION, 'a count');
  return count;
}

export interface QueryDocument {
  readonly schema: string;
  readonly select: readonly string[];
  readonly lineCount: number;
  /** `<condition>` elements that must all hold. */
  readonly where: readonly XmlElement[];
  readonly orderBy: readonly string[];
}

/** Writes a `<queryDef>` over a schema of Campaign's own, whose paths are known. */
export function queryDocument({ schema, select, lineCount, where, orderBy }: QueryDocument): XmlElement {
  return xml('queryDef', { xtkschema: 'xtk:queryDef', schema, operation: 'select', lineCount }, [
    xml('select', {}, select.map(node)),
    where.length === 0 ? null : xml('where', {}, where),
    xml('orderBy', {}, orderBy.map(node)),
  ]);
}

function node(expr: string): XmlElement {
  return xml('node', { expr });
}

/** The condition that an expression is one of some texts. */
export function oneOf(expr: string, texts: readonly string[]): XmlElement {
  return xml('condition', { expr: `${expr} IN (${texts.map(quote).join(', ')})` });
}

/** Every row of a query over a schema whose key is `@id`, page by page. */
export async function fetchAllRows(
  client: SoapCaller,
  query: Pick<QueryDocument, 'schema' | 'select' | 'where'>,
  options?: CallOptions,
): Promise<readonly XmlElement[]> {
  const rows: XmlElement[] = [];
  for (let last: string | undefined; ; last = rows.at(-1)?.attributes.id) {
    const after = last === undefined ? [] : [xml('condition', { expr: `@id > ${Number(last)}` })];
    const page = queryDocument({
      ...query,
      select: ['@id', ...query.select],
      lineCount: PAGE,
      where: [...query.where, ...after],
      orderBy: ['@id'],
    });
    const found = await fetchRows(client, page, options);
    rows.push(...found);
    if (found.length < PAGE) return rows;
    if (rows.length >= MOST_ROWS) throw tooManyRows(query.schema);
  }
}

const PAGE = 5_000;
const MOST_ROWS = 500_000;

function tooManyRows(schema: string): RequestError {
  const message = `${schema} has over ${MOST_ROWS} rows, more than are read at once. Ask for some of them by name.`;
  return new RequestError('UNSUPPORTED', message);
}
