import { MAX_PAGE_SIZE } from '../prefer.js';
import type { ColumnDefinition } from '../table-definitions.js';
import type { Table, Tables } from '../tables.js';
import { fetchError, unknownColumn, unknownTable } from './errors.js';
import { parseXml, type XmlElement } from './parse-xml.js';
import type {
  AggregateKind,
  DateGrouping,
  FetchColumn,
  FetchCondition,
  FetchEntity,
  FetchJoin,
  FetchLink,
  FetchOrder,
  FetchQuery,
  JoinKind,
} from './query.js';

/**
 * Parses FetchXML and checks every name in it against the tables.
 * https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/
 *
 * @throws DynamicsError 400 naming what is wrong with the query.
 */
export function parseFetch(tables: Tables, text: string): FetchQuery {
  const fetch = parseXml(text);
  if (fetch.name !== 'fetch') throw invalid(`Expected the root element to be <fetch>, but it is <${fetch.name}>.`);
  const root = fetch.children.find((it) => it.name === 'entity');
  if (root === undefined) throw invalid('The <fetch> element must hold an <entity> element.');
  const parser = new FetchParser(tables, isTrue(fetch.attributes.aggregate));
  const entity = parser.parseEntity(root, null);
  const paging = parsePaging(fetch);
  return {
    root: entity,
    entities: parser.entities,
    orders: parser.orders(),
    isDistinct: isTrue(fetch.attributes.distinct),
    isAggregate: isTrue(fetch.attributes.aggregate),
    countsAll: isTrue(fetch.attributes.returntotalrecordcount),
    ...paging,
  };
}

const MAX_LINKS = 15;
const MAX_CONDITIONS = 500;

class FetchParser {
  readonly entities: FetchEntity[] = [];
  private readonly orderElements: { readonly element: XmlElement; readonly entity: FetchEntity }[] = [];
  private conditions = 0;

  constructor(
    private readonly tables: Tables,
    private readonly isAggregate: boolean,
  ) {}

  parseEntity(element: XmlElement, join: FetchJoin | null): FetchEntity {
    const index = this.entities.length;
    if (index > MAX_LINKS) throw fetchError('tooManyLinks', 'Number of link entities in query exceeded maximum limit.');
    const table = this.tableOf(element);
    // Kept free now: tables below this one come later in the order of the document.
    this.entities.push(EMPTY(index, table));
    const alias = join === null ? null : (element.attributes.alias ?? `${table.name}${index}`);
    assertAlias(alias);
    const entity: FetchEntity = {
      index,
      table,
      alias,
      join,
      columns: this.parseColumns(element, table, join === null),
      condition: this.parseFilters(element, table),
      links: element.children.filter((it) => it.name === 'link-entity').map((it) => this.parseLink(it, table)),
    };
    this.entities[index] = entity;
    for (const order of element.children.filter((it) => it.name === 'order'))
      this.orderElements.push({ element: order, entity });
    return entity;
  }

  /** Orders of the root come first. */
  orders(): FetchOrder[] {
    return [...this.orderElements].sort((a, b) => a.entity.index - b.entity.index).map((it) => this.parseOrder(it));
  }

  private tableOf({ name, attributes }: XmlElement): Table {
    if (attributes.name === undefined) throw invalid(`The <${name}> element must have a name.`);
    const table = this.tables.find(attributes.name);
    if (table === undefined) throw unknownTable(attributes.name);
    return table;
  }

  private parseLink(element: XmlElement, parent: Table): FetchLink {
    const kind = JOINS[element.attributes['link-type'] ?? 'inner'];
    if (kind === undefined) throw invalid(`Invalid link-type specified, '${element.attributes['link-type']}'.`);
    const { from, to } = element.attributes;
    if (from === undefined || to === undefined)
      throw invalid("The <link-entity> element must have the attributes 'from' and 'to'.");
    const join: FetchJoin = { kind, from: columnOf(this.tableOf(element), from), to: columnOf(parent, to) };
    return { ...this.parseEntity(element, join), join };
  }

  private parseColumns(element: XmlElement, table: Table, isRoot: boolean): FetchColumn[] {
    const named = element.children.filter((it) => it.name === 'attribute').map((it) => this.parseColumn(it, table));
    const isAll = element.children.some((it) => it.name === 'all-attributes') || (isRoot && named.length === 0);
    return isAll && !this.isAggregate ? [...table.properties.values()].map(({ column }) => plain(column)) : named;
  }

  private parseColumn({ attributes }: XmlElement, table: Table): FetchColumn {
    const column = columnOf(table, attributes.name ?? '');
    assertAlias(attributes.alias ?? null);
    if (!this.isAggregate) return { ...plain(column), alias: attributes.alias ?? null };
    const aggregate = attributes.aggregate ?? null;
    const isGroup = isTrue(attributes.groupby);
    if (attributes.alias === undefined) throw invalid('The attribute alias must be specified for an aggregate query.');
    if (aggregate !== null && !isAggregateKind(aggregate)) throw invalid(`Invalid aggregate operation '${aggregate}'.`);
    if ((aggregate === null) === !isGroup)
      throw invalid(`An attribute of an aggregate query needs either aggregate or groupby: '${column.name}'.`);
    const dateGrouping = attributes.dategrouping ?? null;
    if (dateGrouping !== null && !isDateGrouping(dateGrouping))
      throw invalid(`Invalid dategrouping '${dateGrouping}'.`);
    return {
      column,
      alias: attributes.alias,
      aggregate,
      isDistinct: isTrue(attributes.distinct),
      isGroup,
      dateGrouping,
    };
  }

  private parseFilters(element: XmlElement, table: Table): FetchCondition | null {
    const parts = element.children.filter((it) => it.name === 'filter').map((it) => this.parseFilter(it, table));
    return parts.length === 0 ? null : { kind: 'and', parts };
  }

  private parseFilter(element: XmlElement, table: Table): FetchCondition {
    const kind = element.attributes.type === 'or' ? 'or' : 'and';
    return { kind, parts: element.children.flatMap((it) => this.parseFilterPart(it, table)) };
  }

  private parseFilterPart(element: XmlElement, table: Table): FetchCondition[] {
    if (element.name === 'filter') return [this.parseFilter(element, table)];
    if (element.name === 'link-entity') return [{ kind: 'related', link: this.parseLink(element, table) }];
    if (element.name !== 'condition') return [];
    this.conditions += 1;
    if (this.conditions > MAX_CONDITIONS)
      throw fetchError('tooManyConditions', 'Number of conditions in query exceeded maximum limit.');
    const { attributes } = element;
    const { attribute, operator } = attributes;
    if (attribute === undefined || operator === undefined)
      throw invalid("The <condition> element must have the attributes 'attribute' and 'operator'.");
    const values = element.children.filter((it) => it.name === 'value').map((it) => it.text);
    if (attributes.value !== undefined) values.unshift(attributes.value);
    return [
      {
        kind: 'column',
        entityName: attributes.entityname ?? null,
        column: attribute,
        operator,
        values,
        valueOf: attributes.valueof ?? null,
      },
    ];
  }

  private parseOrder({ element, entity }: { readonly element: XmlElement; readonly entity: FetchEntity }): FetchOrder {
    const { attributes } = element;
    const descending = isTrue(attributes.descending);
    const named = attributes.entityname === undefined ? entity : this.entityNamed(attributes.entityname);
    if (this.isAggregate) {
      const alias = attributes.alias ?? null;
      const isKnown = this.entities.some(({ columns }) => columns.some((it) => it.alias === alias));
      if (alias === null || !isKnown)
        throw invalid('An attribute can not be specified for an order clause in an aggregate query. Use an alias.');
      return { entity: named, column: null, alias, descending };
    }
    return { entity: named, column: columnOf(named.table, attributes.attribute ?? ''), alias: null, descending };
  }

  private entityNamed(alias: string): FetchEntity {
    const entity = this.entities.find((it) => it.alias === alias);
    if (entity === undefined) throw invalid(`LinkEntity with name or alias ${alias} is not found.`);
    return entity;
  }
}

/** Stands in the place of an entity until it has been parsed. */
const EMPTY = (index: number, table: Table): FetchEntity => ({
  index,
  table,
  alias: null,
  columns: [],
  condition: null,
  links: [],
  join: null,
});

const JOINS: Readonly<Record<string, JoinKind>> = {
  inner: 'inner',
  outer: 'outer',
  matchfirstrowusingcrossapply: 'first',
  exists: 'exists',
  in: 'exists',
  any: 'any',
  'not any': 'not any',
  all: 'all',
  'not all': 'not all',
};

const AGGREGATES: ReadonlySet<string> = new Set(['count', 'countcolumn', 'sum', 'avg', 'min', 'max']);
const GROUPINGS: ReadonlySet<string> = new Set([
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'fiscal-period',
  'fiscal-year',
]);

function isAggregateKind(text: string): text is AggregateKind {
  return AGGREGATES.has(text);
}

function isDateGrouping(text: string): text is DateGrouping {
  return GROUPINGS.has(text);
}

function plain(column: ColumnDefinition): FetchColumn {
  return { column, alias: null, aggregate: null, isDistinct: false, isGroup: false, dateGrouping: null };
}

export function columnOf(table: Table, name: string): ColumnDefinition {
  const column = table.columns.get(name);
  if (column === undefined) throw unknownColumn(table, name);
  return column;
}

function assertAlias(alias: string | null): void {
  if (alias === null || /^[A-Za-z_][A-Za-z0-9_.]*$/.test(alias)) return;
  throw invalid(
    `Invalid character specified for alias: ${alias}. Only characters within the ranges [A-Z], [a-z] or [0-9] or _ are allowed. The first character may only be in the ranges [A-Z], [a-z] or _.`,
  );
}

function parsePaging({ attributes }: XmlElement): Pick<FetchQuery, 'top' | 'page' | 'count' | 'pagingCookie'> {
  const top = wholeNumber('top', attributes.top);
  const page = wholeNumber('page', attributes.page);
  const count = wholeNumber('count', attributes.count);
  if (top !== null && (page !== null || count !== null))
    throw invalid(`The top attribute can't be specified with paging attribute ${page === null ? 'count' : 'page'}.`);
  if (top !== null && top > MAX_PAGE_SIZE) throw invalid(`The top attribute can't exceed ${MAX_PAGE_SIZE}.`);
  const cookie = attributes['paging-cookie'] ?? '';
  return { top, page: Math.max(page ?? 1, 1), count, pagingCookie: cookie === '' ? null : cookie };
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  if (!/^\d{1,9}$/.test(text)) throw invalid(`The attribute ${name} of <fetch> must be a whole number, not '${text}'.`);
  return Number(text);
}

function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}

function invalid(message: string) {
  return fetchError('invalidQuery', message);
}
