import type { OptionSet } from '../model/table.js';

/** `account` → `Account`: how Campaign's own connector begins the names it makes from a table. */
export function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The enumeration made for a choice column: `Account_industrycode`. */
export function enumerationName(table: string, column: string): string {
  return `${capitalized(table)}_${column}`;
}

/** The itemized list of a choice column where none is named: a list for each global option set, and one for each column with options of its own. */
export function defaultListName(table: string, column: string, optionSet: OptionSet): string {
  const isUsable = optionSet.isGlobal && isListName(optionSet.name);
  return isUsable ? optionSet.name : enumerationName(table, column);
}

/** https://experienceleague.adobe.com/docs/campaign-classic/using/getting-started/administration-basics/managing-enumerations.html */
export function isListName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name);
}

/** The source schema that lists the mapped tables of an external account: `mscrm:mscrmSchemadynamicsCRM`. */
export function accountSchemaName(account: string): string {
  return `mscrm:mscrmSchema${account}`;
}

/** The schema made for a table that names no target: `cus:crmAccount`. */
export function defaultSchemaName(table: string, namespace: string): string {
  return `${namespace}:crm${capitalized(table)}`;
}

/** Namespaces that Adobe keeps for itself, and those that CRM connectors write to; schemas in them are extended and never made by hand. */
export function isReservedNamespace(namespace: string): boolean {
  return RESERVED_NAMESPACES.has(namespace);
}

/**
 * Tells whether a schema holds what Campaign works by and not data of the business: whoever may write to it rules the instance (operators,
 * rights, JavaScript, external accounts), which mapping a table must not give.
 */
export function isSystemSchema({ namespace, local }: { readonly namespace: string; readonly local: string }): boolean {
  return SYSTEM_NAMESPACES.has(namespace) || (namespace === 'nms' && local.toLowerCase() === 'extaccount');
}

/** The two halves of `nms:recipient`; null where the text is not a schema name. */
export function parseSchemaName(name: string): { readonly namespace: string; readonly local: string } | null {
  const match = /^([a-z][a-z0-9]{1,14}):([A-Za-z][A-Za-z0-9_]{0,99})$/.exec(name);
  return match?.[1] && match[2] ? { namespace: match[1], local: match[2] } : null;
}

/** An attribute's XPath with its `@` in place: `location/city` → `location/@city`; null where it is not a plain path. */
export function parseAttributePath(
  path: string,
): { readonly elements: readonly string[]; readonly name: string } | null {
  if (!/^(?:[A-Za-z_][\w-]*\/){0,5}@?[A-Za-z_][\w-]*$/.test(path)) return null;
  const steps = path.replace('@', '').split('/');
  const name = steps.pop();
  return name === undefined ? null : { elements: steps, name };
}

/** The known name nearest to one that is not known, for a helpful message; null where none comes near. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const wanted = name.toLowerCase();
  const limit = Math.max(2, Math.floor(name.length / 3));
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance <= limit && (best === null || distance < best.distance)) best = { name: candidate, distance };
  }
  return best?.name ?? null;
}

/** https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/schema-structure.html */
const RESERVED_NAMESPACES: ReadonlySet<string> = new Set([
  ...['xtk', 'nl', 'nms', 'ncm', 'temp', 'ncl', 'crm', 'xxl'],
  ...['mscrm', 'sfdc', 'ood'],
]);

/** `xtk`, `nl` and `ncl` are the platform itself, `temp` what workflows leave behind, the others the lists of tables of CRM connectors. */
const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(['xtk', 'nl', 'ncl', 'temp', 'mscrm', 'sfdc', 'ood']);

/** How many letters must be added, dropped or changed (Levenshtein), row by row. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
