import type { LiteralNode } from './ast.js';
import { ODataSyntaxError, ODataUnsupportedError } from './errors.js';

/** Query functions are always written with their namespace. */
export const NAMESPACE = 'Microsoft.Dynamics.CRM.';

const PARAMETERS = {
  property: ['PropertyName'],
  value: ['PropertyName', 'PropertyValue'],
  twoValues: ['PropertyName', 'PropertyValue1', 'PropertyValue2'],
  list: ['PropertyName', 'PropertyValues'],
} as const;

/**
 * The query functions and the parameters that each takes.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/queryfunctions
 */
const FUNCTIONS: Readonly<Record<string, keyof typeof PARAMETERS>> = {
  ...of('property', [
    ...['Today', 'Yesterday', 'Tomorrow', 'Last7Days', 'Next7Days'],
    ...['LastWeek', 'ThisWeek', 'NextWeek', 'LastMonth', 'ThisMonth', 'NextMonth', 'LastYear', 'ThisYear', 'NextYear'],
    ...[
      'LastFiscalPeriod',
      'ThisFiscalPeriod',
      'NextFiscalPeriod',
      'LastFiscalYear',
      'ThisFiscalYear',
      'NextFiscalYear',
    ],
    ...['EqualUserId', 'NotEqualUserId', 'EqualBusinessId', 'NotEqualBusinessId', 'EqualUserLanguage'],
    ...['EqualUserTeams', 'EqualUserOrUserTeams', 'EqualUserOrUserHierarchy', 'EqualUserOrUserHierarchyAndTeams'],
  ]),
  ...of('value', [
    ...['LastXHours', 'LastXDays', 'LastXWeeks', 'LastXMonths', 'LastXYears'],
    ...['NextXHours', 'NextXDays', 'NextXWeeks', 'NextXMonths', 'NextXYears'],
    ...['LastXFiscalPeriods', 'LastXFiscalYears', 'NextXFiscalPeriods', 'NextXFiscalYears'],
    ...[
      'OlderThanXMinutes',
      'OlderThanXHours',
      'OlderThanXDays',
      'OlderThanXWeeks',
      'OlderThanXMonths',
      'OlderThanXYears',
    ],
    ...['On', 'OnOrBefore', 'OnOrAfter', 'InFiscalPeriod', 'InFiscalYear'],
    ...['Above', 'AboveOrEqual', 'Under', 'UnderOrEqual', 'NotUnder', 'Contains'],
  ]),
  ...of('twoValues', ['InFiscalPeriodAndYear', 'InOrBeforeFiscalPeriodAndYear', 'InOrAfterFiscalPeriodAndYear']),
  ...of('list', ['In', 'NotIn', 'Between', 'NotBetween', 'ContainValues', 'DoesNotContainValues']),
};

/** Checks the arguments of a query function against its parameters and puts its values in order. */
export function functionArguments(
  name: string,
  given: ReadonlyMap<string, readonly LiteralNode[]>,
  position: number,
): { readonly propertyName: string; readonly values: readonly LiteralNode[] } {
  const kind = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!kind)
    throw new ODataUnsupportedError(
      `An unknown function with name '${NAMESPACE}${name}' was found at position ${position}.`,
    );
  const expected: readonly string[] = PARAMETERS[kind];
  const isComplete = given.size === expected.length && expected.every((parameter) => given.has(parameter));
  if (!isComplete)
    throw new ODataSyntaxError(`The function '${NAMESPACE}${name}' takes ${expected.join(', ')}.`, position);
  const [property, ...values] = expected.flatMap((parameter) => given.get(parameter) ?? []);
  if (property?.type !== 'string')
    throw new ODataSyntaxError(`PropertyName of '${name}' must be a quoted name.`, position);
  assertCount(name, kind, values.length, position);
  return { propertyName: String(property.value), values };
}

function assertCount(name: string, kind: keyof typeof PARAMETERS, count: number, position: number): void {
  const isRange = name === 'Between' || name === 'NotBetween';
  if (isRange && count !== 2) throw new ODataSyntaxError(`PropertyValues of '${name}' must be two values.`, position);
  const isShort = kind === 'list' ? count === 0 : count !== PARAMETERS[kind].length - 1;
  if (isShort) throw new ODataSyntaxError(`The function '${name}' was given ${count} values.`, position);
}

function of<Kind extends string>(kind: Kind, names: readonly string[]): Record<string, Kind> {
  return Object.fromEntries(names.map((name) => [name, kind]));
}
