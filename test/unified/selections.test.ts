import { describe, expect, it } from 'vitest';
import { isNothing, mergeRecords, mergeSelections, subtractSelection, valueAt } from '../../src/unified/selections.js';

describe('selections', () => {
  it('merge to what either asks for, each field once', () => {
    const merged = mergeSelections(
      { fields: ['email'], nested: { folder: { fields: ['label'] } } },
      { fields: ['email', 'crmId'], nested: { folder: { fields: ['name'] }, operator: { fields: ['id'] } } },
    );
    expect(merged).toEqual({
      fields: ['email', 'crmId'],
      nested: { folder: { fields: ['label', 'name'] }, operator: { fields: ['id'] } },
    });
  });

  it('leave what has not been read when what has is taken away', () => {
    const wanted = { fields: ['a', 'b'], nested: { x: { fields: ['c', 'd'] }, y: { fields: ['e'] } } };
    const had = { fields: ['a'], nested: { x: { fields: ['c'] }, y: { fields: ['e', 'f'] } } };
    expect(subtractSelection(wanted, had)).toEqual({ fields: ['b'], nested: { x: { fields: ['d'] } } });
  });

  it('leave nothing of what has been read whole', () => {
    const wanted = { fields: ['a'], nested: { x: { fields: ['c'] } } };
    expect(isNothing(subtractSelection(wanted, wanted))).toBe(true);
  });
});

describe('records', () => {
  it('are put together from several answers, elements within them too', () => {
    const merged = mergeRecords([
      { id: 1, location: { city: 'Lyon' } },
      { id: 1, location: { zipCode: '69001' }, email: null },
    ]);
    expect(merged).toEqual({ id: 1, location: { city: 'Lyon', zipCode: '69001' }, email: null });
  });

  it('are read by path, and have nothing where they were not asked', () => {
    const record = { location: { city: 'Lyon' }, folder: null };
    expect(valueAt(record, 'location/city')).toBe('Lyon');
    expect(valueAt(record, 'folder/label')).toBeUndefined();
  });
});
