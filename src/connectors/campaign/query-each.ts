import type { CampaignSchema } from '../../model/campaign-schema.js';
import { once } from '../../model/keep-last.js';
import { type Page, type RecordQuery, type Scalar, type Tie, tiedTo } from '../../model/query.js';
import type { XmlElement } from '../../model/xml.js';
import { dividePage, gatheredQuery, type PagesByValue, readInChunks } from '../divide-page.js';
import { type CompiledQuery, compileQuery } from './compile.js';
import { cursorAfter, rawValue } from './decode.js';
import { type Describe, resolvePath } from './paths.js';

/** A page with the rows and the query that it was made of. */
export interface PageOfRows {
  readonly page: Page;
  readonly rows: readonly XmlElement[];
  readonly compiled: CompiledQuery;
  readonly describe: Describe;
}

/** Values one request names: they become one SQL IN list. */
const MAX_VALUES = 500;

/**
 * Reads the pages of several values in as few requests as it takes: the records of all of them are asked for at once, and divided. Campaign
 * has no bound for each value, so that a query that selects a collection would bring all of it.
 */
export async function queryEach(
  read: (query: RecordQuery<CampaignSchema>) => Promise<PageOfRows>,
  query: RecordQuery<CampaignSchema>,
  { path, values }: Tie,
): Promise<PagesByValue> {
  // Databases differ in whether they tell upper from lower case; of values that differ by no more, records could belong to several.
  const byText = new Map(values.map((value) => [textOf(value), value]));
  if (byText.size < values.length) return new Map();
  return readInChunks(values, MAX_VALUES, async (some) =>
    divide(await read(gatheredQuery(query, { path, values: some })), some),
  );

  function divide({ page, rows, describe }: PageOfRows, some: readonly Scalar[]): PagesByValue {
    const held = resolvePath(query.from, path, describe);
    return dividePage({
      gathered: page,
      values: some,
      query,
      heldBy: (_record, index) => byText.get(textOf(rawValue(rows[index] ?? NO_ROW, held))),
      cursorsOf(value) {
        const own = once(() => compileQuery(tiedTo(query, path, value), describe));
        return (index) => cursorAfter(rows[index] ?? NO_ROW, own());
      },
    });
  }
}

const NO_ROW: XmlElement = { name: '', attributes: {}, children: [] };

function textOf(value: Scalar): string {
  return String(value).toLowerCase();
}
