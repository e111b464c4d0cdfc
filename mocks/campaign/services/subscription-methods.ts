import { notFound } from '../errors.js';
import type { Row } from '../store.js';
import { formatMoment } from '../values.js';
import { writeDocument } from '../write/writes.js';
import { isTrue, type XmlElement, xml } from '../xml.js';
import { type MethodCall, type Methods, requiredElement, textArgument } from './method.js';
import { findBy, findByKey, insertRecord, rowSchema, textOf, updateRecord, writeContext } from './records.js';

/**
 * Methods of `nms:subscription`.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/business-oriented-apis.html
 */
export const SUBSCRIPTION_METHODS: Methods = {
  /** Subscribes a recipient, found by the `_key` of its document and changed or made by it, to services named with commas between. */
  Subscribe: (call) => {
    const services = namedServices(call);
    const recipient = writeRecipient(requiredElement(call, 1, 'The recipient'), isTrue(textArgument(call, 2)), call);
    for (const service of services) subscribe(recipient, service, call);
    return [];
  },

  /** Ends subscriptions. Without a service the recipient is not to be contacted any more by any channel. */
  Unsubscribe: (call) => {
    const services = namedServices(call);
    const recipient = writeRecipient(requiredElement(call, 1, 'The recipient'), false, call);
    for (const service of services) unsubscribe(recipient, service, call);
    if (services.length === 0) updateRecord('nms:recipient', textOf(recipient, 'id'), { blackList: '1' }, call);
    return [];
  },
};

function namedServices(call: MethodCall): Row[] {
  const names = textArgument(call, 0)
    .split(',')
    .map((name) => name.trim());
  return names
    .filter((name) => name !== '')
    .map((name) => {
      const service = findBy('nms:service', 'name', name, call);
      if (!service) throw notFound(name, 'nms:service');
      return service;
    });
}

/** Campaign's own examples name keys without their at-sign: `_key="email, [folder-id]"`. */
function writeRecipient(document: XmlElement, create: boolean, call: MethodCall): Row {
  const { _key: key = '' } = document.attributes;
  const fields = key
    .split(',')
    .map((field) => field.replaceAll(/[[\]@\s]/g, ''))
    .filter((field) => field !== '');
  const _key = fields.map((field) => (field.includes('/') ? `[${field}]` : `@${field}`)).join(', ');
  const attributes = {
    ...document.attributes,
    xtkschema: 'nms:recipient',
    _operation: create ? 'insertOrUpdate' : 'update',
  };
  writeDocument({ ...document, attributes: _key === '' ? attributes : { ...attributes, _key } }, writeContext(call));
  const recipient = findRecipient(document, fields, call);
  if (!recipient) throw notFound(fields.map((field) => document.attributes[field]).join(', '), 'nms:recipient');
  return recipient;
}

function findRecipient({ attributes }: XmlElement, fields: readonly string[], call: MethodCall): Row | undefined {
  const schema = rowSchema('nms:recipient', call);
  if (fields.length === 0) return findByKey(attributes.id ?? '', schema, call);
  const values = fields.map((field) => {
    const isNumber = schema.root.attributes.get(field)?.type === 'long';
    return isNumber ? Number(attributes[field]) : (attributes[field] ?? '');
  });
  return call.view.tableOf(schema).find(fields, values)[0];
}

function subscribe(recipient: Row, service: Row, call: MethodCall): void {
  const attributes = {
    xtkschema: 'nms:subscription',
    _key: '@recipient-id, @service-id',
    'recipient-id': textOf(recipient, 'id'),
    'service-id': textOf(service, 'id'),
  };
  const isNew = findSubscription(recipient, service, call) === undefined;
  writeDocument(xml('subscription', attributes), writeContext(call));
  if (isNew) writeHistory(recipient, service, '1', call);
}

function unsubscribe(recipient: Row, service: Row, call: MethodCall): void {
  const subscription = findSubscription(recipient, service, call);
  if (!subscription) return;
  const attributes = {
    xtkschema: 'nms:subscription',
    _operation: 'delete',
    _key: '@recipient-id, @service-id',
    'recipient-id': textOf(recipient, 'id'),
    'service-id': textOf(service, 'id'),
  };
  writeDocument(xml('subscription', attributes), writeContext(call));
  writeHistory(recipient, service, '0', call);
}

function findSubscription(recipient: Row, service: Row, call: MethodCall): Row | undefined {
  const table = call.view.tableOf(rowSchema('nms:subscription', call));
  return table.find(
    ['recipient-id', 'service-id'],
    [Number(textOf(recipient, 'id')), Number(textOf(service, 'id'))],
  )[0];
}

/** `action` 1 subscribes, 0 ends it. */
function writeHistory(recipient: Row, service: Row, action: string, call: MethodCall): void {
  if (!call.view.lookup('nms:subHisto')) return;
  const date = formatMoment(call.view.now());
  const attributes = { 'recipient-id': textOf(recipient, 'id'), 'service-id': textOf(service, 'id'), action, date };
  insertRecord('nms:subHisto', attributes, call);
}
