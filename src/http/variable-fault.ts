const INVALID = /^(Variable "\$\w+") got invalid value [\s\S]*$/;
const PLACE = / at "([\w.$[\]]+)"; /g;

/** What GraphQL says of a value without showing it, as the end of its message. */
const REASONS: readonly RegExp[] = [
  /Field "\w+" of required type "[\w![\]]+" was not provided\.$/,
  /Field "\w+" is not defined by type "\w+"\.(?: Did you mean [\w", ]+\?)?$/,
  /Expected non-nullable type "[\w![\]]+" not to be null\.$/,
  /Expected type "\w+" to be an object\.$/,
  /Expected type "\w+"\.(?= )/,
  /Value "\w*" does not exist in "\w+" enum\.(?: Did you mean [\w", ]+\?)?$/,
];
/** Scalars put the value behind these words. */
const SCALARS: readonly RegExp[] = [
  /; ((?:String|Int|Float|Boolean|ID|BigInt|DateTime) cannot represent (?:a |an )?[a-z0-9 -]+): /,
  /; ((?:Date|DateTime) cannot represent an invalid date(?:-time)?-string) /,
];

/**
 * What is wrong with a variable, without its value: GraphQL shows the whole object around a mistake, and there may be passwords and keys in
 * it. Any other message is given back as it is.
 */
export function withoutValue(message: string): string {
  const [, variable] = INVALID.exec(message) ?? [];
  if (variable === undefined) return message;
  const reason =
    REASONS.map((one) => one.exec(message)?.[0]).find(Boolean) ??
    SCALARS.map((one) => one.exec(message)?.[1]).find(Boolean);
  const place = [...message.matchAll(PLACE)].at(-1)?.[1];
  const where = place === undefined ? '' : ` at "${place}"`;
  return `${variable} got an invalid value${where}${reason === undefined ? '.' : `; ${reason.replace(/[^.?]$/, '$&.')}`}`;
}
