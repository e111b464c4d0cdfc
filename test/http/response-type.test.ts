import { describe, expect, it } from 'vitest';
import { chooseResponseType } from '../../src/http/response-type.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

describe('the type of an answer', () => {
  it.each([
    [undefined, JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*;q=0.5', JSON_TYPE],
    ['application/json', JSON_TYPE],
    ['application/graphql-response+json', GRAPHQL_TYPE],
    ['application/graphql-response+json; charset=utf-8, application/json; charset=utf-8', GRAPHQL_TYPE],
    ['application/json, application/graphql-response+json', JSON_TYPE],
    ['application/graphql-response+json;q=0.2, application/json;q=0.9', JSON_TYPE],
    ['application/graphql-response+json, application/json;q=0.9', GRAPHQL_TYPE],
    ['text/html, */*;q=0.1', JSON_TYPE],
    ['APPLICATION/JSON', JSON_TYPE],
    ['application/json;q=0, */*', GRAPHQL_TYPE],
    ['application/json; charset=utf-16', null],
    ['text/xml', null],
    ['application/json;q=none', null],
    ['', null],
  ])('that a client accepts as %s is %s', (accept, type) => {
    expect(chooseResponseType(accept)).toBe(type);
    expect(chooseResponseType(accept)).toBe(type);
  });
});
