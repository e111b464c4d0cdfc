import type { MockRequest, MockResponse } from '../../control.js';
import { answerJson, answerNothing, contextUrl, type RequestContext } from '../context.js';
import { methodNotAllowed, queryError, unknownSegment } from '../errors.js';
import { parseQueryOptions } from '../odata/query-options.js';
import { BASE_LANGUAGE, OTHER_LANGUAGES } from '../query/language.js';
import type { Segment } from '../resource-path.js';
import { type JsonBody, parseBody } from '../writes/payload.js';
import { retrieveMetadataChanges } from './metadata-changes.js';
import { deleteOptionValue, insertOptionValue, insertStatusValue, updateOptionValue } from './option-values.js';

type Fn = (context: RequestContext, parameters: ReadonlyMap<string, string>) => MockResponse;
type Action = (context: RequestContext, body: JsonBody) => MockResponse;

const FUNCTIONS: Readonly<Record<string, Fn>> = {
  RetrieveMetadataChanges: retrieveMetadataChanges,
  RetrieveProvisionedLanguages: (context) =>
    answerJson(context, {
      '@odata.context': contextUrl(context, 'Microsoft.Dynamics.CRM.RetrieveProvisionedLanguagesResponse'),
      RetrieveProvisionedLanguages: [BASE_LANGUAGE, ...OTHER_LANGUAGES],
    }),
};

/** All that is written is published at once, so that publishing has nothing left to do. */
const ACTIONS: Readonly<Record<string, Action>> = {
  InsertOptionValue: insertOptionValue,
  InsertStatusValue: insertStatusValue,
  UpdateOptionValue: updateOptionValue,
  DeleteOptionValue: deleteOptionValue,
  PublishXml: () => answerNothing(),
  PublishAllXml: () => answerNothing(),
};

/** Whether a path names a function or an action of the metadata. */
export function isMetadataOperation(name: string): boolean {
  return Object.hasOwn(FUNCTIONS, name) || Object.hasOwn(ACTIONS, name);
}

export function answerMetadataOperation(
  context: RequestContext,
  segments: readonly Segment[],
  request: MockRequest,
): MockResponse {
  const [segment, next] = segments;
  if (segment === undefined || next !== undefined) throw unknownSegment(next?.name ?? '');
  const fn = FUNCTIONS[segment.name];
  if (request.method !== (fn === undefined ? 'POST' : 'GET')) throw methodNotAllowed(request.method);
  if (fn !== undefined) return fn(context, parametersOf(segment, request));
  const action = ACTIONS[segment.name];
  if (action === undefined) throw unknownSegment(segment.name);
  // Publishing takes a body of no interest, or none.
  return action(context, request.body.length === 0 ? {} : parseBody(request.body, segment.name));
}

/** `Fn(Query=@p1)?@p1={…}`: the value of an alias stands in for it; one that is missing is null. */
function parametersOf({ key, name }: Segment, request: MockRequest): ReadonlyMap<string, string> {
  const aliases = parseQueryOptions(request.search);
  if (key?.kind === 'id') throw queryError(`The parameters of ${name} must be given as Name=value.`);
  const given = key?.kind === 'values' ? [...key.values] : [];
  return new Map(
    given.map(([parameter, value]) => [parameter, value.startsWith('@') ? (aliases.get(value) ?? 'null') : value]),
  );
}
