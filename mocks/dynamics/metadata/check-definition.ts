import { payloadError } from '../errors.js';
import { isObject, type JsonBody } from '../writes/payload.js';

/** What a property of a definition must be, where it is there and not null. */
type Kind = 'Edm.Int32' | 'Edm.Double' | 'Edm.Boolean' | 'object' | 'array' | 'label';

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['DisplayName', 'label'],
  ['DisplayCollectionName', 'label'],
  ['Description', 'label'],
  ['MaxLength', 'Edm.Int32'],
  ['Precision', 'Edm.Int32'],
  ['DefaultFormValue', 'Edm.Int32'],
  ['MinValue', 'Edm.Double'],
  ['MaxValue', 'Edm.Double'],
  ['ChangeTrackingEnabled', 'Edm.Boolean'],
  ['IsPrimaryName', 'Edm.Boolean'],
  ['RequiredLevel', 'object'],
  ['FormatName', 'object'],
  ['DateTimeBehavior', 'object'],
  ['OptionSet', 'object'],
  ['Lookup', 'object'],
  ['Attributes', 'array'],
  ['KeyAttributes', 'array'],
  ['Options', 'array'],
]);

/** Longest texts: https://learn.microsoft.com/power-apps/maker/data-platform/types-of-fields */
const MAX_LENGTHS = { String: 4000, Memo: 1_048_576 } as const;

/**
 * Checks the types of a definition's properties, those of its columns, lookup and option set with them.
 *
 * @throws DynamicsError 400 naming the property that is wrong.
 */
export function assertDefinition(body: JsonBody): void {
  for (const [name, value] of Object.entries(body)) {
    const kind = KINDS.get(name);
    if (kind !== undefined && value !== null && !isOfKind(value, kind)) throw wrongType(name, kind);
  }
  assertMaxLength(body);
  const attributes = Array.isArray(body.Attributes) ? body.Attributes : [];
  if (!attributes.every(isObject)) throw wrongType('Attributes', 'object');
  for (const part of [...attributes, body.Lookup, body.OptionSet]) if (isObject(part)) assertDefinition(part);
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === 'Edm.Int32') return Number.isInteger(value) && Math.abs(Number(value)) <= 2_147_483_648;
  if (kind === 'Edm.Double') return typeof value === 'number';
  if (kind === 'Edm.Boolean') return typeof value === 'boolean';
  if (kind === 'array') return Array.isArray(value);
  return isObject(value) && (kind === 'object' || isLabel(value));
}

function isLabel({ LocalizedLabels: labels }: JsonBody): boolean {
  if (labels === undefined || labels === null) return true;
  return Array.isArray(labels) && labels.every(isText);
}

function isText(label: unknown): boolean {
  return isObject(label) && typeof label.Label === 'string' && Number.isInteger(label.LanguageCode);
}

function assertMaxLength({ MaxLength: length, '@odata.type': type }: JsonBody): void {
  const limit = String(type).includes('MemoAttribute') ? MAX_LENGTHS.Memo : MAX_LENGTHS.String;
  if (typeof length !== 'number' || type === undefined || (length >= 1 && length <= limit)) return;
  throw payloadError('metadata', `The value ${length} of 'MaxLength' is not from 1 to ${limit}.`);
}

function wrongType(name: string, kind: Kind) {
  const wanted = kind === 'label' ? 'Microsoft.Dynamics.CRM.Label' : kind;
  return payloadError('metadata', `Cannot convert the value of '${name}' to the expected type '${wanted}'.`);
}
