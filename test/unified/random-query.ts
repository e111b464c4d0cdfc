import {
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
} from 'graphql';

export interface RandomQuery {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What a variable may be: its type, and values of it as literals and as JSON. */
const VARIABLES: Readonly<
  Record<string, { readonly type: string; readonly literals: readonly string[]; readonly values: readonly unknown[] }>
> = {
  text: { type: 'String', literals: ['"a\\"b"', '"é\\n"', 'null', '""'], values: ['x', null, '', 3] },
  count: { type: 'Int', literals: ['0', '-7', 'null'], values: [1, null, 2.5, 'n'] },
  filter: {
    type: 'Filter',
    literals: [
      '{}',
      '{ name: "n", size: LARGE }',
      '{ not: { ids: [1, "b"], born: "2020-01-02T03:04:05Z" } }',
      '{ ids: 4, size: null }',
    ],
    values: [
      {},
      { size: 'SMALL' },
      { size: 'HUGE' },
      { not: { not: { ids: 'x' } } },
      { born: '2021-05-06T07:08:09Z' },
      { other: 1 },
      null,
    ],
  },
  json: { type: 'JSON', literals: ['1.5', '[1, { a: "b" }]', 'null', 'true'], values: [{ a: [null] }, 'text', null] },
  by: {
    type: 'By',
    literals: ['{ name: "n" }', '{ id: 3 }'],
    values: [{ name: 'n' }, { id: 3 }, {}, { name: 'n', id: 'i' }, null],
  },
  id: { type: 'ID!', literals: ['"i"', '2'], values: ['v', 5] },
  ids: { type: '[ID!]', literals: ['["i", 2]', '"one"', 'null'], values: [['v', 5], 'one', null] },
  needed: { type: 'Boolean', literals: ['true', 'false'], values: [true, false, null] },
};

/**
 * Makes a query of what a tape of numbers chooses: fields, arguments, variables with and without defaults and values, aliases,
 * directives, fragments. It need not be valid.
 */
export function randomQuery(schema: GraphQLSchema, tape: readonly number[]): RandomQuery {
  let at = 0;
  const choose = (count: number) => (tape[at++ % tape.length] ?? 0) % count;
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[choose(items.length)];
  const definitions = new Map<string, string>();
  const variables: Record<string, unknown> = {};
  const fragments: string[] = [];

  function selection(type: GraphQLNamedType, depth: number): string {
    const count = 1 + choose(4);
    return `{ ${Array.from({ length: count }, () => part(type, depth)).join(' ')} }`;
  }

  function part(type: GraphQLNamedType, depth: number): string {
    const kind = depth > 4 ? 9 : choose(10);
    if (isAbstractType(type) && kind > 3) return `... on ${pick(['Cat', 'Dog'])}${directive(8)} ${selectionOn(kind)}`;
    if (kind === 0) return '__typename';
    if (kind === 1) return `... ${directive(6)} ${selection(type, depth + 1)}`;
    if (kind === 2) return spread(type, depth);
    return field(type, depth);

    function selectionOn(number: number): string {
      return selection(schema.getType(number % 2 === 0 ? 'Cat' : 'Dog') ?? type, depth + 1);
    }
  }

  function spread(type: GraphQLNamedType, depth: number): string {
    const name = `F${fragments.length}`;
    fragments.push('');
    fragments[Number(name.slice(1))] = `fragment ${name} on ${type.name} ${selection(type, depth + 1)}`;
    return `...${name}${directive(6)} ...${name}`;
  }

  function field(type: GraphQLNamedType, depth: number): string {
    if (!isObjectType(type) && !isInterfaceType(type)) return '__typename';
    const fields = Object.values(type.getFields()).filter(
      ({ type: inner }) => depth < 4 || isLeafType(getNamedType(inner)),
    );
    const chosen = pick(fields);
    if (!chosen) return '__typename';
    const inner = getNamedType(chosen.type);
    const alias = choose(4) === 0 ? `${pick(['a', 'b', 'constructor'])}${choose(3)}: ` : '';
    const below = isLeafType(inner) ? '' : ` ${selection(inner, depth + 1)}`;
    return `${alias}${chosen.name}${args(chosen.args)}${directive(5)}${below}`;
  }

  function args(known: readonly GraphQLArgument[]): string {
    const given = known
      .filter(() => choose(3) === 0)
      .map(({ name }) => `${name}: ${choose(2) === 0 ? variable(name) : literal(name)}`);
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  }

  function literal(name: string): string {
    if (name === 'filter' && choose(2) === 0) return filter(0);
    if (name === 'json' && choose(4) === 0) return `[{ a: ${variable('text')} }]`;
    return constant(name);
  }

  function constant(name: string): string {
    return pick(VARIABLES[name]?.literals ?? []) ?? 'null';
  }

  /** An object literal with variables in it. */
  function filter(depth: number): string {
    const parts = [
      `name: ${variable('text')}`,
      `ids: [1, ${variable('id')}]`,
      `ids: ${variable('ids')}`,
      'size: LARGE',
    ];
    const not =
      depth < 3 && choose(2) === 0 ? [`not: ${choose(3) === 0 ? variable('filter') : filter(depth + 1)}`] : [];
    return `{ ${[...(choose(4) === 0 ? [] : [parts[choose(4)]]), ...not].join(', ')} }`;
  }

  function variable(name: string): string {
    const facts = VARIABLES[name];
    if (!facts) return 'null';
    if (!definitions.has(name)) {
      const fallback = choose(3) === 0 ? ` = ${constant(name)}` : '';
      definitions.set(name, `$${name}: ${facts.type}${fallback}`);
      if (choose(3) > 0) variables[name] = pick(facts.values);
    }
    return `$${name}`;
  }

  /** Once in so many times a directive. */
  function directive(times: number): string {
    if (choose(times) > 0) return '';
    const condition = pick(['true', 'false', '$yes', '$no']) ?? 'true';
    if (condition === '$yes') definitions.set('yes', '$yes: Boolean! = true');
    if (condition === '$no') {
      definitions.set('no', '$no: Boolean!');
      variables.no = false;
    }
    return ` @${pick(['skip', 'include'])}(if: ${condition})`;
  }

  const query = schema.getQueryType();
  if (!query) throw new Error('Expected a query type.');
  const set = selection(query, 0);
  const head = definitions.size === 0 ? 'query' : `query (${[...definitions.values()].join(', ')})`;
  return { text: [`${head} ${set}`, ...fragments].join('\n'), variables };
}
