import { isReference, type Row, type Store } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { optionsOf, type Table, type Tables } from '../tables.js';
import { languageOf, localeOf } from './language.js';

interface Formats {
  readonly integer: Intl.NumberFormat;
  readonly money: Intl.NumberFormat;
  readonly date: Intl.DateTimeFormat;
  readonly time: Intl.DateTimeFormat;
  readonly locale: string;
}

const FORMATS = new Map<string, Formats>();

function formatsOf(locale: string): Formats {
  const known = FORMATS.get(locale);
  if (known !== undefined) return known;
  const made = {
    integer: new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }),
    money: new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    date: new Intl.DateTimeFormat(locale, { timeZone: 'UTC' }),
    time: new Intl.DateTimeFormat(locale, { timeZone: 'UTC', hour: 'numeric', minute: '2-digit' }),
    locale,
  };
  FORMATS.set(locale, made);
  return made;
}

/** Whose formats and labels are used; without a user those of US English. */
interface FormatSource {
  readonly store: Store;
  readonly tables: Tables;
  readonly user?: Row;
}

/**
 * How the service shows a value to a user, in the language and the formats of their personal options and in UTC; undefined where it
 * shows nothing beside the raw value. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/select-columns#formatted-values
 */
export function formattedValue(source: FormatSource, row: Row, column: ColumnDefinition): string | undefined {
  const cell = row[column.name];
  if (cell === undefined) return undefined;
  if (isReference(cell)) return primaryNameOf(source, cell.table, cell.id);
  const formats = formatsOf(localeOf(source));
  switch (column.type) {
    case 'Picklist':
    case 'State':
    case 'Status':
      return optionLabel(source, column, Number(cell));
    case 'Boolean':
      return optionLabel(source, column, cell === true ? 1 : 0);
    case 'MultiSelectPicklist':
      return String(cell)
        .split(',')
        .map((value) => optionLabel(source, column, Number(value)) ?? value)
        .join('; ');
    case 'DateTime':
      return formatDate(formats, new Date(String(cell)), column.format !== 'dateOnly');
    case 'DateOnly':
      return formatDate(formats, new Date(`${String(cell)}T00:00:00Z`), false);
    case 'Money':
      return `${currencySymbol(source, row)}${formats.money.format(Number(cell))}`;
    case 'Integer':
    case 'BigInt':
      return formats.integer.format(Number(cell));
    case 'Decimal':
    case 'Double':
      return formatDecimal(formats, Number(cell), column.precision ?? 2);
    default:
      return undefined;
  }
}

/** How the service shows a number of rows to a user. */
export function formattedCount(source: FormatSource, count: number): string {
  return formatsOf(localeOf(source)).integer.format(count);
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

function optionLabel(source: FormatSource, column: ColumnDefinition, value: number): string | undefined {
  const option = optionsOf(source.tables, column).find((it) => it.value === value);
  return option?.labels?.[String(languageOf(source))] ?? option?.label;
}

/** `4/7/2023 2:59 PM`, the space being a plain one. */
function formatDate({ date: dates, time: times }: Formats, date: Date, withTime: boolean): string {
  const day = dates.format(date);
  return withTime ? `${day} ${times.format(date).replace(/\s/g, ' ')}` : day;
}

function formatDecimal({ locale }: Formats, value: number, precision: number): string {
  return value.toLocaleString(locale, { minimumFractionDigits: precision, maximumFractionDigits: precision });
}

function currencySymbol(source: { readonly store: Store }, row: Row): string {
  const currency = row.transactioncurrencyid;
  const symbol = isReference(currency) ? source.store.row(currency)?.currencysymbol : undefined;
  return typeof symbol === 'string' ? symbol : '$';
}
