/**
 * A SOAP fault answered as it stands. `code` is Campaign's own (`XTK-170036`), put before the message in `faultstring`.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/web-service-calls.html
 */
export class SoapFault extends Error {
  override readonly name = 'SoapFault';

  constructor(
    readonly code: string,
    message: string,
    readonly detail = '',
    readonly faultcode: 'SOAP-ENV:Server' | 'SOAP-ENV:Client' = 'SOAP-ENV:Server',
  ) {
    super(message);
  }

  /** What stands in `faultstring`: `CODE text`. */
  get faultstring(): string {
    return this.code === '' ? this.message : `${this.code} ${this.message}`;
  }
}

/** Something failed inside a method; the router wraps it in SOP-330011 and puts these lines, innermost first, into `detail`. */
export class MethodError extends Error {
  override readonly name = 'MethodError';

  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/** Refused before SOAP: Campaign answers a failed logon and a dead session with a status and plain text, not with XML. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    text: string,
  ) {
    super(text);
  }
}

export const badLogin = () => new Refusal(403, 'XSV-350012 Invalid login or password. Connection denied.');

export const sessionExpired = () => new Refusal(403, 'XSV-350008 Session has expired or is invalid. Please reconnect.');

/** `address` is that of the client, as a proxy in front tells it. */
export const addressRefused = (address: string) =>
  new Refusal(
    403,
    `XSV-350013 The '${address}' IP address via which you are connecting is not authorized by the security zone.`,
  );

export const invalidMessage = (service: string, method: string, cause = '') =>
  new SoapFault(
    '',
    `The XML SOAP message is invalid (service '${service}', method '${method}').`,
    cause,
    'SOAP-ENV:Client',
  );

export const unknownMethod = (service: string, method: string) =>
  new SoapFault('SOP-330006', `The method '${method}' is not defined in SOAP service '${service}'.`);

/** The method is declared, but nothing carries it out: methods written in JavaScript, for one. */
export const notImplemented = (service: string, method: string) =>
  new SoapFault('SOP-330005', `The method '${method}' of service '${service}' is not implemented.`);

export const notScriptable = () =>
  new MethodError(['SOP-330024 Unspecified function library for JavaScript SOAP call.']);

export const methodFailed = (service: string, method: string, lines: readonly string[]) =>
  new SoapFault(
    'SOP-330011',
    `Error while executing the method '${method}' of service '${service}'.`,
    lines.join('\n'),
  );

export const accessDenied = (detail: string) => new SoapFault('XTK-170019', 'Access denied.', detail);

export const unknownSchema = (id: string) =>
  new SoapFault(
    'XFR-180000',
    `Document of identifier '${id}' and type 'xtk:schema' does not exist or is not accessible.`,
  );

export const missingXtkschema = (root: string) =>
  new SoapFault(
    'XFR-180000',
    `Attribute 'xtkschema' is missing on element '${root}': the schema of the document is unknown.`,
  );

/** `label` is the schema's label and `schema` its id: `Recipients (nms:recipient)`. */
export const unknownNode = (kind: 'Attribute' | 'Element', name: string, schema: { label: string; id: string }) =>
  `${kind} '${name}' unknown (see definition of schema '${schema.label} (${schema.id})').`;

export const badExpression = (expression: string, detail: string) =>
  new SoapFault('XTK-170036', `Unable to parse expression '${expression}'.`, detail);

export const noDataSource = (id: string) => new MethodError([`XSV-350063 No data source for schema '${id}'.`]);

export const notFound = (id: string, schema: string) =>
  new MethodError([
    `XSV-350000 Document of identifier '${id}' and type '${schema}' does not exist or is not accessible.`,
  ]);

/** A write that the database refused; `schema` is `Recipients (nms:recipient)`. */
export const notSaved = (cause: string, schema: string) =>
  new MethodError([cause, `XSV-350023 Unable to save document of type '${schema}'.`]);

export const databaseError = (message: string) => `ODB-240000 ODBC error: ${message}`;
