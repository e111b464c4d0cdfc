import { unknownSchema } from '../errors.js';
import { buildQuery } from '../query/build-query.js';
import { allNodes, executeQuery } from '../query-def.js';
import { childNamed, type XmlElement, xml } from '../xml.js';
import { type MethodCall, type Methods, requiredElement } from './method.js';

/** Methods of `xtk:queryDef`. All take the query as the object they are called on. */
export const QUERY_METHODS: Methods = {
  ExecuteQuery: (call) => [
    { name: 'pdomOutput', type: 'element', element: executeQuery(queryArgument(call), call.view, call.settings) },
  ],

  /** The SQL that the query stands for. */
  BuildQuery: (call) => [{ name: 'pstrSql', type: 'string', text: buildQuery(queryArgument(call), call.view) }],

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
  return requiredElement(call, 0, 'The query');
}
