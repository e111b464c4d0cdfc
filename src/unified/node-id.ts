import { RequestError } from '../model/errors.js';

/** Which record a node id stands for. */
export interface NodeKey {
  readonly typeName: string;
  /** The id by which the field for one record of that type finds it. */
  readonly id: string;
}

/** An id that no other record of any kind has: opaque to clients, the same as long as the type keeps its name. */
export function writeNodeId({ typeName, id }: NodeKey): string {
  return Buffer.from(`${typeName}:${id}`).toString('base64url');
}

/** Reads a node id. Rejects with BAD_USER_INPUT what `writeNodeId` has not written. */
export function readNodeId(nodeId: string): NodeKey {
  const [, typeName, id] = /^(\w+):(.+)$/s.exec(Buffer.from(nodeId, 'base64url').toString('utf8')) ?? [];
  if (typeName !== undefined && id !== undefined && writeNodeId({ typeName, id }) === nodeId) return { typeName, id };
  throw new RequestError('BAD_USER_INPUT', 'Expected "id" to be the nodeId of a record, but got something else.', {
    field: 'id',
  });
}
