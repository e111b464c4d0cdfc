import { GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { LazySchema } from './lazy-schema.js';
import type { GeneratedFields } from './schema/build-generated-schema.js';

/**
 * Makes one GraphQL schema of the static API and the generated fields. Type objects are shared with the static one, nothing is printed
 * or parsed again, and generated types are not asked for their fields. Throws where a root field of one name comes from both.
 */
export function composeSchema(staticSchema: GraphQLSchema, generated: GeneratedFields): GraphQLSchema {
  const config = staticSchema.toConfig();
  const root = config.query ?? new GraphQLObjectType({ name: 'Query', fields: {} });
  const query = extendRoot(
    root,
    'What can be read: the records of both systems, and how they are connected.',
    generated.queryFields,
  );
  const mutation =
    config.mutation &&
    extendRoot(
      config.mutation,
      'What can be changed: the connection, and records of mapped tables.',
      generated.mutationFields,
    );
  const replaced = new Set<unknown>([config.query, config.mutation]);
  const types = config.types.filter((type) => !replaced.has(type));
  return new LazySchema({ ...config, query, mutation, types: [...types, ...generated.types] });
}

type Fields = ReturnType<GraphQLObjectType['toConfig']>['fields'];

function extendRoot(root: GraphQLObjectType, description: string, added: Fields): GraphQLObjectType {
  const config = root.toConfig();
  const taken = Object.keys(added).filter((name) => name in config.fields);
  if (taken.length > 0) throw new Error(`${root.name}.${taken.join(', ')} is both static and generated.`);
  return new GraphQLObjectType({ ...config, description, fields: { ...config.fields, ...added } });
}
