import {
  BREAK,
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from 'graphql';
import { measureOperation } from './operation-size.js';

/** Compiling takes about as long as the fields of an operation are many; beyond this it would hold up other requests. */
const MAX_COMPILED_FIELDS = 1_000;

/**
 * Tells whether the compiler gives the answers that graphql-js gives to an operation. It does not for
 *
 * - anything but queries;
 * - a variable inside an object or list literal, which it passes as null where the client leaves it out;
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
    !hasNestedVariable(document) &&
    !hasMergedCondition(document) &&
    !meansCode(document)
  );
}

function hasNestedVariable(document: DocumentNode): boolean {
  let found = false;
  let literals = 0;
  const literal = {
    enter() {
      literals += 1;
    },
    leave() {
      literals -= 1;
    },
  };
  visit(document, {
    ObjectValue: literal,
    ListValue: literal,
    Variable() {
      if (literals > 0) found = true;
      return found ? BREAK : undefined;
    },
  });
  return found;
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
