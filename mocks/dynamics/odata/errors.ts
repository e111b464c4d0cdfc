/** A query that cannot be carried out; Dataverse answers each of these with HTTP 400 and code 0x80060888. */
export class ODataError extends Error {
  override readonly name: string = 'ODataError';
}

/** The text is not OData. `position` counts characters of the option's decoded value from 0. */
export class ODataSyntaxError extends ODataError {
  override readonly name = 'ODataSyntaxError';

  constructor(
    message: string,
    readonly position: number,
  ) {
    super(message);
  }
}

/** OData that Dataverse does not support, or this mock does not imitate; the message says which. */
export class ODataUnsupportedError extends ODataError {
  override readonly name = 'ODataUnsupportedError';
}

/** Operands whose types cannot be compared, or that a function does not take. */
export class ODataTypeError extends ODataError {
  override readonly name = 'ODataTypeError';
}

/** A row has no such property. The server, which knows the table, makes the vendor's message from `path`. */
export class ODataPropertyError extends ODataError {
  override readonly name = 'ODataPropertyError';

  constructor(readonly path: readonly string[]) {
    super(`Could not find a property named '${path.join('/')}'.`);
  }
}
