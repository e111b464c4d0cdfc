import { GraphQLID, GraphQLNonNull, type GraphQLObjectTypeConfig } from 'graphql';
import type { RecordData } from '../../model/record.js';
import { writeNodeId } from '../node-id.js';
import { resolveNode } from '../resolvers/records.js';
import type { RecordTarget } from './field-source.js';
import type { FieldConfig, RecordTypes } from './record-types.js';
import type { Build } from './support-types.js';

/** What makes a type a node: the interface, and the field `nodeId` made of the key of the record at hand. */
export function nodeParts(
  { support }: Build,
  typeName: string,
  key: string,
): { readonly interfaces: GraphQLObjectTypeConfig<unknown, unknown>['interfaces']; readonly nodeId: FieldConfig } {
  return {
    interfaces: [support.node],
    nodeId: {
      type: new GraphQLNonNull(GraphQLID),
      description: 'An id that no other record of any kind has.',
      resolve: (record: RecordData) => writeNodeId({ typeName, id: String(record[key]) }),
    },
  };
}

/**
 * `node(id: ID!)`: a record of any kind by its `nodeId`.
 * https://graphql.org/learn/global-object-identification/
 */
export function nodeField({ support }: Build, kinds: readonly RecordTypes[]): FieldConfig {
  const targets: ReadonlyMap<string, RecordTarget> = new Map(kinds.map(({ target }) => [target.typeName, target]));
  return {
    type: support.node,
    description: 'A record of any kind by its nodeId; null where there is none.',
    args: { id: { type: new GraphQLNonNull(GraphQLID), description: 'The nodeId of the record.' } },
    resolve: resolveNode(targets),
  };
}
