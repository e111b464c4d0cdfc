/**
 * Makes a pure function remember its last results, `limit` of them at least: clients send the same few things over and over. An error is
 * not remembered. The results are shared: nobody may change them.
 */
export function remembering<Argument, Result>(
  limit: number,
  compute: (argument: Argument) => Result,
): (argument: Argument) => Result {
  let recent = new Map<Argument, Result>();
  let older = new Map<Argument, Result>();
  return (argument) => {
    const known = recent.get(argument);
    if (known !== undefined) return known;
    const result = older.get(argument) ?? compute(argument);
    if (recent.size >= limit) [older, recent] = [recent, new Map()];
    recent.set(argument, result);
    return result;
  };
}
