import { describe, expect, it } from 'vitest';
import { Engine } from '../../../mocks/campaign/engine.js';
import { declaredMethods, implementedMethods } from '../../../mocks/campaign/services/services.js';
import { childNamed, childrenNamed } from '../../../mocks/campaign/xml.js';
import { createClock } from '../../../mocks/control.js';
import { covers } from '../compatibility.js';
import { logOn, openMock } from './soap-client.js';

describe('the methods of the Campaign mock', () => {
  const schemas = new Engine(createClock()).registry.current;

  it('are all declared in the schemas that clients look them up in, and what is declared is carried out', () => {
    covers('campaign', '5 acc-js-sdk', 'every method is declared in its schema (5.5)');
    // Logon, Logoff and their like are no methods of a session that is there.
    const routed = ['Logon', 'BearerTokenLogon', 'Logoff'].map((name) => `xtk:session#${name}`);
    const implemented = [...implementedMethods().map(([service, name]) => `${service}#${name}`), ...routed];
    const services = [...new Set(implemented.map((id) => id.split('#')[0] ?? ''))];
    const declared = services.flatMap((service) =>
      declaredMethods(service, schemas).map(({ attributes }) => `${service}#${attributes.name}`),
    );
    const ofJobs = (id: string) => id.startsWith('xtk:job#');
    expect(implemented.filter((id) => !ofJobs(id) && !declared.includes(id))).toEqual([]);
    expect(declared.filter((id) => !implemented.includes(id))).toEqual([]);
  });

  it('have outputs only of types that the library can read', () => {
    const readable = ['string', 'boolean', 'byte', 'short', 'long', 'int64', 'datetime', 'DOMDocument', 'DOMElement'];
    const unreadable = schemas.ids().flatMap((id) =>
      declaredMethods(id, schemas).flatMap((method) => {
        const parameters = childNamed(method, 'parameters');
        const outputs = (parameters ? childrenNamed(parameters, 'param') : []).filter(
          ({ attributes }) => attributes.inout === 'out',
        );
        return outputs.flatMap(({ attributes: { type = 'string' } }) =>
          readable.includes(type) ? [] : [`${id} ${type}`],
        );
      }),
    );
    // A type that is an element of the schema is a document to the library.
    expect(unreadable).toEqual(['xtk:session sessionUserInfo']);
  });
});

describe('a call to the Campaign mock', () => {
  it.each([
    ['too few arguments', 'xtk:session#GetOption', '', 'Expected 1 arguments after the session token, not 0.'],
    ['too many', 'xtk:session#TestCnx', '<a/>', 'Expected 0 arguments after the session token, not 1.'],
    ['a text for a number', 'xtk:persist#GetNewIds', '<count>many</count>', "Argument 1 is not of type 'long'."],
    ['a document for a text', 'xtk:session#GetOption', '<n><x/></n>', "Argument 1 is not of type 'string'."],
    ['two documents for one', 'xtk:persist#Write', '<d><a/><b/></d>', "Argument 1 is not of type 'DOMDocument'."],
  ])('is invalid with %s', async (_, action, args, detail) => {
    covers('campaign', '4.2 Requests', 'arguments by position, checked in number and type');
    await using mock = await openMock();
    const body = await (await logOn(mock)).call(action, args);
    expect(body).toContain('<faultcode>SOAP-ENV:Client</faultcode>');
    expect(body).toContain('The XML SOAP message is invalid (service ');
    expect(body).toContain(detail);
  });

  it('tells the SQL of a query', async () => {
    covers('campaign', '6.2 Full', 'query: BuildQuery');
    await using mock = await openMock();
    const query = '<d><queryDef schema="nms:recipient"><select><node expr="@email"/></select></queryDef></d>';
    const body = await (await logOn(mock)).call('xtk:queryDef#BuildQuery', query);
    expect(body).toMatch(/<pstrSql xsi:type='xsd:string'>SELECT .*sEmail.* FROM NmsRecipient/);
  });

  it('faults with SOP-330005 for a method that a schema declares and nobody carries out', async () => {
    covers('campaign', '4.12 Faults', 'SOP-330005 for declared methods that are not carried out (JavaScript)');
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write(`<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="tool" library="true" mappingType="xmlFile">
      <methods><method name="Run" static="true" library="cus:tool.js"/></methods></srcSchema>`);
    await session.call('xtk:builder#BuildSchemaFromId', '<id>cus:tool</id>');
    const { call } = await logOn(mock);
    expect(await call('cus:tool#Run')).toContain(
      "SOP-330005 The method 'Run' of service 'cus:tool' is not implemented.",
    );
    expect(await call('cus:tool#Walk')).toContain('SOP-330006');
  });
});

describe('every method of the Campaign mock', () => {
  const schemas = new Engine(createClock()).registry.current;

  /** An argument of a type, filled with what nobody expects. */
  const FILLINGS: Readonly<Record<string, (type: string) => string>> = {
    'empty arguments': () => '<a/>',
    'an unknown document': (type) => (type.startsWith('DOM') ? '<a><nothing x="1"><y/></nothing></a>' : '<a>0</a>'),
    'a document of a foreign schema': (type) =>
      type.startsWith('DOM') ? '<a><r xtkschema="nms:recipient" id="x" _key="@z"/></a>' : '<a>1</a>',
    'texts that look like keys': (type) =>
      type === 'string' || type === 'primarykey' ? '<a>xtk:option|1</a>' : '<a/>',
  };

  it.each(Object.keys(FILLINGS))('answers %s with an answer or a fault, and stays up', async (filling) => {
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const argument = FILLINGS[filling] ?? (() => '');
    for (const [service, name] of implementedMethods()) {
      // These end the session or change the password that later calls need.
      if (['KillSession', 'ChangePassword'].includes(name)) continue;
      const declared = declaredMethods(service, schemas).find(({ attributes }) => attributes.name === name);
      const parameters = declared && childNamed(declared, 'parameters');
      const inputs = (parameters ? childrenNamed(parameters, 'param') : []).filter(
        ({ attributes }) => attributes.inout !== 'out',
      );
      const object = declared?.attributes.static === 'true' ? [] : [argument('DOMDocument')];
      const args = [...object, ...inputs.map(({ attributes }) => argument(attributes.type ?? 'string'))].join('');
      for (const full of service === 'xtk:persist' ? [service, `${service}|nms:recipient`] : [service]) {
        expect(await call(`${full}#${name}`, args), `${full}#${name}`).toMatch(
          new RegExp(`<${name}Response |<SOAP-ENV:Fault>`),
        );
      }
    }
    expect(await call('xtk:session#TestCnx')).toContain('<TestCnxResponse ');
  });
});

describe('the documents of the Campaign mock', () => {
  it('are loaded by their key, and only where they exist', async () => {
    covers('campaign', '6.2 Full', 'persist: Load, LoadIfExists, LoadAsText');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const load = (method: string, pk: string) =>
      call(`xtk:persist|xtk:option#${method}`, `<o><option/></o><pk>xtk:option|${pk}</pk>`);
    expect(await load('Load', 'WdbcTimeZone')).toContain('stringValue="Europe/Paris"');
    expect(await load('Load', 'nothing')).toContain('XSV-350000');
    expect(await load('LoadIfExists', 'nothing')).toContain('<option/></entity>');
    expect(await call('xtk:persist#LoadAsText', '<pk>xtk:option|WdbcTimeZone</pk>')).toContain(
      'stringValue="Europe/Paris"',
    );
  });

  it('are stored and given back, named by their key, and removed', async () => {
    covers('campaign', '6.2 Full', 'persist: Store, Remove, GetPkList');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const on = (method: string) => call(`xtk:persist|xtk:option#${method}`, '<o><option name="New" dataType="6"/></o>');
    const stored = await on('Store');
    const id = mock.rows('xtk:option').find((row) => row.name === 'New')?.id;
    expect(stored).toContain(`id="${id}"`);
    expect(await on('GetPkList')).toContain(`>xtk:option|${id}</pstrPkList>`);
    await on('Remove');
    expect(mock.rows('xtk:option').some((row) => row.name === 'New')).toBe(false);
    expect(await on('Remove')).toContain('XSV-350000');
  });

  it('are copied without what a copy must not have, into a folder of their own', async () => {
    covers('campaign', '6.2 Full', 'persist: DuplicateTo, ApplyDuplicateRules');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const id = mock.rows('xtk:operator').find((row) => row.name === 'admin')?.id;
    const copy = await call(
      'xtk:persist|xtk:operator#DuplicateTo',
      `<o><operator/></o><p>xtk:operator|${id}</p><f>xtk:folder|1234</f>`,
    );
    expect(copy).toContain('folder-id="1234"');
    expect(copy).not.toContain(' name="admin"');
    const rules = await call('xtk:persist|xtk:option#ApplyDuplicateRules', '<o><option id="1" name="a" desc="b"/></o>');
    expect(rules).toContain('<option desc="b"/>');
  });

  it('get their defaults, and values as a data policy has them', async () => {
    covers('campaign', '6.2 Full', 'persist: SetDefaults, GetDefaultEntity, FormatDataPolicy');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const folder = mock.rows('xtk:folder').find((row) => row.name === 'nmsRootFolder')?.id;
    expect(await call('xtk:persist#GetDefaultEntity', '<s>nms:recipient</s>')).toContain(`folder-id="${folder}"`);
    expect(await call('xtk:persist|nms:recipient#SetDefaults', '<o><recipient lastName="X"/></o>')).toContain(
      `folder-id="${folder}"`,
    );
    expect(await call('xtk:persist#FormatDataPolicy', '<p>smartCase</p><v>jean-paul</v>')).toContain('>Jean-Paul<');
    expect(await call('xtk:persist#FormatDataPolicy', '<p>none-such</p><v/>')).toContain('SOP-330011');
  });

  it('are imported as a collection by those who have the right', async () => {
    covers('campaign', '6.2 Full', 'persist: ImportCollection');
    await using mock = await openMock();
    const { call } = await logOn(mock, 'workflow');
    await call(
      'xtk:persist#ImportCollection',
      '<d><c xtkschema="nms:recipient"><r email="imported@e.example"/></c></d>',
    );
    expect(mock.rows('nms:recipient').some((row) => row.email === 'imported@e.example')).toBe(true);
  });
});
