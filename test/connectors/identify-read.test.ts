import { describe, expect, it } from 'vitest';
import { identifyRead } from '../../src/connectors/identify-read.js';
import { SharedReads } from '../../src/connectors/share-reads.js';
import { WriteWatch } from '../../src/connectors/write-watch.js';
import type { Along, RecordQuery } from '../../src/model/query.js';
import { aTable } from '../support/builders.js';

const contact = aTable('contact');
const account = aTable('account');
const related = () => undefined;
const query: RecordQuery<unknown> = {
  from: contact,
  related,
  select: { fields: ['lastname'], nested: { parentcustomerid_account: { fields: ['name'] } } },
  filter: { kind: 'compare', path: 'lastname', operator: 'eq', value: '1' },
  orderBy: [{ path: 'lastname', descending: false }],
  first: 10,
};
const along: Along = {
  lookups: [{ navigation: 'primarycontactid', from: contact, select: { fields: ['fullname'] }, lookups: [] }],
  lists: [{ navigation: 'contacts', from: contact, path: 'parent', select: { fields: ['fullname'] }, first: 5 }],
};
const [lookup, list] = [along.lookups[0], along.lists[0]] as const;

/** Whether a read takes the answer to one that is under way. */
function isSame(one: object, other: object): boolean {
  const reads = new SharedReads<string>(new WriteWatch());
  let sent = 0;
  for (const it of [one, other]) {
    const send = () => {
      sent += 1;
      return new Promise<string>(() => undefined);
    };
    reads.read({ mayShare: true }, () => identifyRead('contact', { ...query, ...it }), send);
  }
  return sent === 1;
}

describe('Two reads', () => {
  it('are the same where all that they ask is the same, be it in other objects', () => {
    expect(isSame({}, structuredClone({ select: query.select, filter: query.filter }))).toBe(true);
    const copied = { lookups: [{ ...lookup }], lists: [{ ...list }] };
    expect(isSame({ along }, { along: copied })).toBe(true);
  });

  it.each<[string, object]>([
    ['what they select', { select: { fields: ['firstname'] } }],
    ['what they select of a linked record', { select: { fields: ['lastname'], nested: { a: { fields: ['name'] } } } }],
    ['the type of a value', { filter: { ...query.filter, value: 1 } }],
    ['their order', { orderBy: [{ path: 'lastname', descending: true }] }],
    ['their page size', { first: 11 }],
    ['where they continue', { after: 'x' }],
    ['their count', { count: true }],
    ['the languages of labels', { languages: ['fr'] }],
    ['what comes along', { along }],
    ['the description of the table', { from: aTable('contact') }],
    ['the graph that knows further tables', { related: () => undefined }],
  ])('are not the same where they differ in %s', (_, other) => {
    expect(isSame({}, other)).toBe(false);
  });

  it.each<[string, object]>([
    ['the page size', { lists: [{ ...list, first: 6 }] }],
    ['the count', { lists: [{ ...list, count: true }] }],
    ['the path', { lists: [{ ...list, path: 'other' }] }],
    ['the table', { lists: [{ ...list, from: account }] }],
    ['the description of the table', { lists: [{ ...list, from: aTable('contact') }] }],
    ['a lookup', { lookups: [{ ...lookup, select: { fields: ['lastname'] } }] }],
    ['a lookup behind a lookup', { lookups: [{ ...lookup, lookups: [lookup] }] }],
    ['their number', { lookups: [] }],
  ])('are not the same where what comes along differs in %s', (_, other) => {
    expect(isSame({ along }, { along: { ...along, ...other } })).toBe(false);
  });

  it('are not the same where they are of tables of other names', () => {
    expect(identifyRead('contact', query).gist).not.toBe(identifyRead('account', query).gist);
  });
});
