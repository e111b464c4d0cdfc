import type { Json, JsonObject } from '../directory-objects.js';
import { isJsonObject } from '../directory-objects.js';
import { badRequest, invalidProperty } from './graph-error.js';
import { filledValue, type ObjectType, type Property } from './object-types.js';

/**
 * Checks a body against its type and gives the properties that it sets. Throws 400 for a property that does not exist, that is read-only,
 * or whose value is of another kind; and, where the object is to be made, for one that is missing.
 */
export function readProperties(body: JsonObject, type: ObjectType, purpose: 'create' | 'update'): JsonObject {
  const properties: Record<string, Json> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name.includes('@odata.')) continue;
    const property = Object.hasOwn(type.properties, name) ? type.properties[name] : undefined;
    if (property === undefined) throw invalidProperty(name);
    if (property.readOnly) throw invalidProperty(name, `Property '${name}' is read-only and cannot be set.`);
    checkValue(name, property, value);
    properties[name] = filledValue(property, value);
  }
  if (purpose === 'create') checkRequired(properties, type);
  return properties;
}

function checkRequired(properties: JsonObject, { name: typeName, properties: known }: ObjectType): void {
  for (const [name, { required }] of Object.entries(known)) {
    if (!required || (properties[name] !== undefined && properties[name] !== null)) continue;
    const resource = `${typeName[0]?.toUpperCase()}${typeName.slice(1)}`;
    const message = `A value is required for property '${name}' of resource '${resource}'.`;
    throw badRequest(message, [{ code: 'InvalidValue', message, target: name }]);
  }
}

const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

const ACCEPTS: Readonly<Record<Property['kind'], (value: Json) => boolean>> = {
  text: (value) => typeof value === 'string',
  guid: (value) => typeof value === 'string' && GUID.test(value),
  time: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  flag: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  list: (value) => Array.isArray(value) && value.every(isJsonObject),
  complex: isJsonObject,
  any: () => true,
};

function checkValue(name: string, property: Property, value: Json): void {
  if (value === null) {
    if (property.required) throw invalidValue(name, value);
    return;
  }
  if (!ACCEPTS[property.kind](value)) throw invalidValue(name, value);
  if (property.values && !property.values.includes(String(value))) throw invalidValue(name, value);
  if (property.kind === 'complex') checkParts(name, property.initial, value);
}

function checkParts(name: string, initial: Json, value: Json): void {
  const unknown = Object.keys(Object(value)).find((part) => !part.includes('@odata.') && !(part in Object(initial)));
  if (unknown !== undefined) throw invalidProperty(`${name}/${unknown}`, `Invalid property '${unknown}'.`);
}

function invalidValue(name: string, value: Json): Error {
  const shown = isJsonObject(value) || Array.isArray(value) ? 'the value' : `value '${String(value)}'`;
  return invalidProperty(name, `Invalid ${shown} specified for property '${name}' of resource.`);
}
