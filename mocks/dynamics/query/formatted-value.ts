import { isReference, type Row, type Store } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { optionsOf, type Table, type Tables } from '../tables.js';

const INTEGER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const MONEY = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const DATE = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC' });
const TIME = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', hour: 'numeric', minute: '2-digit' });

/**
 * How the service shows a value to a user whose language is US English and whose time zone is UTC; undefined where it shows
 * nothing beside the raw value. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/select-columns#formatted-values
 */
export function formattedValue(
  source: { readonly store: Store; readonly tables: Tables },
  row: Row,
  column: ColumnDefinition,
): string | undefined {
  const cell = row[column.name];
  if (cell === undefined) return undefined;
  if (isReference(cell)) return primaryNameOf(source, cell.table, cell.id);
  switch (column.type) {
    case 'Picklist':
    case 'State':
    case 'Status':
      return optionLabel(source.tables, column, Number(cell));
    case 'Boolean':
      return optionLabel(source.tables, column, cell === true ? 1 : 0);
    case 'MultiSelectPicklist':
      return String(cell)
        .split(',')
        .map((value) => optionLabel(source.tables, column, Number(value)) ?? value)
        .join('; ');
    case 'DateTime':
      return formatDate(new Date(String(cell)), column.format !== 'dateOnly');
    case 'DateOnly':
      return formatDate(new Date(`${String(cell)}T00:00:00Z`), false);
    case 'Money':
      return `${currencySymbol(source, row)}${MONEY.format(Number(cell))}`;
    case 'Integer':
    case 'BigInt':
      return INTEGER.format(Number(cell));
    case 'Decimal':
    case 'Double':
      return formatDecimal(Number(cell), column.precision ?? 2);
    default:
      return undefined;
  }
}

/** The name of a row as lookups show it; undefined where the row is gone or has none. */
export function primaryNameOf(
  source: { readonly store: Store; readonly tables: Tables },
  table: string,
  id: string,
): string | undefined {
  const name = primaryNameColumn(source.tables.get(table));
  const cell = name === null ? undefined : source.store.table(table).get(id)?.[name];
  return typeof cell === 'string' ? cell : undefined;
}

function primaryNameColumn(table: Table): string | null {
  return table.definition.primaryName;
}

function optionLabel(tables: Tables, column: ColumnDefinition, value: number): string | undefined {
  return optionsOf(tables, column).find((option) => option.value === value)?.label;
}

/** `4/7/2023 2:59 PM`, the space being a plain one. */
function formatDate(date: Date, withTime: boolean): string {
  const day = DATE.format(date);
  return withTime ? `${day} ${TIME.format(date).replace(/\s/g, ' ')}` : day;
}

function formatDecimal(value: number, precision: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: precision, maximumFractionDigits: precision });
}

function currencySymbol(source: { readonly store: Store }, row: Row): string {
  const currency = row.transactioncurrencyid;
  const symbol = isReference(currency) ? source.store.row(currency)?.currencysymbol : undefined;
  return typeof symbol === 'string' ? symbol : '$';
}
