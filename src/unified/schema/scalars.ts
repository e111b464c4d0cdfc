import { GraphQLError, GraphQLScalarType } from 'graphql';
import { GraphQLBigInt as BigIntOfAnyNumber } from 'graphql-scalars';

/**
 * The scalars of the served graph beyond GraphQL's own. GraphQL demands one instance of each name in a schema, so the static API
 * takes them from here too.
 */
export { GraphQLDate, GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';

/** Whole numbers of any size. A variable that JSON has rounded on its way here is refused, as it would find or change other records. */
export const GraphQLBigInt = new GraphQLScalarType({
  ...BigIntOfAnyNumber.toConfig(),
  parseValue(value) {
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new GraphQLError(
        `BigInt cannot represent a number beyond ${Number.MAX_SAFE_INTEGER} unless it is given as text: ${value}`,
      );
    return BigIntOfAnyNumber.parseValue(value);
  },
});
