import {
  type ClientRequest,
  type DynamicsClient,
  type JsonObject,
  parseObject,
} from '../../../src/connectors/dynamics/client.js';
import { decodeError } from '../../../src/connectors/dynamics/errors.js';
import { ResponseHeaders } from '../../../src/connectors/response-headers.js';

export interface FakeAnswer {
  readonly status?: number;
  readonly body?: JsonObject;
}

const JSON_TYPE = new ResponseHeaders([Buffer.from('Content-Type'), Buffer.from('application/json')]);

/** A client that answers from a function and keeps what it was asked, decoded for reading. */
export function createFakeClient(
  answer: (request: ClientRequest) => FakeAnswer,
): DynamicsClient & { readonly asked: ClientRequest[] } {
  const asked: ClientRequest[] = [];
  const send: DynamicsClient['send'] = async (request) => {
    asked.push({ ...request, resource: decodeURIComponent(request.resource) });
    const { status = 200, body } = answer(request);
    const text = body === undefined ? '' : JSON.stringify(body);
    const response = { status, headers: JSON_TYPE, body: Buffer.from(text) };
    if (status >= 300) throw decodeError(response, request.asked);
    return { status, text };
  };
  return {
    asked,
    send,
    async get(resource, what, _options, headers) {
      const { text } = await send({ method: 'GET', resource, asked: what, ...(headers ? { headers } : {}) });
      return parseObject(text, what);
    },
    async close() {},
  };
}
