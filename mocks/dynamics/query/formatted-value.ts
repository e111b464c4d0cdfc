import { remembering } from '../memo.js';
import { isReference, type Row, type Store } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { optionsOf, type Table, type Tables } from '../tables.js';
import { languageOf, localeOf } from './language.js';

/** How one locale shows values. To format is slow, and the days and numbers of an organization recur: each remembers its last ones. */
interface Formats {
  readonly integer: (value: number) => string;
  readonly money: (value: number) => string;
  /** By `2023-04-07`. */
  readonly day: (day: string) => string;
  /** By `14:59`, the space being a plain one. */
  readonly time: (time: string) => string;
  readonly locale: string;
}

const REMEMBERED = 5000;

const formatsOf = remembering(20, (locale: string): Formats => {
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const money = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const date = new Intl.DateTimeFormat(locale, { timeZone: 'UTC' });
  const time = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', hour: 'numeric', minute: '2-digit' });
  return {
    integer: remembering(REMEMBERED, (value: number) => integer.format(value)),
    money: remembering(REMEMBERED, (value: number) => money.format(value)),
    day: remembering(REMEMBERED, (day: string) => date.format(new Date(`${day}T00:00:00Z`))),
    time: remembering(REMEMBERED, (text: string) =>
      time.format(new Date(`1970-01-01T${text}:00Z`)).replace(/\s/g, ' '),
    ),
    locale,
  };
});

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
      return formatMoment(formats, String(cell), column.format !== 'dateOnly');
    case 'DateOnly':
      return formats.day(String(cell));
    case 'Money':
      return `${currencySymbol(source, row)}${formats.money(Number(cell))}`;
    case 'Integer':
    case 'BigInt':
      return formats.integer(Number(cell));
    case 'Decimal':
    case 'Double':
      return formatDecimal(formats, Number(cell), column.precision ?? 2);
    default:
      return undefined;
  }
}

/** How the service shows a number of rows to a user. */
export function formattedCount(source: FormatSource, count: number): string {
  return formatsOf(localeOf(source)).integer(count);
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

/** `4/7/2023 2:59 PM`. */
function formatMoment({ day, time }: Formats, moment: string, withTime: boolean): string {
  // Moments that tests put into rows need not be in the form that the service itself keeps.
  const text = IN_UTC.test(moment) ? moment : new Date(moment).toISOString();
  return withTime ? `${day(text.slice(0, 10))} ${time(text.slice(11, 16))}` : day(text.slice(0, 10));
}

const IN_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function formatDecimal({ locale }: Formats, value: number, precision: number): string {
  return value.toLocaleString(locale, { minimumFractionDigits: precision, maximumFractionDigits: precision });
}

function currencySymbol(source: { readonly store: Store }, row: Row): string {
  const currency = row.transactioncurrencyid;
  const symbol = isReference(currency) ? source.store.row(currency)?.currencysymbol : undefined;
  return typeof symbol === 'string' ? symbol : '$';
}
