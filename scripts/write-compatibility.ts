import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * `npm run compatibility`: writes the compatibility tables of mocks/README.md from the calls of `covers()` below test/mocks and from
 * mocks/<mock>/compatibility*.json. It imports nothing of the project, so that Node runs it as it is.
 */

const README = 'mocks/README.md';
const BEGIN = '<!-- compatibility: written by "npm run compatibility" -->';
const END = '<!-- compatibility ends -->';

const MOCKS = { dynamics: 'Dynamics', entra: 'Entra ID and Microsoft Graph', campaign: 'Campaign' } as const;
type MockName = keyof typeof MOCKS;

const STATUSES = ['imitated', 'simplified', 'missing'] as const;
type Status = (typeof STATUSES)[number];

/** A row of the tables. */
export interface CompatibilityRow {
  readonly mock: MockName;
  readonly section: string;
  readonly operation: string;
  readonly status: Status;
  /** What differs; for an imitated operation the test files that show it. */
  readonly notes: readonly string[];
}

/** Writes the README of the mocks anew as it should be now; throws as `compatibilityRows` does. */
export function currentReadme(): string {
  return withTables(readFileSync(README, 'utf8'), compatibilityRows());
}

/**
 * Reads every row from the tests and the JSON files, in the order of the tables. Throws an `Error` naming the file where a call of
 * `covers()` cannot be read, a JSON row is not well formed, or an operation appears with two statuses.
 */
export function compatibilityRows(): CompatibilityRow[] {
  const covered = filesBelow('test/mocks', '.test.ts').flatMap((file) => readCovers(readFileSync(file, 'utf8'), file));
  const written = mockNames().flatMap((mock) =>
    filesBelow(`mocks/${mock}`, '.json')
      .filter((file) => /\/compatibility[^/]*\.json$/.test(file))
      .flatMap((file) => readRows(readFileSync(file, 'utf8'), mock, file)),
  );
  return mergeRows([...covered, ...written]);
}

const LITERAL = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/.source;
const CALL = new RegExp(`^\\(\\s*(${LITERAL}),\\s*(${LITERAL}),\\s*(${LITERAL}),?\\s*\\)`);

/** Reads the calls of `covers()` in the text of a test file. */
export function readCovers(text: string, file: string): CompatibilityRow[] {
  return [...text.matchAll(/(?<!function )\bcovers(?=\()/g)].map(({ index }) => {
    const line = text.slice(0, index).split('\n').length;
    const [, ...literals] = CALL.exec(text.slice(index + 'covers'.length)) ?? [];
    const [mock = '', section = '', operation = ''] = literals.map(unquote);
    if (!isMockName(mock) || section === '' || operation === '')
      throw new Error(`${file}:${line}: Expected covers('dynamics' | 'entra' | 'campaign', 'section', 'operation').`);
    return { mock, section, operation, status: 'imitated', notes: [file] };
  });
}

function unquote(literal: string): string {
  return literal.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}

/** Reads the rows of a `compatibility*.json`. */
export function readRows(text: string, mock: MockName, file: string): CompatibilityRow[] {
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows)) throw new Error(`${file}: Expected an array of rows.`);
  return rows.map((row: Readonly<Record<string, unknown>>, index) => {
    const { section, operation, status, note } = row;
    const isComplete = [section, operation, note].every((part) => typeof part === 'string' && part.trim() !== '');
    if (!isComplete || (status !== 'simplified' && status !== 'missing'))
      throw new Error(
        `${file}: Expected row ${index} to have section, operation, status (simplified, missing) and note.`,
      );
    return { mock, section: String(section), operation: String(operation), status, notes: [String(note)] };
  });
}

/** Makes one row of all that tell the same, and sorts them; throws where an operation has two statuses. */
export function mergeRows(rows: readonly CompatibilityRow[]): CompatibilityRow[] {
  const merged = new Map<string, CompatibilityRow>();
  for (const row of rows) {
    const key = [row.mock, row.section, row.operation].join('\n');
    const other = merged.get(key);
    if (other && other.status !== row.status)
      throw new Error(
        `"${row.operation}" of ${row.mock}, ${row.section}, is ${other.status} by ${other.notes} and ${row.status} by ${row.notes}.`,
      );
    merged.set(key, { ...row, notes: [...new Set([...(other?.notes ?? []), ...row.notes])].sort() });
  }
  return [...merged.values()].sort(compareRows);
}

const collator = new Intl.Collator('en', { numeric: true });

function compareRows(a: CompatibilityRow, b: CompatibilityRow): number {
  return (
    mockNames().indexOf(a.mock) - mockNames().indexOf(b.mock) ||
    collator.compare(a.section, b.section) ||
    STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) ||
    collator.compare(a.operation, b.operation)
  );
}

function withTables(readme: string, rows: readonly CompatibilityRow[]): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${README}: Expected the lines\n${BEGIN}\n${END}`);
  return `${readme.slice(0, begin)}${BEGIN}\n\n${mockNames()
    .map((mock) => renderMock(mock, rows))
    .join('')}${readme.slice(end)}`;
}

function renderMock(mock: MockName, all: readonly CompatibilityRow[]): string {
  const rows = all.filter((row) => row.mock === mock);
  const sections = [...new Set(rows.map(({ section }) => section))];
  const counts = STATUSES.map((status) => `${rows.filter((row) => row.status === status).length} ${status}`).join(', ');
  const tables = sections.map((section) => renderSection(section, rows));
  return `### ${MOCKS[mock]}\n\n${counts}.\n\n${tables.join('')}`;
}

function renderSection(section: string, rows: readonly CompatibilityRow[]): string {
  const lines = rows
    .filter((row) => row.section === section)
    .map(({ operation, status, notes }) => `| ${cell(operation)} | ${status} | ${notes.map(renderNote).join(', ')} |`);
  return `| ${cell(section)} | | |\n| --- | --- | --- |\n${lines.join('\n')}\n\n`;
}

/** A test file becomes a link that is read from the folder of the README. */
function renderNote(note: string): string {
  const test = /^test\/(?:mocks\/)?(.*)\.test\.ts$/.exec(note)?.[1];
  return test === undefined ? cell(note) : `[${test}](../${note})`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))
    .sort();
}

function isMockName(name: string): name is MockName {
  return Object.hasOwn(MOCKS, name);
}

function mockNames(): MockName[] {
  return Object.keys(MOCKS).filter(isMockName);
}

if (import.meta.main) writeFileSync(README, currentReadme());
