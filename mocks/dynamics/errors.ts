import type { MockResponse } from '../control.js';

/** Codes of the service: https://learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes */
export const CODES = {
  query: '0x80060888',
  payload: '0x80048d19',
  invalidArgument: '0x80040203',
  stringTooLong: '0x80044331',
  integerOutOfRange: '0x8004432f',
  decimalOutOfRange: '0x80044330',
  optionOutOfRange: '0x8004431a',
  invalidStatus: '0x80048408',
  expiredVersionStamp: '0x80044352',
  changeTrackingOff: '0x80072491',
  notMember: '0x80072560',
  userDisabled: '0x80040225',
  noRoles: '0x80042f09',
  privilegeDenied: '0x80040220',
  isvAborted: '0x80040265',
  duplicatesFound: '0x80040333',
  notFound: '0x80040217',
  notFoundByKey: '0x80060891',
  crmHttp: '0x8006088a',
  associated: '0x80040227',
  loop: '0x80040507',
  versionMismatch: '0x80060882',
  duplicate: '0x80040237',
  duplicateKey: '0x80060892',
  unexpected: '0x80040216',
  rateLimited: '0x80072322',
  badRequest: '0x80060888',
} as const;

/** An error in the service's own words; `answerError` makes the response of it. */
export class DynamicsError extends Error {
  override readonly name = 'DynamicsError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** 400 for a query, URL or option that is wrong. */
export function queryError(message: string): DynamicsError {
  return new DynamicsError(400, CODES.query, message);
}

/** 400 for a body that does not fit the table; `detail` is what follows "InnerException". */
export function payloadError(setName: string, detail: string): DynamicsError {
  const help = 'https://go.microsoft.com/fwlink/?linkid=2195293';
  return new DynamicsError(
    400,
    CODES.payload,
    `Error identified in Payload provided by the user for Entity :'${setName}', For more information on this error please follow this help link ${help}  ---->  InnerException : Microsoft.OData.ODataException: ${detail}`,
  );
}

export function unknownProperty(property: string, table: string): DynamicsError {
  return queryError(`Could not find a property named '${property}' on type 'Microsoft.Dynamics.CRM.${table}'.`);
}

export function unknownSegment(segment: string): DynamicsError {
  return new DynamicsError(404, CODES.crmHttp, `Resource not found for the segment '${segment}'.`);
}

export function rowNotFound(table: string, id: string): DynamicsError {
  return new DynamicsError(404, CODES.notFound, `${table} With Id = ${id} Does Not Exist`);
}

export function methodNotAllowed(method: string): DynamicsError {
  return new DynamicsError(405, CODES.query, `The requested resource does not support http method '${method}'.`);
}

/** `withDetails` adds the annotations that `Prefer: odata.include-annotations="*"` asks for. */
export function answerError(
  error: DynamicsError,
  { withDetails = false }: { withDetails?: boolean } = {},
): MockResponse {
  const details = {
    '@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus': '0',
    '@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode': '2147746816',
    '@Microsoft.PowerApps.CDS.HelpLink': `http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a${error.code.slice(2)}&client=platform`,
    '@Microsoft.PowerApps.CDS.InnerError.Message': error.message,
  };
  return {
    status: error.status,
    headers: { 'content-type': 'application/json; odata.metadata=minimal', ...error.headers },
    body: JSON.stringify({ error: { code: error.code, message: error.message, ...(withDetails ? details : {}) } }),
  };
}
