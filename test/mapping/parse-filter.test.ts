import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../src/mapping/parse-filter.js';
import { aColumn, aTable } from '../support/builders.js';

const contact = aTable('contact', [aColumn('lastname'), aColumn('statecode', 'state')]);

describe('a filter given as JSON', () => {
  it('is one condition where it names one', () => {
    expect(parseFilter({ lastname: { startsWith: 'A' } }, contact, 'filter')).toEqual({
      kind: 'text',
      path: 'lastname',
      operator: 'startsWith',
      value: 'A',
    });
  });

  it('joins what stands side by side with and', () => {
    expect(
      parseFilter(
        { lastname: { ne: 'A' }, or: [{ statecode: { eq: 0 } }, { not: { statecode: { isNull: true } } }] },
        contact,
        'filter',
      ),
    ).toEqual({
      kind: 'and',
      filters: [
        { kind: 'compare', path: 'lastname', operator: 'ne', value: 'A' },
        {
          kind: 'or',
          filters: [
            { kind: 'compare', path: 'statecode', operator: 'eq', value: 0 },
            { kind: 'not', filter: { kind: 'null', path: 'statecode', isNull: true } },
          ],
        },
      ],
    });
  });

  it.each([
    [{ lastnam: { eq: 'A' } }, 'NOT_FOUND', 'filter.lastnam', 'Did you mean "lastname"?'],
    [{ lastname: 'A' }, 'BAD_USER_INPUT', 'filter.lastname', 'Expected an object'],
    [{ lastname: { like: 'A' } }, 'BAD_USER_INPUT', 'filter.lastname.like', 'one of eq, ne'],
    [{ statecode: { contains: '1' } }, 'BAD_USER_INPUT', 'filter.statecode.contains', 'type state'],
    [{ lastname: { eq: null } }, 'BAD_USER_INPUT', 'filter.lastname.eq', 'isNull'],
    [{ lastname: { in: [] } }, 'BAD_USER_INPUT', 'filter.lastname.in', '1 to 500 values'],
    [{ or: [] }, 'BAD_USER_INPUT', 'filter.or', 'at least one'],
    [{ not: {} }, 'BAD_USER_INPUT', 'filter.not', 'at least one condition'],
    [[], 'BAD_USER_INPUT', 'filter', 'Expected an object'],
  ])('refuses %j and names the place', (json, code, field, text) => {
    expect(() => parseFilter(json, contact, 'filter')).toThrow(
      expect.objectContaining({ code, field, message: expect.stringContaining(text) }),
    );
  });
});
