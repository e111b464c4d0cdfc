import { SchemaError } from '../compile-schema.js';
import { MethodError } from '../errors.js';
import { assertRight } from '../operators.js';
import { sourceId } from '../schemas.js';
import { type XmlElement, xml } from '../xml.js';
import { type Method, type MethodCall, type Methods, requiredElement, textArgument } from './method.js';
import { externalTables } from './sql-methods.js';

/** Methods of `xtk:builder`, which turn source schemas into compiled ones. All of them need the named right `admin`. */
export const BUILDER_METHODS: Methods = {
  BuildSchemaFromId: change((call) => build(textArgument(call, 0), call)),

  /** Builds the schema that a source schema's `namespace` and `name` tell; it must have been written before. */
  BuildSchema: change((call) => build(sourceId(requiredElement(call, 0, 'The schema to build')), call)),

  RemoveSchemaLinkRef: change((call) => call.engine.registry.removeBuilt(textArgument(call, 0), moment(call))),

  /**
   * A source schema for a table of an external database, which is not kept: the caller completes and writes it.
   * https://opensource.adobe.com/acc-js-sdk/2023/12/09/createFDASchema.html
   */
  GenerateSchema: (call) => {
    assertAdmin(call);
    const table = requiredElement(call, 0, 'The description of the table').attributes.sqltable ?? '';
    const draft = requiredElement(call, 1, 'The schema to complete');
    return [{ name: 'pdomSchema', type: 'element', element: generate(draft, table, call) }];
  },

  /** What database the rows are in. */
  GetDbParams: (call) => {
    assertAdmin(call);
    const element = xml('dbParams', { provider: 'PostgreSQL', unicodeData: 'true', timestamptz: 'true' });
    return [{ name: 'pdomDbParams', type: 'element', element }];
  },
};

function change(work: (call: MethodCall) => void): Method {
  return (call) => {
    assertAdmin(call);
    try {
      work(call);
    } catch (error) {
      if (error instanceof SchemaError) throw new MethodError([`XTK-170024 ${error.message}`]);
      throw error;
    }
    return [];
  };
}

function assertAdmin({ session }: MethodCall): void {
  assertRight(session.operator, 'admin', 'build schemas');
}

function build(id: string, call: MethodCall): void {
  call.engine.registry.build(id, moment(call));
}

function moment({ view }: MethodCall): Date {
  return view.now();
}

function generate(draft: XmlElement, table: string, call: MethodCall): XmlElement {
  const { dataSource = '', ...attributes } = draft.attributes;
  const columns = externalTables(dataSource, call)[table];
  if (!columns) throw new MethodError([`ODB-240000 The table '${table}' does not exist in '${dataSource}'.`]);
  const nodes = Object.entries(columns).map(([name, type]) =>
    xml('attribute', { advanced: 'false', label: name, name, sqlname: name, type }),
  );
  const { label, name } = attributes;
  const root = xml('element', { dataSource, label, name, sqltable: table }, nodes);
  return xml('srcSchema', { ...attributes, view: 'true' }, [root]);
}
