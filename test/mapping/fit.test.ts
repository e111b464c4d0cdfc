import { describe, expect, it } from 'vitest';
import { fitToAttribute } from '../../src/mapping/fit.js';
import type { AttributeType } from '../../src/model/campaign-schema.js';
import type { WriteValue } from '../../src/model/query.js';
import { anAttribute } from '../support/builders.js';

describe('a value in the form of the attribute that takes it', () => {
  it.each<[AttributeType, WriteValue, WriteValue]>([
    ['byte', '2', 2],
    ['byte', true, 1],
    ['long', null, null],
    ['int64', '9007199254740993', '9007199254740993'],
    ['double', '12.5', 12.5],
    ['boolean', '1', true],
    ['boolean', 0, false],
    ['date', '2026-01-31T23:30:00Z', '2026-01-31'],
    ['datetime', '2026-01-31', '2026-01-31T00:00:00Z'],
    ['string', 12, '12'],
    ['string', false, 'false'],
    ['memo', 'x'.repeat(5000), 'x'.repeat(5000)],
  ])('%s takes %j as %j', (type, value, expected) => {
    expect(fitToAttribute(value, anAttribute('a', type))).toEqual(expected);
  });

  it.each<[AttributeType, WriteValue, string]>([
    ['byte', 128, 'takes a number from -128 to 127, got 128'],
    ['long', '3000000000', 'takes a number from -2147483648 to 2147483647'],
    ['long', 1.5, 'takes a whole number, got "1.5"'],
    ['double', 'ten', 'takes a number, got "ten"'],
    ['boolean', 'maybe', 'takes true or false, got "maybe"'],
    ['date', 'yesterday', 'takes a date or moment in ISO 8601, got "yesterday"'],
  ])('%s refuses %j', (type, value, message) => {
    expect(() => fitToAttribute(value, anAttribute('a', type))).toThrow(message);
  });

  it('never cuts text that is too long', () => {
    expect(() => fitToAttribute('Wolverhampton', anAttribute('city', 'string', { length: 10 }))).toThrow(
      'Campaign\'s attribute "city" takes at most 10 characters, got 13: lengthen the attribute or shorten the text.',
    );
  });

  it('counts 255 characters for an attribute without a length', () => {
    const attribute = anAttribute('text', 'string', { length: null });
    expect(fitToAttribute('x'.repeat(255), attribute)).toHaveLength(255);
    expect(() => fitToAttribute('x'.repeat(256), attribute)).toThrow('at most 255 characters');
  });
});
