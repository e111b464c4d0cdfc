import type { AttributeType, SchemaAttribute } from '../model/campaign-schema.js';
import { RequestError } from '../model/errors.js';
import type { WriteValue } from '../model/query.js';
import { isXmlText } from '../model/xml.js';
import { temporalValue } from './convert.js';

/** The length of a Campaign string attribute that names none: https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/elements-attributes/attribute.html */
export const DEFAULT_STRING_LENGTH = 255;

/**
 * A converted value in the form of the attribute that takes it. Nothing is cut or rounded to make it fit:
 * rejects with BAD_USER_INPUT, naming the attribute, text that is too long or that XML cannot hold, and a number out of range.
 */
export function fitToAttribute(value: WriteValue, attribute: SchemaAttribute): WriteValue {
  if (value === null) return null;
  if (INTEGER_RANGES.has(attribute.type)) return fitInteger(value, attribute);
  if (attribute.type === 'boolean') return fitBoolean(value, attribute);
  if (attribute.type === 'float' || attribute.type === 'double') return fitNumber(value, attribute);
  if (attribute.type === 'date' || attribute.type === 'datetime') return fitMoment(value, attribute);
  return fitText(String(value), attribute);
}

/** Tells whether an attribute holds a number. */
export function isNumeric(type: AttributeType): boolean {
  return INTEGER_RANGES.has(type) || type === 'float' || type === 'double';
}

const INTEGER_RANGES: ReadonlyMap<AttributeType, readonly [bigint, bigint]> = new Map([
  ['byte', [-(2n ** 7n), 2n ** 7n - 1n]],
  ['short', [-(2n ** 15n), 2n ** 15n - 1n]],
  ['long', [-(2n ** 31n), 2n ** 31n - 1n]],
  ['int64', [-(2n ** 63n), 2n ** 63n - 1n]],
]);

function fitInteger(value: string | number | boolean, attribute: SchemaAttribute): number | string {
  const text = String(typeof value === 'boolean' ? Number(value) : value);
  if (!/^-?\d+$/.test(text)) throw unfit(attribute, `a whole number, got "${shorten(text)}"`);
  const [least, most] = INTEGER_RANGES.get(attribute.type) ?? [0n, 0n];
  const number = BigInt(text);
  if (number < least || number > most) throw unfit(attribute, `a number from ${least} to ${most}, got ${text}`);
  return attribute.type === 'int64' ? text : Number(text);
}

function fitNumber(value: string | number | boolean, attribute: SchemaAttribute): number {
  const number = Number(value);
  if (value === '' || !Number.isFinite(number)) throw unfit(attribute, `a number, got "${shorten(value)}"`);
  return number;
}

function fitBoolean(value: string | number | boolean, attribute: SchemaAttribute): boolean {
  const text = String(value).toLowerCase();
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw unfit(attribute, `true or false, got "${shorten(value)}"`);
}

function fitMoment(value: string | number | boolean, attribute: SchemaAttribute): string {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) {
    throw unfit(attribute, `a date or moment in ISO 8601, got "${shorten(value)}"`);
  }
  return temporalValue(attribute.type, value);
}

function fitText(value: string, attribute: SchemaAttribute): string {
  const most = attribute.isElement || attribute.type !== 'string' ? null : (attribute.length ?? DEFAULT_STRING_LENGTH);
  if (most !== null && value.length > most) {
    throw unfit(
      attribute,
      `at most ${most} characters, got ${value.length}: lengthen the attribute or shorten the text`,
    );
  }
  if (!isXmlText(value)) throw unfit(attribute, 'no control characters and no half characters: remove them');
  return value;
}

function unfit(attribute: SchemaAttribute, expected: string): RequestError {
  return new RequestError('BAD_USER_INPUT', `Campaign's attribute "${attribute.name}" takes ${expected}.`, {
    field: attribute.name,
  });
}

function shorten(value: unknown): string {
  const text = String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
