import {
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  GraphQLSchema,
  type GraphQLSchemaConfig,
  isInterfaceType,
  isObjectType,
} from 'graphql';

type TypeMap = ReturnType<GraphQLSchema['getTypeMap']>;
type Implementations = ReturnType<GraphQLSchema['getImplementations']>;

/**
 * A GraphQL schema that takes its types as they are listed, and asks none of them for its fields: those are made when a query, or somebody
 * who reads the whole of it, first needs them. GraphQL's own schema follows every field to find the types, which for a thousand tables
 * makes some hundred thousand fields before the first query.
 *
 * So every type must be listed, and for the same reason nothing is validated: whoever builds the types answers for them.
 */
export class LazySchema extends GraphQLSchema {
  private readonly roots: Pick<GraphQLSchemaConfig, 'query' | 'mutation' | 'subscription'>;
  private readonly listed: TypeMap;
  private implementations: ReadonlyMap<string, Implementations> | null = null;

  /** Throws where two types have one name. */
  constructor({ query, mutation, subscription, types, ...config }: GraphQLSchemaConfig) {
    super({ ...config, assumeValid: true });
    this.roots = { query, mutation, subscription };
    const roots = [query, mutation, subscription].filter((type) => type != null);
    this.listed = byName(new Set([...Object.values(super.getTypeMap()), ...roots, ...(types ?? [])]));
  }

  override getQueryType() {
    return this.roots.query;
  }

  override getMutationType() {
    return this.roots.mutation;
  }

  override getSubscriptionType() {
    return this.roots.subscription;
  }

  override getTypeMap(): TypeMap {
    return this.listed;
  }

  override getImplementations(type: GraphQLInterfaceType): Implementations {
    this.implementations ??= implementationsOf(Object.values(this.listed));
    return this.implementations.get(type.name) ?? { objects: [], interfaces: [] };
  }
}

/**
 * The same type for a passing look: what is made of it when it is asked for its fields goes with the look, and the type itself goes on
 * without. What inherits from a type is one, and keeps to itself what it makes.
 */
export function glimpse<Type extends GraphQLNamedType>(type: Type): Type {
  return Object.create(type) as Type;
}

function byName(types: Iterable<GraphQLNamedType>): TypeMap {
  const map: TypeMap = Object.create(null);
  for (const type of types) {
    if (map[type.name] !== undefined) throw new Error(`There are two types named "${type.name}".`);
    map[type.name] = type;
  }
  return map;
}

function implementationsOf(types: readonly GraphQLNamedType[]): ReadonlyMap<string, Implementations> {
  const found = new Map<
    string,
    { readonly objects: GraphQLObjectType[]; readonly interfaces: GraphQLInterfaceType[] }
  >();
  for (const type of types) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const { name } of type.getInterfaces()) {
      const known = found.get(name) ?? { objects: [], interfaces: [] };
      found.set(name, known);
      if (isObjectType(type)) known.objects.push(type);
      else known.interfaces.push(type);
    }
  }
  return found;
}
