import { notImplemented, notScriptable, unknownMethod } from '../errors.js';
import type { SchemaGeneration } from '../schemas.js';
import { childNamed, childrenNamed, type XmlElement } from '../xml.js';
import { BUILDER_METHODS } from './builder-methods.js';
import { ACCOUNT_METHODS, COUNTER_METHODS, DELIVERY_METHODS, eventMethods } from './business-methods.js';
import { CACHE_METHODS } from './cache-methods.js';
import { JOB_METHODS } from './job-methods.js';
import type { Method } from './method.js';
import { PERSIST_METHODS } from './persist-methods.js';
import { QUERY_METHODS } from './query-methods.js';
import { SESSION_METHODS } from './session-methods.js';
import { SQL_METHODS } from './sql-methods.js';
import { SUBSCRIPTION_METHODS } from './subscription-methods.js';
import { WORKFLOW_METHODS } from './workflow-methods.js';

/** Everything that can be called, by service and name. Maps, so that no name finds what every object has. */
export const SERVICES: ReadonlyMap<string, ReadonlyMap<string, Method>> = new Map(
  Object.entries({
    'xtk:session': {
      ...SESSION_METHODS,
      ...CACHE_METHODS,
      GetNewIds: PERSIST_METHODS.GetNewIds,
      GetNewIdsEx: PERSIST_METHODS.GetNewIdsEx,
    },
    'xtk:persist': { ...PERSIST_METHODS, GetDirtyCacheEntities: CACHE_METHODS.GetDirtyCacheEntities },
    'xtk:queryDef': QUERY_METHODS,
    'xtk:builder': BUILDER_METHODS,
    'xtk:sqlSchema': SQL_METHODS,
    'xtk:workflow': WORKFLOW_METHODS,
    'xtk:jobInterface': JOB_METHODS,
    'xtk:job': JOB_METHODS,
    'xtk:counter': COUNTER_METHODS,
    'nms:subscription': SUBSCRIPTION_METHODS,
    'nms:delivery': DELIVERY_METHODS,
    'nms:rtEvent': eventMethods('nms:rtEvent'),
    'nms:batchEvent': eventMethods('nms:batchEvent'),
    'nms:extAccount': ACCOUNT_METHODS,
  }).map(([service, methods]) => [service, methodMap(methods)]),
);

function methodMap(methods: Readonly<Record<string, Method | undefined>>): ReadonlyMap<string, Method> {
  const map = new Map<string, Method>();
  for (const [name, method] of Object.entries(methods)) if (method) map.set(name, method);
  return map;
}

/** A method, and the schema it is called for where its service names one after a bar. */
export interface FoundMethod {
  readonly method: Method;
  /** How its schema declares it. */
  readonly declared: XmlElement | undefined;
  readonly schemaId: string | undefined;
}

/**
 * Finds a method as a session's schemas know it. Faults for one that nobody declares, for one that is declared and not imitated (a
 * method in JavaScript, for one), and for a method of `xtk:persist` that is called of `xtk:session`, unless `lenientSession` allows it.
 */
export function findMethod(
  service: string,
  method: string,
  schemas: SchemaGeneration,
  lenientSession: boolean,
): FoundMethod {
  const [base = '', schemaId] = service.split('|');
  const isKnown = schemaId === undefined || schemas.schema(schemaId) !== undefined;
  const found = isKnown ? SERVICES.get(base)?.get(method) : undefined;
  if (found) return { method: found, declared: declaration(base, method, schemas), schemaId };
  const persistent = SERVICES.get('xtk:persist')?.get(method);
  if (service === 'xtk:session' && persistent) {
    if (!lenientSession) throw notScriptable();
    return { method: persistent, declared: declaration('xtk:persist', method, schemas), schemaId };
  }
  if (isKnown && declaration(base, method, schemas)) throw notImplemented(service, method);
  throw unknownMethod(service, method);
}

function declaration(service: string, method: string, schemas: SchemaGeneration): XmlElement | undefined {
  return declaredMethods(service, schemas).find(({ attributes }) => attributes.name === method);
}

const DECLARED = new WeakMap<SchemaGeneration, Map<string, readonly XmlElement[]>>();

/** The `method` elements of a service: those of the schema of this id, and those of the interface of this id. */
export function declaredMethods(service: string, schemas: SchemaGeneration): readonly XmlElement[] {
  const known = DECLARED.get(schemas) ?? new Map<string, readonly XmlElement[]>();
  DECLARED.set(schemas, known);
  const methods = known.get(service) ?? collectMethods(service, schemas);
  known.set(service, methods);
  return methods;
}

function collectMethods(service: string, schemas: SchemaGeneration): readonly XmlElement[] {
  const document = schemas.schema(service)?.document;
  const own = document && childNamed(document, 'methods');
  const definition = interfaceOf(service, schemas);
  return [own, definition].flatMap((holder) => (holder ? childrenNamed(holder, 'method') : []));
}

/** The `interface` element of an id such as `xtk:persist`, which some schema of its namespace holds. */
export function interfaceOf(id: string, schemas: SchemaGeneration): XmlElement | undefined {
  const [namespace = '', name = ''] = id.split(':');
  const inNamespace = schemas.ids().filter((schemaId) => schemaId.startsWith(`${namespace}:`));
  for (const schemaId of inNamespace) {
    const document = schemas.schema(schemaId)?.document;
    const found = document && childrenNamed(document, 'interface').find((it) => it.attributes.name === name);
    if (found) return found;
  }
  return undefined;
}

/** The methods of all services, for tests and pages. */
export function implementedMethods(): readonly (readonly [service: string, method: string])[] {
  return [...SERVICES].flatMap(([service, methods]) => [...methods.keys()].map((method) => [service, method] as const));
}
