import { MethodError } from '../errors.js';
import { likePattern } from '../expression/like.js';
import { assertRight } from '../operators.js';
import { xml } from '../xml.js';
import { type MethodCall, type Methods, textArgument } from './method.js';
import { findBy } from './records.js';

/** Methods of `xtk:sqlSchema`. */
export const SQL_METHODS: Methods = {
  /** Names of the tables of `nms:extAccount:<name>` that a LIKE pattern finds. */
  BuildTableList: (call) => {
    assertRight(call.session.operator, 'admin', 'list tables');
    const matches = likePattern(textArgument(call, 1).replace('%%', '%'));
    const names = Object.keys(externalTables(textArgument(call, 0), call)).filter((name) => matches(name));
    const tables = names.map((name) => xml('table', { name }));
    return [{ name: 'pdomTableList', type: 'element', element: xml('sqlSchema', {}, tables) }];
  },
};

/** The tables of an external account, from the mock's settings: by name, the types of their columns. */
export function externalTables(
  dataSource: string,
  call: MethodCall,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const [, name = ''] = /^nms:extAccount:(.+)$/.exec(dataSource) ?? [];
  if (name === '' || !findBy('nms:extAccount', 'name', name, call)) {
    throw new MethodError([`XSV-350000 The data source '${dataSource}' does not exist.`]);
  }
  return call.settings.externalTables[name] ?? {};
}
