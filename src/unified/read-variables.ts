import {
  GraphQLBoolean,
  GraphQLID,
  GraphQLInt,
  type GraphQLNullableType,
  type GraphQLSchema,
  GraphQLString,
  getNullableType,
  getVariableValues,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';

/** The variables of a request, or what is wrong with them. */
export type ReadVariables = (inputs: Readonly<Record<string, unknown>>) => ReturnType<typeof getVariableValues>;

/** Makes what reads the variables of one operation as graphql-js does; sooner where all are such that it would leave them as they are. */
export function createVariableReader(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): ReadVariables {
  const plain = variableDefinitions.map(({ variable, type }) => ({
    name: variable.name.value,
    isPlain: PLAIN.get(getNullableType(typeFromAST(schema, type))) ?? NEVER,
  }));
  return (inputs) => {
    const coerced: Record<string, unknown> = {};
    for (const { name, isPlain } of plain) {
      const value = inputs[name];
      if (!isPlain(value)) return getVariableValues(schema, variableDefinitions, inputs, { maxErrors: 50 });
      coerced[name] = value;
    }
    return { coerced };
  };
}

type IsPlain = (value: unknown) => boolean;

const NEVER: IsPlain = () => false;
const isText: IsPlain = (value) => typeof value === 'string';

/** Which values of a type graphql-js takes as they are. */
const PLAIN = new Map<GraphQLNullableType | undefined, IsPlain>([
  [GraphQLID, isText],
  [GraphQLString, isText],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  // Those of 32 bits.
  [GraphQLInt, (value) => typeof value === 'number' && (value | 0) === value],
]);
