import { readFileSync } from 'node:fs';
import {
  type ColumnDefinition,
  type Labels,
  mergeTables,
  type OptionDefinition,
  readTablesFile,
  type TableDefinition,
  type TablesFile,
} from './table-definitions.js';

/** The second language of the organization: French. */
const SECOND_LANGUAGE = '1036';

/**
 * The tables that every organization has, with their labels in US English and French.
 *
 * @throws Error naming the fixture that cannot be read.
 */
export function readBuiltInTables(): TablesFile {
  const file = ['tables.json', 'query-tables.json', 'security-tables.json']
    .map((name) => readTablesFile(fixture(name)))
    .reduce(mergeTables);
  return withLabels(file, readTexts(fixture(`labels-${SECOND_LANGUAGE}.json`)));
}

/** The fixtures are not compiled: a program in `dist` finds them beside its source. */
function fixture(name: string): URL {
  return new URL(`./fixtures/${name}`, import.meta.url.replace('/dist/mocks/', '/mocks/'));
}

/** English text to its translation. */
type Texts = ReadonlyMap<string, string>;

function readTexts(path: URL): Texts {
  // The file is the mock's own.
  return new Map(Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>));
}

function withLabels(file: TablesFile, texts: Texts): TablesFile {
  return {
    ...file,
    globalOptionSets: (file.globalOptionSets ?? []).map((set) => ({
      ...set,
      ...translated(texts, set.label),
      options: set.options.map((option) => translateOption(texts, option)),
    })),
    tables: file.tables.map((table) => translateTable(texts, table)),
  };
}

function translateTable(texts: Texts, table: TableDefinition): TableDefinition {
  const plural = table.pluralLabel === undefined ? undefined : texts.get(table.pluralLabel);
  return {
    ...table,
    ...translated(texts, table.label),
    ...(plural === undefined ? {} : { pluralLabels: { [SECOND_LANGUAGE]: plural } }),
    columns: table.columns.map((column) => translateColumn(texts, column)),
  };
}

function translateColumn(texts: Texts, column: ColumnDefinition): ColumnDefinition {
  const labels = translated(texts, column.label ?? '');
  if (labels.labels === undefined && column.options === undefined) return column;
  const { options } = column;
  return {
    ...column,
    ...labels,
    ...(options === undefined ? {} : { options: options.map((option) => translateOption(texts, option)) }),
  };
}

function translateOption(texts: Texts, option: OptionDefinition): OptionDefinition {
  return { ...option, ...translated(texts, option.label) };
}

function translated(texts: Texts, text: string): { readonly labels?: Labels } {
  const translation = texts.get(text);
  return translation === undefined ? {} : { labels: { [SECOND_LANGUAGE]: translation } };
}
