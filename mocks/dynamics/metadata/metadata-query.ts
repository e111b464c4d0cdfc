import { queryError } from '../errors.js';
import { isObject, type JsonBody } from '../writes/payload.js';
import type { JsonObject } from './common.js';

/** An `EntityQueryExpression`. https://learn.microsoft.com/power-apps/developer/data-platform/query-schema-definitions */
export interface MetadataQuery {
  readonly entities: PartQuery;
  readonly attributes: PartQuery | null;
  readonly relationships: PartQuery | null;
  readonly keys: PartQuery | null;
  /** LCIDs of the labels to give; empty means all. */
  readonly languages: readonly number[];
}

export interface PartQuery {
  matches(json: JsonObject): boolean;
  /** Null means all of them. */
  readonly properties: readonly string[] | null;
}

/** @throws DynamicsError 400 where the text is no such expression. */
export function parseMetadataQuery(text: string): MetadataQuery {
  const query = parseObject(text);
  const part = (value: unknown) => (isObject(value) ? partQuery(value) : null);
  const languages = isObject(query.LabelQuery) ? query.LabelQuery.FilterLanguages : [];
  return {
    entities: partQuery(query),
    attributes: part(query.AttributeQuery),
    relationships: part(query.RelationshipQuery),
    keys: part(query.KeyQuery),
    languages: Array.isArray(languages) ? languages.map(Number) : [],
  };
}

function parseObject(text: string): JsonBody {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) return parsed;
  } catch {
    // Told below.
  }
  throw queryError('Expected Query to be an EntityQueryExpression in JSON.');
}

function partQuery(query: JsonBody): PartQuery {
  return { matches: compileFilter(query.Criteria), properties: propertiesOf(query.Properties) };
}

function propertiesOf(value: unknown): readonly string[] | null {
  if (!isObject(value)) return [];
  if (value.AllProperties === true) return null;
  return Array.isArray(value.PropertyNames) ? value.PropertyNames.map(String) : [];
}

type Test = (json: JsonObject) => boolean;

function compileFilter(criteria: unknown): Test {
  if (!isObject(criteria)) return () => true;
  const conditions = listOf(criteria.Conditions).map(compileCondition);
  const tests = [...conditions, ...listOf(criteria.Filters).map(compileFilter)];
  if (criteria.FilterOperator === 'Or' && tests.length > 0) return (json) => tests.some((test) => test(json));
  return (json) => tests.every((test) => test(json));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function compileCondition(condition: unknown): Test {
  if (!isObject(condition) || typeof condition.PropertyName !== 'string')
    throw queryError('Expected every condition of the Query to have a PropertyName.');
  const { PropertyName: name, ConditionOperator: operator } = condition;
  const wanted = valuesOf(condition.Value);
  const test = OPERATORS[String(operator)];
  if (test === undefined) throw queryError(`The ConditionOperator '${String(operator)}' is not known.`);
  return (json) => test(primitive(json[name]), wanted);
}

/** `{Type: 'System.String', Value: 'account'}`; lists are arrays, or arrays in JSON text. */
function valuesOf(value: unknown): readonly string[] {
  const inner = isObject(value) ? value.Value : value;
  if (Array.isArray(inner)) return inner.map(primitive);
  if (typeof inner === 'string' && inner.startsWith('[')) return valuesOf(JSON.parse(inner));
  return [primitive(inner)];
}

/** Numbers, booleans and enumerations compare by their text; of a managed property its value counts. */
function primitive(value: unknown): string {
  if (isObject(value)) return primitive(value.Value);
  return value === null || value === undefined ? '' : String(value).toLowerCase();
}

const OPERATORS: Readonly<Record<string, (value: string, wanted: readonly string[]) => boolean>> = {
  Equals: (value, [first]) => value === first,
  NotEquals: (value, [first]) => value !== first,
  In: (value, wanted) => wanted.includes(value),
  NotIn: (value, wanted) => !wanted.includes(value),
  GreaterThan: (value, [first]) => Number(value) > Number(first),
  LessThan: (value, [first]) => Number(value) < Number(first),
};
