import type { CallOptions } from '../../model/call.js';
import type { SoapCaller } from './client.js';
import { unexpectedAnswer } from './errors.js';
import { textOutput } from './soap.js';

/** The clock of the Campaign server, by which it stamps what it saves. */
export async function fetchServerTime(client: SoapCaller, options?: CallOptions): Promise<Date> {
  const call = { service: 'xtk:session', method: 'GetServerTime', parameters: [], idempotent: true };
  const text = textOutput((await client.call(call, options))[0])
    .trim()
    .replace(' ', 'T');
  const time = new Date(/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(time.getTime())) throw unexpectedAnswer('xtk:session#GetServerTime', 'a date');
  return time;
}
