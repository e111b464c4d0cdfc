import {
  BREAK,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isInputObjectType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  TypeInfo,
  type VariableNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { measureOperation } from './operation-size.js';

/** Compiling takes about as long as the fields of an operation are many; beyond this it would hold up other requests. */
const MAX_COMPILED_FIELDS = 1_000;

/**
 * Tells whether the compiler gives the answers that graphql-js gives to an operation. It does not for
 *
 * - anything but queries;
 * - conditions (`@skip`, `@include`) on fragments, and on fields that the query names several times: it tells resolvers of the parts
 *   left out too, and they would be read for nothing;
 * - names and texts that mean something in the code it generates.
 *
 * It is no matter of answers but of time for operations that are very large once their fragments are written out.
 */
export function mayCompile(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  return (
    operation.operation === OperationTypeNode.QUERY &&
    measureOperation(document, operation).fields <= MAX_COMPILED_FIELDS &&
    !hasMergedCondition(document) &&
    !meansCode(document)
  );
}

function hasMergedCondition(document: DocumentNode): boolean {
  const named = new Set<string>();
  const repeated = new Set<string>();
  const conditional = new Set<string>();
  let onFragment = false;
  const fragment = ({ directives }: Directed) => {
    if (isConditional({ directives })) onFragment = true;
  };
  visit(document, {
    FragmentSpread: fragment,
    InlineFragment: fragment,
    Field(node) {
      const key = (node.alias ?? node.name).value;
      if (named.has(key)) repeated.add(key);
      named.add(key);
      if (isConditional(node)) conditional.add(key);
    },
  });
  return onFragment || [...conditional].some((key) => repeated.has(key));
}

type Directed = Pick<FieldNode, 'directives'>;

function isConditional({ directives }: Directed): boolean {
  return directives !== undefined && directives.length > 0;
}

/**
 * The compiler writes dates and such into its code by way of texts that begin with `__MAGIC_`, and takes any text that does for one of
 * its own: a client could have code of its own run. A property `__proto__` would set what an object inherits from.
 */
function meansCode(document: DocumentNode): boolean {
  let found = false;
  const check = (text: string) => {
    if (text.includes('__MAGIC_') || text === '__proto__') found = true;
    return found ? BREAK : undefined;
  };
  visit(document, {
    [Kind.STRING]: ({ value }) => check(value),
    [Kind.NAME]: ({ value }) => check(value),
    [Kind.ENUM]: ({ value }) => check(value),
  });
  return found;
}

/** The compiler writes out what is asked of an abstract type once for each kind it may be; beyond this, that is a matter of time too. */
const MAX_KINDS = 50;

/** Tells whether a field of a document leads to a record that may be of very many kinds, as `node` does. */
export function hasManyKinds(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema);
  let found = false;
  const visitor = {
    Field() {
      const type = getNamedType(types.getType());
      if (isAbstractType(type) && schema.getPossibleTypes(type).length > MAX_KINDS) found = true;
      return found ? BREAK : undefined;
    },
  };
  visit(document, visitWithTypeInfo(types, visitor));
  return found;
}

/**
 * The variables that stand inside object and list literals. The compiler gives the answers of graphql-js where each of them has a value;
 * one that has none it takes for null. Null where a literal is of a scalar, whose variables the compiler leaves out.
 */
export function variablesInLiterals(schema: GraphQLSchema, document: DocumentNode): ReadonlySet<string> | null {
  const types = new TypeInfo(schema);
  const names = new Set<string>();
  const literals: ('composite' | 'scalar')[] = [];
  let isInScalar = false;
  const leave = () => {
    literals.pop();
  };
  const visitor = {
    ObjectValue: {
      enter() {
        literals.push(isInputObjectType(getNamedType(types.getInputType())) ? 'composite' : 'scalar');
      },
      leave,
    },
    ListValue: {
      enter() {
        literals.push(isListType(getNullableType(types.getParentInputType())) ? 'composite' : 'scalar');
      },
      leave,
    },
    Variable({ name }: VariableNode) {
      if (literals.includes('scalar')) isInScalar = true;
      if (literals.length > 0) names.add(name.value);
    },
  };
  visit(document, visitWithTypeInfo(types, visitor));
  return isInScalar ? null : names;
}
