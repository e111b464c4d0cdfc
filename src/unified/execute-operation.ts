import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  GraphQLScalarType,
  type GraphQLSchema,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type Source,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { createIntrospection, isIntrospection } from './execute-introspection.js';
import { hasManyKinds, mayCompile, variablesInLiterals } from './may-compile.js';
import { createVariableReader, type ReadVariables } from './read-variables.js';

/** One operation to run, as Apollo Server hands it to the executor of a gateway. */
export interface OperationRequest {
  /** The GraphQL schema that was current when the request began. */
  readonly schema: GraphQLSchema;
  /** One object for all requests with the same text, as long as it is kept: what is compiled hangs on it. */
  readonly document: DocumentNode;
  /** Undefined where the document has no such operation. */
  readonly operation?: OperationDefinitionNode | undefined;
  readonly request: {
    readonly operationName?: string | null | undefined;
    readonly variables?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly context: unknown;
}

export interface ExecutorOptions {
  /** From which time on that a document comes it is compiled; default 2, as a query that comes once would cost more than it saves. */
  readonly compileFrom?: number;
}

export type OperationExecutor = (request: OperationRequest) => Promise<ExecutionResult>;

/** Operations compiled of one document; clients that send more in one text have the others interpreted. */
const MAX_OPERATIONS = 10;

/**
 * Makes an executor that compiles queries which come again and interprets all else with graphql-js. Both give the same answers; what
 * the compiler would answer differently is never compiled. Compiled queries live as long as their document.
 */
export function createOperationExecutor({ compileFrom = 2 }: ExecutorOptions = {}): OperationExecutor {
  const documents = new WeakMap<DocumentNode, KnownDocument>();
  const introspect = createIntrospection();

  function compiledFor({ schema, document, operation }: OperationRequest): CompiledOperation | null {
    if (!operation) return null;
    const known = documents.get(document);
    const entry = known?.schema === schema ? known : { schema, times: 0, compiled: new Map() };
    if (entry !== known) documents.set(document, entry);
    const compiled = entry.compiled.get(operation);
    if (compiled !== undefined) return compiled;
    entry.times += 1;
    if (entry.times < compileFrom || entry.compiled.size >= MAX_OPERATIONS) return null;
    const made = compile(schema, document, operation);
    entry.compiled.set(operation, made);
    return made;
  }

  async function run(request: OperationRequest): Promise<ExecutionResult> {
    const compiled = compiledFor(request);
    return (compiled && (await runCompiled(compiled, request))) ?? interpret(request);
  }

  return (request) => (request.operation && isIntrospection(request.operation) ? introspect(request) : run(request));
}

interface KnownDocument {
  readonly schema: GraphQLSchema;
  times: number;
  /** Null for an operation that is not compiled. */
  readonly compiled: Map<OperationDefinitionNode, CompiledOperation | null>;
}

interface CompiledOperation extends CompiledQuery {
  /** Variables without which the compiled query would answer otherwise than graphql-js. */
  readonly needs: ReadonlySet<string>;
  readonly readVariables: ReadVariables;
}

function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CompiledOperation | null {
  if (!mayCompile(document, operation) || hasManyKinds(schema, document)) return null;
  const needs = variablesInLiterals(schema, document);
  if (needs === null) return null;
  const compiled = compileQuery(
    withCoercedValue(schema),
    withCoercedVariables(document, operation),
    operation.name?.value,
  );
  if (!isCompiledQuery(compiled)) return null;
  return { ...compiled, needs, readVariables: createVariableReader(schema, operation) };
}

/**
 * The compiler reads variables in a way of its own: it never ends where an input type refers to itself, as filters do, and knows neither
 * `@oneOf` nor the defaults of scalars of ours. So graphql-js reads them, and the compiled query takes each as a value of this scalar,
 * that is, as it is. A name with two underscores cannot be taken.
 * https://github.com/zalando-incubator/graphql-jit/issues/81
 */
const COERCED_VALUE = new GraphQLScalarType({ name: '__CoercedValue' });

/** The same GraphQL schema, which knows one type more. */
function withCoercedValue(schema: GraphQLSchema): GraphQLSchema {
  const getType = (name: string) => (name === COERCED_VALUE.name ? COERCED_VALUE : schema.getType(name));
  // What inherits from a GraphQL schema is one.
  return Object.create(schema, { getType: { value: getType } }) as GraphQLSchema;
}

function withCoercedVariables(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const type: NamedTypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: COERCED_VALUE.name } };
  const variableDefinitions = operation.variableDefinitions?.map(({ kind, variable }) => ({ kind, variable, type }));
  const definitions = document.definitions.map((definition) =>
    definition === operation ? { ...operation, variableDefinitions } : definition,
  );
  return { ...document, definitions };
}

function interpret({
  schema,
  document,
  request,
  context,
}: OperationRequest): ExecutionResult | Promise<ExecutionResult> {
  return execute({
    schema,
    document,
    operationName: request.operationName,
    variableValues: request.variables,
    contextValue: context,
  });
}

/** Null where the request lacks variables that the compiled query needs. */
async function runCompiled(
  compiled: CompiledOperation,
  { document, request, context }: OperationRequest,
): Promise<ExecutionResult | null> {
  const variables = compiled.readVariables(request.variables ?? {});
  if (variables.errors) return { errors: variables.errors };
  for (const name of compiled.needs) if (variables.coerced[name] == null) return null;
  const result: ExecutionResult = await compiled.query(undefined, context, variables.coerced);
  if (!result.errors) return result;
  const source = document.loc?.source;
  return { ...result, errors: result.errors.map((error) => asGraphQLError(error, source)) };
}

/** `Cannot return null for non-nullable field Contact.(id,id).`: the compiler names a field once for each place that asks for it. */
const REPEATED_FIELD = /(?<=^Cannot return null for non-nullable field )(\w+)\.\((\w+)(?:,\2)*\)\.$/;

/** The compiler's errors lack what graphql-js's hold (extensions, positions), and what formats errors relies on. */
function asGraphQLError(error: GraphQLError, source: Source | undefined): GraphQLError {
  const positions = source && error.locations?.map(({ line, column }) => positionOf(source, line, column));
  return new GraphQLError(error.message.replace(REPEATED_FIELD, '$1.$2.'), {
    ...(source && { source }),
    ...(positions && { positions }),
    path: error.path,
    originalError: error.originalError,
  });
}

function positionOf({ body }: Source, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) start = nextLine(body, start);
  return start + column - 1;
}

const LINE_END = /\r\n|[\n\r]/g;

function nextLine(body: string, from: number): number {
  LINE_END.lastIndex = from;
  return LINE_END.exec(body) ? LINE_END.lastIndex : body.length;
}
