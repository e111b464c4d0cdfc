import { describe, expect, it } from 'vitest';
import { incompatibility, sourceShape, targetShape, unmappableReason } from '../../src/mapping/attribute-types.js';
import type { AttributeType } from '../../src/model/campaign-schema.js';
import type { Conversion } from '../../src/model/mapping.js';
import type { Column } from '../../src/model/table.js';
import { aChoice, aColumn, aLookup, anAttribute, anOptionSet } from '../support/builders.js';

const string = (length: number) => ({ type: 'string', length, enumerated: false });
const plain = (type: AttributeType) => ({ type, length: null, enumerated: false });
const choice = { type: 'string', length: 12, enumerated: true };

describe('the attribute made for a column', () => {
  it.each<[Column, unknown]>([
    [aColumn('c', 'string', { maxLength: 50 }), string(50)],
    [aColumn('c', 'memo', { maxLength: 2000 }), string(2000)],
    [aColumn('c', 'memo', { maxLength: 100_000 }), plain('memo')],
    [aColumn('c', 'entityname'), string(255)],
    [aColumn('c', 'uniqueid'), string(36)],
    [aColumn('c', 'integer'), plain('long')],
    [aColumn('c', 'bigint'), plain('int64')],
    [aColumn('c', 'decimal'), plain('double')],
    [aColumn('c', 'double'), plain('double')],
    [aColumn('c', 'money'), plain('double')],
    [aColumn('c', 'boolean'), plain('boolean')],
    [aColumn('c', 'datetime'), plain('datetime')],
    [aColumn('c', 'date'), plain('date')],
    [aChoice('c', { 1: 'One' }), choice],
    [aChoice('c', { 0: 'Active' }, { type: 'state' }), choice],
    [aChoice('c', { 1: 'Open' }, { type: 'status' }), choice],
    [aColumn('c', 'status'), string(12)],
    [aColumn('c', 'choices', { optionSet: anOptionSet({ 1: 'One' }) }), string(255)],
    [aLookup('c', ['account']), string(36)],
    [aColumn('c', 'customer'), string(36)],
    [aColumn('c', 'owner'), string(36)],
  ])('$type', (column, shape) => {
    expect(targetShape(column, 'DEFAULT')).toEqual(shape);
  });

  it('follows the conversion', () => {
    expect(targetShape(aColumn('c', 'datetime'), 'DATE_ONLY')).toEqual(plain('date'));
    expect(targetShape(aColumn('c', 'integer'), 'COPY')).toEqual(string(255));
  });

  it("lists a memo as a string in the account's schema", () => {
    expect(sourceShape(aColumn('c', 'memo', { maxLength: 100_000 }))).toEqual(string(100_000));
  });

  it('is refused for what no attribute can hold', () => {
    for (const type of ['image', 'file', 'partylist', 'managedproperty', 'virtual'] as const) {
      expect(unmappableReason(aColumn('c', type))).toBe(`is of type ${type}, which no Campaign attribute can hold`);
    }
    expect(unmappableReason(aColumn('c', 'string', { readable: false }))).toBe('cannot be read');
  });
});

describe('an attribute that exists', () => {
  it.each<[Column, AttributeType, Conversion]>([
    [aColumn('c'), 'string', 'DEFAULT'],
    [aColumn('c'), 'memo', 'DEFAULT'],
    [aColumn('c', 'integer'), 'string', 'DEFAULT'],
    [aColumn('c', 'integer', { min: 0, max: 100 }), 'byte', 'DEFAULT'],
    [aColumn('c', 'integer'), 'long', 'DEFAULT'],
    [aChoice('c', { 1: 'Male', 2: 'Female' }), 'byte', 'DEFAULT'],
    [aColumn('c', 'boolean'), 'byte', 'DEFAULT'],
    [aColumn('c', 'datetime'), 'date', 'DEFAULT'],
    [aColumn('c', 'date'), 'datetime', 'DEFAULT'],
    [aColumn('c', 'money'), 'float', 'DEFAULT'],
    [aColumn('c', 'uniqueid'), 'uuid', 'DEFAULT'],
  ])('can hold $type in %s', (column, type, conversion) => {
    expect(incompatibility(column, conversion, anAttribute('a', type))).toBeNull();
  });

  it.each<[Column, AttributeType, Conversion]>([
    [aColumn('c'), 'byte', 'DEFAULT'],
    [aColumn('c', 'integer', { min: 0, max: 1000 }), 'byte', 'DEFAULT'],
    [aColumn('c', 'integer'), 'short', 'DEFAULT'],
    [aColumn('c', 'integer'), 'long', 'COPY'],
    [aChoice('c', { 100000000: 'Custom' }), 'byte', 'DEFAULT'],
    [aColumn('c', 'bigint'), 'long', 'DEFAULT'],
    [aColumn('c', 'decimal'), 'long', 'DEFAULT'],
    [aColumn('c', 'datetime'), 'boolean', 'DEFAULT'],
    [aColumn('c'), 'blob', 'DEFAULT'],
  ])('cannot hold $type in %s', (column, type, conversion) => {
    expect(incompatibility(column, conversion, anAttribute('a', type))).toBe(
      `is a ${type} and cannot hold the ${column.type} column "c"`,
    );
  });

  it('cannot hold an id where it is too short', () => {
    expect(incompatibility(aLookup('c', ['account']), 'DEFAULT', anAttribute('a', 'string', { length: 20 }))).toBe(
      'is a string of 20 characters and cannot hold the lookup column "c"',
    );
  });
});
