/**
 * The scalars of the served graph beyond GraphQL's own. GraphQL demands one instance of each name in a schema, so the static API
 * takes them from here too.
 */
export { GraphQLBigInt, GraphQLDate, GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
