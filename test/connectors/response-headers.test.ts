import { describe, expect, it } from 'vitest';
import { ResponseHeaders } from '../../src/connectors/response-headers.js';

const HEADERS = new ResponseHeaders(
  ['Content-Type', 'text/xml', 'X-Id', '7', 'Date', 'é', 'x-id', '8', 'Empty', ''].map((text) =>
    Buffer.from(text, 'latin1'),
  ),
);

describe('the headers of an answer', () => {
  it('are found however their names are written', () => {
    expect(HEADERS.get('content-type')).toBe('text/xml');
    expect([HEADERS.get('date'), HEADERS.get('empty'), HEADERS.get('x-in')]).toEqual(['é', '', undefined]);
  });

  it('join the values of one that came several times', () => {
    expect(HEADERS.get('x-id')).toBe('7, 8');
  });

  it('are told all by their names in lower case', () => {
    expect(HEADERS.all()).toEqual({ 'content-type': 'text/xml', 'x-id': '7, 8', date: 'é', empty: '' });
  });

  it('do not reach beyond the bytes that were theirs', () => {
    const packet = Buffer.from('HTTP/1.1 200 OK\r\nAge: 5\r\n');
    const headers = new ResponseHeaders([packet.subarray(17, 20), packet.subarray(22, 23)]);
    expect(headers.all()).toEqual({ age: '5' });
  });
});
