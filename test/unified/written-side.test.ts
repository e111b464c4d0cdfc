import { describe, expect, it } from 'vitest';
import { RemoteError, RequestError } from '../../src/model/errors.js';
import { describeError, notWritten } from '../../src/unified/resolvers/written-side.js';

const upstream = { system: 'campaign', status: null, code: null, message: 'gone', requestId: null } as const;

describe('a side that was not written', () => {
  it('is FAILED where it was refused and UNKNOWN where nobody knows', () => {
    expect(notWritten(new RemoteError('CONFLICT', 'no', { upstream })).status).toBe('FAILED');
    expect(notWritten(new RemoteError('UPSTREAM_UNAVAILABLE', 'no', { upstream, mayHaveArrived: true })).status).toBe(
      'UNKNOWN',
    );
  });

  it('tells what the remote told, how long to wait, and the remedy', () => {
    const error = new RemoteError('RATE_LIMITED', 'wait', { upstream, retryAfter: 7 });
    expect(describeError(notWritten(error, 'again'))).toEqual({
      code: 'RATE_LIMITED',
      message: 'wait',
      remedy: 'again',
      field: null,
      retryAfter: 7,
      upstream,
    });
    const misfit = new RequestError('BAD_USER_INPUT', 'too long', { field: 'jobtitle' });
    expect(describeError(notWritten(misfit))).toMatchObject({ field: 'jobtitle', remedy: null, upstream: null });
  });

  it('shows no fault of ours to a client', () => {
    expect(() => describeError(notWritten(new TypeError('secret')))).toThrow(TypeError);
  });

  it('has no error where it went well', () => {
    expect(describeError({ status: 'CREATED' })).toBeNull();
  });
});
