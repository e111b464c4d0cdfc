import { setImmediate } from 'node:timers/promises';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLNamedType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { OperationRequest } from './execute-operation.js';
import { glimpse } from './lazy-schema.js';
import { WrittenData } from './written-data.js';

/** Types described before other requests have their turn: some milliseconds of work. */
const TYPES_AT_ONCE = 20;

/** Tells whether an operation asks for the GraphQL schema, and for nothing else. */
export function isIntrospection({ selectionSet: { selections } }: OperationDefinitionNode): boolean {
  const names = selections.map((node) => (node.kind === Kind.FIELD ? node.name.value : ''));
  return names.includes('__schema') && names.every((name) => name.startsWith('__'));
}

/**
 * Makes what answers introspection. The whole of a large graph takes seconds and tens of megabytes: so other requests have their turn in
 * between, one answer is made at a time, and whoever asks for the same meanwhile shares it.
 */
export function createIntrospection(): (request: OperationRequest) => Promise<ExecutionResult> {
  const underWay = new Map<string, Promise<ExecutionResult>>();
  const numbers = new WeakMap<object, number>();
  let objects = 0;
  let queue: Promise<unknown> = Promise.resolve();

  /** Tells objects apart in a key. */
  function numberOf(object: GraphQLSchema | DocumentNode): number {
    const number = numbers.get(object) ?? ++objects;
    numbers.set(object, number);
    return number;
  }

  return async (request) => {
    const { operationName, variables } = request.request;
    const key = JSON.stringify([numberOf(request.schema), numberOf(request.document), operationName, variables]);
    const answer = underWay.get(key) ?? queue.then(() => introspect(request));
    if (!underWay.has(key)) {
      underWay.set(key, answer);
      // Nothing but the end is passed on: an answer must not be kept until the next one.
      const end = () => void underWay.delete(key);
      queue = answer.then(end, end);
    }
    // What is done to an answer on its way out is no business of the others who share it.
    return { ...(await answer) };
  };
}

/**
 * Asks for some of the types at a time and keeps the text of what came, since the objects of all of them take ten times the memory. What
 * is asked beside the types is small, and comes with each part.
 */
async function introspect({ schema, document, request }: OperationRequest): Promise<ExecutionResult> {
  const { operationName, variables: variableValues } = request;
  const ask = async (types: readonly GraphQLNamedType[]) =>
    execute({ schema: showing(schema, types), document, operationName, variableValues });
  const frame = await ask([]);
  if (frame.errors || !isObject(frame.data)) return frame;
  const lists = emptyLists(frame.data);
  const types = Object.values(schema.getTypeMap());
  for (let at = 0; at < types.length; at += TYPES_AT_ONCE) {
    const part = await ask(types.slice(at, at + TYPES_AT_ONCE));
    if (part.errors || !isObject(part.data)) return part;
    for (const list of lists) list.texts.push(...itemsAt(part.data, list).map((item) => JSON.stringify(item)));
    await setImmediate();
  }
  return { data: new WrittenData(piecesOf(frame.data, lists)) };
}

/** The same GraphQL schema, whose list of types has these. Nothing but introspection reads it while a document executes. */
function showing(schema: GraphQLSchema, types: readonly GraphQLNamedType[]): GraphQLSchema {
  const getTypeMap = () => Object.fromEntries(types.map((type) => [type.name, glimpse(type)]));
  const getType = (name: string) => schema.getType(name);
  // What inherits from a GraphQL schema is one.
  return Object.create(schema, { getTypeMap: { value: getTypeMap }, getType: { value: getType } }) as GraphQLSchema;
}

/** A list of types in the answer, by the names that the query gives to `__schema` and to its `types`. */
interface TypeList {
  readonly schema: string;
  readonly types: string;
  /** The types so far, as JSON. */
  readonly texts: string[];
}

type Data = Readonly<Record<string, unknown>>;

/** Every list directly in a `__schema` that is empty: there always are directives. */
function emptyLists(data: Data): readonly TypeList[] {
  return Object.entries(data).flatMap(([schema, described]) =>
    Object.entries(isObject(described) ? described : {})
      .filter(([, value]) => Array.isArray(value) && value.length === 0)
      .map(([types]) => ({ schema, types, texts: [] })),
  );
}

function itemsAt(data: Data, { schema, types }: TypeList): readonly unknown[] {
  const described = data[schema];
  const items = isObject(described) ? described[types] : [];
  return Array.isArray(items) ? items : [];
}

/** The JSON of the frame with the lists in their places. */
function piecesOf(frame: Data, lists: readonly TypeList[]): readonly string[] {
  const pieces: string[] = [];
  writeObject(pieces, frame, (schema, described) => {
    const own = lists.filter((list) => list.schema === schema);
    if (own.length === 0 || !isObject(described)) return void pieces.push(JSON.stringify(described));
    writeObject(pieces, described, (name, value) => {
      const list = own.find(({ types }) => types === name);
      if (!list) return void pieces.push(JSON.stringify(value));
      pieces.push('[');
      list.texts.forEach((text, at) => {
        pieces.push(at === 0 ? '' : ',', text);
      });
      pieces.push(']');
    });
  });
  return pieces;
}

function writeObject(pieces: string[], object: Data, write: (name: string, value: unknown) => void): void {
  pieces.push('{');
  Object.entries(object).forEach(([name, value], at) => {
    pieces.push(at === 0 ? '' : ',', JSON.stringify(name), ':');
    write(name, value);
  });
  pieces.push('}');
}

function isObject(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
