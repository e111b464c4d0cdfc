import { SchemaError } from '../compile-schema.js';
import { MethodError, unknownSchema } from '../errors.js';
import { allNodes, executeQuery } from '../query-def.js';
import { childNamed, type XmlElement, xml } from '../xml.js';
import { elementArgument, type Method, type MethodCall, textArgument } from './method.js';

/** Methods of `xtk:queryDef`. Both take the query as the object they are called on. */
export const QUERY_METHODS: Readonly<Record<string, Method>> = {
  ExecuteQuery: (call) => [
    { name: 'pdomOutput', type: 'element', element: executeQuery(queryArgument(call), call.view, call.limits) },
  ],

  /** Gives the query back with a node for every field of its schema; `duplicate` makes no difference. */
  SelectAll: (call) => {
    const query = queryArgument(call);
    const schema = call.view.lookup(query.attributes.schema ?? '');
    if (!schema) throw unknownSchema(query.attributes.schema ?? '');
    const others = query.children.filter((child) => child.name !== 'select');
    const kept = childNamed(query, 'select')?.children ?? [];
    const select = xml('select', {}, [...kept, ...allNodes(schema)]);
    return [{ name: 'entity', type: 'element', element: { ...query, children: [select, ...others] } }];
  },
};

function queryArgument(call: MethodCall): XmlElement {
  const query = elementArgument(call, 0);
  if (!query) throw new MethodError(['XSV-350063 The query is empty.']);
  return query;
}

/** Methods of `xtk:builder`, which turn source schemas into compiled ones. */
export const BUILDER_METHODS: Readonly<Record<string, Method>> = {
  BuildSchemaFromId: (call) => changeSchemas(() => call.engine.registry.build(textArgument(call, 0))),
  RemoveSchemaLinkRef: (call) => changeSchemas(() => call.engine.registry.removeBuilt(textArgument(call, 0))),
};

function changeSchemas(change: () => void): [] {
  try {
    change();
    return [];
  } catch (error) {
    if (error instanceof SchemaError) throw new MethodError([`XTK-170024 ${error.message}`]);
    throw error;
  }
}
