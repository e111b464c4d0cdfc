import type { ParameterValues } from '../expression/compile.js';
import type { SessionView } from '../session-view.js';
import type { XmlElement } from '../xml.js';

/** What conditions and expressions of a query may look at beside the rows. */
export interface QueryContext {
  readonly view: SessionView;
  readonly parameters: ParameterValues;
}

/** The part of a session's view that conditions ask for where it is there. */
type OperatorView = SessionView & { readonly login?: string };

/**
 * The context of a query. `$(loginId)` and `$(login)` tell who asks; `$(@x)`, `$(/ignored/@x)` and `$(../@x)` read the query's own
 * document, and `$(x)` its `<param name="x" value="…"/>`.
 */
export function queryContext(query: XmlElement, view: SessionView): QueryContext {
  return { view, parameters: (name) => ofOperator(name, view) ?? readPath(query, name) ?? ofParam(query, name) };
}

function ofOperator(name: string, view: OperatorView): string | undefined {
  if (name === 'loginId') return String(view.operatorId);
  if (name !== 'login') return undefined;
  const schema = view.lookup('xtk:operator');
  const [row] = schema ? view.tableOf(schema).find(['id'], [view.operatorId]) : [];
  return view.login ?? String(row?.values.name ?? '');
}

function readPath(query: XmlElement, path: string): string | undefined {
  const steps = path.replace(/^\/|^(\.\.\/)+/, '').split('/');
  const attribute = steps.pop() ?? '';
  let element: XmlElement | undefined = query;
  for (const step of steps) element = element?.children.find((child) => child.name === step);
  return attribute.startsWith('@') ? element?.attributes[attribute.slice(1)] : undefined;
}

function ofParam(query: XmlElement, name: string): string | undefined {
  return query.children.find((child) => child.name === 'param' && child.attributes.name === name)?.attributes.value;
}
