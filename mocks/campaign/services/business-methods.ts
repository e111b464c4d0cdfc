import { MethodError, notFound } from '../errors.js';
import { assertRight } from '../operators.js';
import { readDraft } from '../write/draft.js';
import { formatXml, type XmlElement, xml } from '../xml.js';
import { type MethodCall, type Methods, requiredElement, textArgument } from './method.js';
import { findBy, findByKey, insertRecord, rowSchema, textOf, updateRecord, writeContext } from './records.js';
import { assertMayWrite } from './write-rights.js';

/**
 * Methods of `nms:rtEvent` and `nms:batchEvent`.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/transactional-messaging/processing-events/event-description.html
 */
export function eventMethods(schemaId: string): Methods {
  return {
    PushEvent: (call) => [
      { name: 'plId', type: 'long', text: String(pushEvent(requiredElement(call, 0, 'The event'), schemaId, call)) },
    ],
    /** Ids in the order of the events. */
    PushEvents: (call) => {
      const events = requiredElement(call, 0, 'The collection of events').children;
      const ids = call.engine.store.transaction(() => events.map((event) => pushEvent(event, schemaId, call)));
      return [
        {
          name: 'pdomIds',
          type: 'element',
          element: xml(
            'ids',
            {},
            ids.map((id) => xml('event', { id: String(id) })),
          ),
        },
      ];
    },
  };
}

function pushEvent(event: XmlElement, schemaId: string, call: MethodCall): number {
  const { type = '', email = '', mobilePhone = '' } = event.attributes;
  if (type === '') throw new MethodError(["XTK-170006 The event has no 'type'."]);
  if (email === '' && mobilePhone === '')
    throw new MethodError(["XTK-170006 The event has neither 'email' nor 'mobilePhone'."]);
  if (email !== '' && !/^[^@\s]+@[^@\s]+$/.test(email))
    throw new MethodError([`XTK-170006 '${email}' is not an e-mail address.`]);
  const context = event.children.find((child) => child.name === 'ctx');
  if (!context) throw new MethodError(["XTK-170006 The event has no element 'ctx'."]);
  const { root } = rowSchema(schemaId, call);
  const known = Object.entries(event.attributes).filter(([name]) => root.attributes.has(name) && name !== 'id');
  const id = insertRecord(schemaId, Object.fromEntries(known), call);
  record('PushEvent', schemaId, { id, type, email, event: formatXml(event) }, call);
  return id;
}

/**
 * Methods of `nms:delivery`. Nothing is sent: a delivery is kept and moves from state to state.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/business-oriented-apis.html
 */
export const DELIVERY_METHODS: Methods = {
  /** Makes a delivery from a template (`scenarioName`) and what is to be different in it, and starts it. */
  SubmitDelivery: (call) => {
    const scenario = textArgument(call, 0);
    const content = requiredElement(call, 1, 'The content of the delivery');
    const template = findBy('nms:delivery', 'internalName', scenario, call);
    if (!template) throw notFound(scenario, 'nms:delivery');
    const { root } = rowSchema('nms:delivery', call);
    const known = Object.entries(content.attributes).filter(([name]) => root.attributes.has(name) && name !== 'id');
    const attributes = {
      label: textOf(template, 'label'),
      ...Object.fromEntries(known),
      isModel: '0',
      state: STATE.started,
    };
    const id = insertRecord('nms:delivery', { internalName: `DM${call.engine.store.newId()}`, ...attributes }, call);
    record('SubmitDelivery', 'nms:delivery', { id, scenario, content: formatXml(content) }, call);
    return [];
  },

  /** Prepares the delivery: the job that the library's documentation takes as its example. */
  Prepare: (call) => prepare(call),
  PrepareProof: (call) => prepare(call),
};

/** States of a delivery. */
const STATE = { ready: '45', started: '55' } as const;

function prepare(call: MethodCall): ReturnType<(typeof DELIVERY_METHODS)[string]> {
  const document = requiredElement(call, 0, 'The delivery');
  const { id = '', internalName = '' } = document.attributes;
  const schema = rowSchema('nms:delivery', call);
  const delivery = findByKey(id, schema, call) ?? findBy('nms:delivery', 'internalName', internalName, call);
  if (!delivery) throw notFound(id || internalName, 'nms:delivery');
  const context = writeContext(call);
  assertMayWrite(readDraft(document, schema, context), call.session.operator, context);
  updateRecord('nms:delivery', textOf(delivery, 'id'), { state: STATE.ready }, call);
  return [
    {
      name: 'entity',
      type: 'element',
      element: { ...document, attributes: { ...document.attributes, state: STATE.ready } },
    },
  ];
}

/** Methods of `xtk:counter`. */
export const COUNTER_METHODS: Methods = {
  /** Adds one to a counter, which begins with 1, and gives its value. */
  IncreaseValue: (call) => {
    const name = textArgument(call, 0);
    if (name === '') throw new MethodError(['XTK-170006 The counter has no name.']);
    const counter = findBy('xtk:counter', 'name', name, call);
    const value = String(Number(counter ? textOf(counter, 'value') : 0) + 1);
    if (counter) updateRecord('xtk:counter', textOf(counter, 'id'), { value }, call);
    else insertRecord('xtk:counter', { name, value }, call);
    return [{ name: 'plValue', type: 'int', text: value }];
  },
};

/** Positions of the parameters of `TestAccount`. */
const SERVER = 2;
const ACCOUNT = 3;
const NAME = 7;

/** Methods of `nms:extAccount`. */
export const ACCOUNT_METHODS: Methods = {
  /** Connects to nothing: an account answers where its name is that of one of the mock's external databases. */
  TestAccount: (call) => {
    assertRight(call.session.operator, 'admin', 'test external accounts');
    const [server, account, name] = [SERVER, ACCOUNT, NAME].map((position) => textArgument(call, position));
    if (!Object.hasOwn(call.settings.externalTables, name ?? '')) {
      throw new MethodError([`ODB-240000 ODBC error: could not connect to server '${server}' as '${account}'.`]);
    }
    return [
      { name: 'pstrServer', type: 'string', text: server?.replace(/^[^:]*:/, '') ?? '' },
      { name: 'pstrDbmsVer', type: 'string', text: "Database server version 'PostgreSQL 12.2'." },
      { name: 'pstrWarehouse', type: 'string', text: '' },
      { name: 'pstrTestDuration', type: 'string', text: 'Test connection took: 0 ms' },
    ];
  },
};

function record(method: string, service: string, details: Readonly<Record<string, unknown>>, call: MethodCall): void {
  const { engine, session, view } = call;
  engine.recorder.add({ at: view.now().toISOString(), operator: session.operator.login, service, method, details });
}
