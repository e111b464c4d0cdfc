/**
 * Decides every generated GraphQL name. Names come from the vendors' own; where two of those would give one GraphQL name the outcome
 * depends on nothing but the names themselves, never on the order in which a remote lists them.
 */

/** Names a filter input uses for its own operators. */
export const FILTER_WORDS = ['and', 'or', 'not'] as const;

/** Names a unified record uses for what it has beyond its columns. */
export const UNIFIED_WORDS = ['id', 'nodeId', 'dynamics', 'campaign', 'syncState', 'drift'] as const;

/** `msdyncrm_segment` → `DynamicsMsdyncrmSegment` */
export function dynamicsTypeName(logicalName: string): string {
  return `Dynamics${pascalCase(logicalName)}`;
}

/** `nms:recipient` → `CampaignNmsRecipient`, `cus:crmAccount` → `CampaignCusCrmAccount` */
export function campaignTypeName(schema: string): string {
  return `Campaign${pascalCase(schema)}`;
}

/** `contact` → `Contact` */
export function unifiedTypeName(logicalName: string): string {
  return legalName(pascalCase(logicalName));
}

/** `location` inside `CampaignNmsRecipient` → `CampaignNmsRecipientLocation` */
export function elementTypeName(parent: string, element: string): string {
  return `${parent}${pascalCase(element)}`;
}

/** Root fields for one record and for many of them. */
export interface RootNames {
  readonly one: string;
  readonly many: string;
}

/** `contact`, `contacts`: the logical name and the entity set name. Where the two are equal the singular ends in `ById`. */
export function tableRootNames(logicalName: string, setName: string): RootNames {
  const one = legalName(logicalName);
  const many = legalName(setName);
  return { one: one === many ? `${one}ById` : one, many };
}

/** `nms:recipient` → `nmsRecipient`, `nmsRecipients`. */
export function schemaRootNames(schema: string): RootNames {
  const [namespace = '', ...rest] = schema.split(':');
  const one = legalName(`${namespace}${pascalCase(rest.join('_'))}`);
  return { one, many: pluralOf(one) };
}

/** What a mutation does to records. */
export type MutationVerb = 'create' | 'update' | 'upsert' | 'delete';

/** `createDynamicsContact`: the mutation that does so to records shown as a type. */
export function mutationName(verb: MutationVerb, typeName: string): string {
  return `${verb}${typeName}`;
}

/** A GraphQL name as near as may be to `name`: `folder-id` → `folder_id`, `2nd` → `_2nd`. Names in `__` are GraphQL's own. */
export function legalName(name: string): string {
  if (isLegal(name)) return name;
  const legal = name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^__+/, '_');
  return legal === '' || /^[0-9]/.test(legal) ? `_${legal}` : legal;
}

function isLegal(name: string): boolean {
  return /^(?!__)[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/**
 * Names the members of one scope (the fields of a type, say): each original gets a legal name that no other has and that is not taken.
 * An original that is legal as it is keeps its name before any other may have it; among rivals the first by code point wins, the rest
 * get `_2`, `_3` ….
 */
export function nameScope(originals: readonly string[], taken: readonly string[] = []): ReadonlyMap<string, string> {
  const used = new Set(taken);
  const names = new Map(originals.map((original) => [original, original]));
  // Nearly every scope is settled here: nothing is disputed, so nothing need be put in order first.
  if (originals.every((original) => isLegal(original) && !used.has(original))) return names;
  const sorted = [...names.keys()].sort(compareCodePoints);
  for (const original of [...sorted.filter(isLegal), ...sorted.filter((one) => !isLegal(one))]) {
    const name = freeName(legalName(original), (candidate) => !used.has(candidate));
    used.add(name);
    names.set(original, name);
  }
  return names;
}

/** Hands out names, of types or of the fields of a namespace, so that none is given twice. */
export interface Names {
  /**
   * The wanted name, with a number behind it where the name, or the name with one of the suffixes, is already given.
   * All of them are taken by that.
   */
  claim(wanted: string, suffixes?: readonly string[]): string;
}

/** `taken` are names that are given already. */
export function createNames(taken: Iterable<string> = []): Names {
  const used = new Set(taken);
  return {
    claim(wanted, suffixes = ['']) {
      const name = freeName(wanted, (candidate) => suffixes.every((suffix) => !used.has(`${candidate}${suffix}`)));
      for (const suffix of suffixes) used.add(`${name}${suffix}`);
      return name;
    },
  };
}

/** Orders originals so that who gets a disputed name does not depend on the order of a catalog. */
export function compareCodePoints(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function freeName(wanted: string, isFree: (candidate: string) => boolean): string {
  if (isFree(wanted)) return wanted;
  // What is left of a name without Latin letters is one mark, and names in two are GraphQL's own.
  const stem = wanted === '_' ? '' : wanted;
  for (let number = 2; ; number += 1) {
    const candidate = `${stem}_${number}`;
    if (isFree(candidate)) return candidate;
  }
}

function pascalCase(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
}

function pluralOf(name: string): string {
  if (/[^aeiou]y$/i.test(name)) return `${name.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/i.test(name) ? `${name}es` : `${name}s`;
}
