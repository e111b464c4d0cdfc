import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type ErrorCode, RemoteError, RequestError } from '../model/errors.js';
import { withoutValue } from './variable-fault.js';

/** Codes of Apollo's own that mean one of ours. */
const CODES_OF_APOLLO: Readonly<Record<string, ErrorCode>> = {
  [ApolloServerErrorCode.BAD_REQUEST]: 'BAD_USER_INPUT',
  [ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE]: 'BAD_USER_INPUT',
};

export interface FormatErrorOptions {
  /** Hears of every error that is masked, with what is behind it. */
  readonly onUnknown: (error: unknown) => void;
}

/**
 * Turns what was thrown into what a client sees: the code of the error families, the field and the remote's fault in `extensions`.
 * Anything unknown is masked, so that no internals leak, and handed to `onUnknown`.
 */
export function createFormatError(
  options: FormatErrorOptions,
): (formatted: GraphQLFormattedError, thrown: unknown) => GraphQLFormattedError {
  return (formatted, thrown) => {
    const error = unwrapResolverError(thrown);
    if (error instanceof RequestError) return withExtensions(formatted, requestExtensions(error));
    if (error instanceof RemoteError) return withExtensions(formatted, remoteExtensions(error));
    if (isUnauthorized(error)) return withExtensions(formatted, { code: 'FORBIDDEN' }, FORBIDDEN_MESSAGE);
    if (isGraphQLFault(formatted, error))
      return withExtensions(formatted, faultExtensions(formatted), withoutValue(formatted.message));
    if (isRefusedRequest(error)) return withExtensions(formatted, { code: 'BAD_USER_INPUT' });
    options.onUnknown(error);
    return withExtensions(
      formatted,
      { code: 'INTERNAL_SERVER_ERROR' },
      'Something went wrong in the gateway. Its log tells more.',
    );
  };
}

const FORBIDDEN_MESSAGE =
  'Your role does not allow this. Reading needs "reader", mappings, enumerations and workflows "operator", accounts "admin".';

function withExtensions(
  formatted: GraphQLFormattedError,
  extensions: Record<string, unknown>,
  message = formatted.message,
): GraphQLFormattedError {
  const { path, locations } = formatted;
  return { message, ...(locations && { locations }), ...(path && { path }), extensions };
}

function requestExtensions(error: RequestError): Record<string, unknown> {
  return { code: error.code, ...(error.field !== null && { field: error.field }) };
}

function remoteExtensions(error: RemoteError): Record<string, unknown> {
  return {
    code: error.code,
    upstream: error.upstream,
    ...(error.retryAfter !== null && { retryAfter: error.retryAfter }),
  };
}

/** type-graphql throws this from `@Authorized('…')` where the role does not suffice; who asks is known by then. */
function isUnauthorized(error: unknown): boolean {
  return error instanceof GraphQLError && error.extensions.code === 'UNAUTHORIZED';
}

/** A fault that GraphQL itself found (syntax, validation, variables), or one thrown with a code on purpose. */
function isGraphQLFault(formatted: GraphQLFormattedError, error: unknown): boolean {
  const code = formatted.extensions?.code;
  return error instanceof GraphQLError && typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR';
}

/** Apollo's refusals of persisted queries have no code, only the HTTP status of a request that is wrong. */
function isRefusedRequest(error: unknown): boolean {
  const http = error instanceof GraphQLError ? error.extensions.http : null;
  if (typeof http !== 'object' || http === null || !('status' in http)) return false;
  return typeof http.status === 'number' && http.status >= 400 && http.status < 500;
}

/** The code in our words, and what an operation over the limits would have cost. */
function faultExtensions({ extensions = {} }: GraphQLFormattedError): Record<string, unknown> {
  const code = String(extensions.code);
  return { code: CODES_OF_APOLLO[code] ?? code, ...(extensions.cost !== undefined && { cost: extensions.cost }) };
}
