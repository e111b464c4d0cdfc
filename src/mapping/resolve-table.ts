import { RequestError } from '../model/errors.js';
import type { FieldMapping, TableMapping } from '../model/mapping.js';
import type { Column, Table } from '../model/table.js';
import { incompatibility, targetShape } from './attribute-types.js';
import { type ChosenColumn, chooseColumns, isWhole, type SkippedColumn, skippedColumns } from './choose-columns.js';
import { companionPath, isElementPath, leadsToSeveral } from './companions.js';
import { madeFor } from './made-elements.js';
import { capitalized, parseAttributePath } from './names.js';
import { recipientPath } from './recipient-defaults.js';
import { DEFAULT_KEY, type TableSelection } from './selection.js';
import { type AttributePath, formatPath, type HeldAttribute, heldAttribute, type Target } from './target.js';

/**
 * Decides which attribute each selected column goes to, without changing anything.
 * Rejects with BAD_USER_INPUT, naming the input, a path that is none, that two columns share, that Campaign computes or that cannot hold
 * the column, and a key that does not exist or cannot hold an id. `prefix` is the path of the selection in the input, `tables.0`.
 */
export function resolveTable(
  account: string,
  table: Table,
  selection: TableSelection,
  target: Target,
  prefix: string,
): ResolvedTable {
  const key = resolveKey(table, selection, target, prefix);
  const places = new Places(table, target, key);
  const chosen = chooseColumns(table, selection, prefix);
  const skipped = [...skippedColumns(table, selection)];
  const fields = chosen.flatMap((one) => {
    if (one.path !== null) return withCompanion(one, places.take(one, one.path), places);
    // The id is kept at the key already.
    if (one.column.name === table.primaryId) return [];
    const path = places.choose(one);
    if (path !== null) return withCompanion(one, path, places);
    if (!isWhole(selection)) throw places.noPlace(one);
    skipped.push({ table: table.logicalName, column: one.column.name, reason: places.noPlace(one).message });
    return [];
  });
  const kept = fields.filter((field) => !(field.column === table.primaryId && field.path === key));
  return { mapping: { account, table: table.logicalName, schema: target.schema, key, fields: kept }, skipped };
}

/** A table mapping, and the columns that were asked for with the whole table but cannot be mapped. */
export interface ResolvedTable {
  readonly mapping: TableMapping;
  readonly skipped: readonly SkippedColumn[];
}

/** A lookup to several tables takes a second attribute, for the table; where that has no place the id is kept alone. */
function withCompanion(chosen: ChosenColumn, path: string, places: Places): FieldMapping[] {
  const field = toField(chosen, path);
  if (!leadsToSeveral(chosen.column) || isElementPath(path)) return [field];
  const companion = places.chooseCompanion(chosen, path);
  return companion === null ? [field] : [field, { ...field, path: companion, conversion: 'DEFAULT' }];
}

function toField({ column, conversion, direction }: ChosenColumn, path: string): FieldMapping {
  return { column: column.name, path, conversion, direction };
}

function resolveKey(table: Table, selection: TableSelection, target: Target, prefix: string): string {
  const wanted = selection.target?.key ?? DEFAULT_KEY;
  const field = `${prefix}.target.key`;
  const path = parsePath(wanted, field);
  const held = heldAttribute(target, path);
  if (!held) {
    if (wanted !== DEFAULT_KEY && target.compiled) throw noSuchKey(wanted, target, field);
    return formatPath(path, false);
  }
  const id = table.columns.find((column) => column.name === table.primaryId);
  const reason = id && incompatibility(id, 'DEFAULT', held.attribute);
  if (reason || held.attribute.computed || held.attribute.isElement) {
    const why = reason || 'cannot be written as a key';
    throw new RequestError('BAD_USER_INPUT', `The key "${wanted}" ${why}: name a string of 36 characters or more.`, {
      field,
    });
  }
  return formatPath({ ...path, name: held.attribute.name }, false);
}

function noSuchKey(key: string, target: Target, field: string): RequestError {
  return new RequestError(
    'BAD_USER_INPUT',
    `Schema "${target.schema}" has no attribute "${key}" to keep the Dynamics id in. Leave the key out to have "${DEFAULT_KEY}" made, or name an attribute that exists.`,
    { field },
  );
}

function parsePath(text: string, field: string): AttributePath {
  const path = parseAttributePath(text);
  if (path) return path;
  throw new RequestError('BAD_USER_INPUT', `Expected a path like "@email" or "location/@city", got "${text}".`, {
    field,
  });
}

/** The attributes of one target as its columns take them, one column each. */
class Places {
  /** Column by lower-case path, for the database beneath does not tell names apart by case. */
  private readonly taken = new Map<string, string>();

  constructor(
    private readonly table: Table,
    private readonly target: Target,
    private readonly key: string,
  ) {}

  /** Takes the path that somebody named for the column. */
  take(chosen: ChosenColumn, text: string): string {
    const field = `${chosen.field}.path`;
    const path = parsePath(text, field);
    const held = heldAttribute(this.target, path);
    if (held && held.attribute.name !== path.name) throw this.differentCase(text, held, field);
    if (held) this.assertTakes(chosen, text, held, field);
    const formatted = this.format(chosen, path, held);
    const other = this.taken.get(formatted.toLowerCase());
    if (other !== undefined) throw shared(chosen.column, other, text, field);
    if (formatted === this.key && chosen.column.name !== this.table.primaryId) {
      throw new RequestError(
        'BAD_USER_INPUT',
        `"${text}" keeps the Dynamics id: name another path for "${chosen.column.name}".`,
        {
          field,
        },
      );
    }
    return this.claim(chosen.column, formatted);
  }

  /** Finds a place for a column that nobody named a path for: the stock attribute made for it, one of its name, a new one, or none. */
  choose(chosen: ChosenColumn): string | null {
    for (const path of this.candidates(chosen.column)) {
      const held = heldAttribute(this.target, path);
      const formatted = this.format(chosen, { ...path, name: held?.attribute.name ?? path.name }, held);
      if (this.isFree(formatted) && (!held || this.isUsable(chosen, held))) return this.claim(chosen.column, formatted);
    }
    return null;
  }

  /** Finds a place for the table that a lookup leads to, beside its id: an attribute made for it, or null. */
  chooseCompanion(chosen: ChosenColumn, path: string): string | null {
    const wanted = companionPath(path);
    const parsed = parseAttributePath(wanted);
    const held = parsed && heldAttribute(this.target, parsed);
    const isOurs = !held || held.desc === madeFor(this.table.logicalName);
    return isOurs && this.isFree(wanted) ? this.claim(chosen.column, wanted) : null;
  }

  noPlace(chosen: ChosenColumn): RequestError {
    return new RequestError(
      'BAD_USER_INPUT',
      `Schema "${this.target.schema}" has no place for column "${chosen.column.name}": name one in target.fields.`,
      { field: chosen.field },
    );
  }

  private candidates(column: Column): readonly AttributePath[] {
    const { compiled } = this.target;
    const stock = compiled && recipientPath(this.table.logicalName, column, compiled);
    const own = `crm${capitalized(column.name)}`;
    const names = [column.name, own, ...Array.from({ length: 8 }, (_, index) => `${own}${index + 2}`)];
    const known = stock ? parseAttributePath(stock) : null;
    return [...(known ? [known] : []), ...names.map((name) => ({ elements: [], name }))];
  }

  private isFree(path: string): boolean {
    const lower = path.toLowerCase();
    // `autopk` gives every schema that we make an `@id`.
    return !this.taken.has(lower) && lower !== this.key.toLowerCase() && lower !== '@id';
  }

  private isUsable(chosen: ChosenColumn, held: HeldAttribute): boolean {
    if (held.desc === madeFor(this.table.logicalName)) return true;
    const { attribute } = held;
    if (attribute.computed || attribute.isElement) return false;
    return incompatibility(chosen.column, chosen.conversion, attribute) === null;
  }

  private assertTakes(chosen: ChosenColumn, text: string, held: HeldAttribute, field: string): void {
    if (held.attribute.computed && chosen.direction !== 'TO_DYNAMICS') {
      throw new RequestError(
        'BAD_USER_INPUT',
        `"${text}" is computed by Campaign: use direction TO_DYNAMICS or another path.`,
        {
          field,
        },
      );
    }
    if (held.desc === madeFor(this.table.logicalName)) return;
    const reason = incompatibility(chosen.column, chosen.conversion, held.attribute);
    if (reason === null) return;
    throw new RequestError(
      'BAD_USER_INPUT',
      `"${text}" ${reason}. Name another path, or leave it out to have one made.`,
      {
        field,
      },
    );
  }

  private differentCase(text: string, held: HeldAttribute, field: string): RequestError {
    return new RequestError(
      'BAD_USER_INPUT',
      `"${text}" differs only by case from "${held.attribute.name}", which schema "${this.target.schema}" has already. Write it like that.`,
      { field },
    );
  }

  private format(chosen: ChosenColumn, path: AttributePath, held: HeldAttribute | null): string {
    const isMadeHere = held === null || held.desc === madeFor(this.table.logicalName);
    const isMemo = targetShape(chosen.column, chosen.conversion).type === 'memo';
    return formatPath(path, isMadeHere ? isMemo : held.attribute.isElement);
  }

  private claim(column: Column, path: string): string {
    this.taken.set(path.toLowerCase(), column.name);
    return path;
  }
}

function shared(column: Column, other: string, path: string, field: string): RequestError {
  return new RequestError(
    'BAD_USER_INPUT',
    `Columns "${other}" and "${column.name}" both go to "${path}". Give each a path of its own.`,
    { field },
  );
}
