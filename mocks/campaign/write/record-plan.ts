import { databaseError, notSaved } from '../errors.js';
import { smartCase } from '../expression/text-functions.js';
import { ownText } from '../own-text.js';
import { displayName, type ElementNode, type LinkNode, type SchemaNode, type ValueNode } from '../schema-model.js';
import { castText, kindOf, type Value, ValueError } from '../values.js';
import type { TableSchema } from './write-context.js';
import { isFreeContent } from './xml-content.js';

/** What the names in a document of a schema lead to, at one of its elements. */
export interface ElementPlan {
  /** By the name of the attribute. */
  readonly columns: ReadonlyMap<string, ColumnPlan>;
  /** By the name of the element. */
  readonly children: ReadonlyMap<string, ChildPlan>;
}

/** A column that is written. */
export interface ColumnPlan {
  readonly path: string;
  /** A computed attribute has no column: a document that was read with it can be written back. */
  readonly isStored: boolean;
  /** Casts a text to the column's type and checks it. Throws a `MethodError` where the database would refuse it. */
  read(text: string): Value;
}

export type ChildPlan =
  | { readonly kind: 'group'; readonly plan: ElementPlan }
  /** A member of a collection kept as XML. */
  | { readonly kind: 'member'; readonly node: ElementNode; readonly plan: ElementPlan }
  /** An element that holds a value; `isFree` where elements that no schema describes belong to it. */
  | { readonly kind: 'value'; readonly column: ColumnPlan; readonly isFree: boolean }
  | { readonly kind: 'link'; readonly link: LinkNode };

const PLANS = new WeakMap<ElementNode, ElementPlan>();

/** The plan by which documents of a schema are read, made once for each schema. */
export function planOf(schema: TableSchema): ElementPlan {
  let plan = PLANS.get(schema.root);
  if (!plan) {
    plan = compileElement(schema.root, schema);
    PLANS.set(schema.root, plan);
  }
  return plan;
}

function compileElement(node: ElementNode, schema: TableSchema): ElementPlan {
  return {
    columns: mapValues(node.attributes, (attribute) => compileColumn(attribute, schema)),
    children: mapValues(node.children, (child) => compileChild(child, schema)),
  };
}

function mapValues<From, To>(map: ReadonlyMap<string, From>, change: (value: From) => To): ReadonlyMap<string, To> {
  return new Map([...map].map(([name, value]) => [name, change(value)]));
}

function compileChild(node: SchemaNode, schema: TableSchema): ChildPlan {
  if (node.kind === 'link') return { kind: 'link', link: node };
  if (node.kind === 'value') return { kind: 'value', column: compileColumn(node, schema), isFree: isFreeContent(node) };
  const plan = compileElement(node, schema);
  return node.unbound ? { kind: 'member', node, plan } : { kind: 'group', plan };
}

function compileColumn(node: ValueNode, schema: TableSchema): ColumnPlan {
  const cast = kindOf(node.type) === 'text' ? policyOf(node) : castOften(node.type);
  const length = node.length ?? Number.POSITIVE_INFINITY;
  return {
    path: node.path,
    isStored: node.expr === null,
    read(text) {
      // A character is one or two units of a text.
      if (text.length > length && (text.length > 2 * length || [...text].length > length)) throw tooLong(node, schema);
      try {
        return cast(text);
      } catch (error) {
        if (error instanceof ValueError) throw notSaved(databaseError(`ERROR: ${error.message}`), displayName(schema));
        throw error;
      }
    },
  };
}

function tooLong({ length, path }: ValueNode, schema: TableSchema): Error {
  const message = `ERROR: value too long for type character varying(${length}) (attribute '${path}')`;
  return notSaved(databaseError(message), displayName(schema));
}

/** Data policies change text as it is saved. Only those that change case are kept here. */
function policyOf({ dataPolicy }: ValueNode): (text: string) => Value {
  if (dataPolicy === 'lowerCase') return (text) => text.toLowerCase();
  if (dataPolicy === 'upperCase') return (text) => text.toUpperCase();
  return dataPolicy === 'smartCase' ? smartCase : (text) => text;
}

const MAX_OFTEN = 10_000;
const MAX_OFTEN_LENGTH = 40;
const CASTS = new Map<string, Map<string, Value>>();

/** Casts what is no text. The few values that most rows share are cast once. */
function castOften(type: string): (text: string) => Value {
  const casts = CASTS.get(type) ?? new Map<string, Value>();
  CASTS.set(type, casts);
  return (text) => {
    const known = casts.get(text);
    if (known !== undefined) return known;
    const value = castText(text, type);
    if (casts.size >= MAX_OFTEN) casts.clear();
    if (text.length < MAX_OFTEN_LENGTH) casts.set(ownText(text), value);
    return value;
  };
}
