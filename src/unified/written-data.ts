/** The data of an answer as JSON text, in pieces: what is too large to be held as objects, or as one text. */
export class WrittenData {
  readonly [name: string]: unknown;

  constructor(readonly pieces: readonly string[]) {}

  /** For whoever takes it for an object all the same. */
  toJSON(): unknown {
    return JSON.parse(this.pieces.join(''));
  }
}

/** Characters that are sent at a time. */
const AT_ONCE = 65_536;

/** The JSON of an answer in parts worth sending. `rest` is what stands beside the data, as the text of an object. */
export function* writeAnswer({ pieces }: WrittenData, rest: string): Generator<string> {
  let text = '{"data":';
  for (const piece of pieces) {
    text += piece;
    if (text.length < AT_ONCE) continue;
    yield text;
    text = '';
  }
  const others = rest.trim().slice(1, -1);
  yield `${text}${others === '' ? '' : `,${others}`}}\n`;
}

/** The JSON of what stands beside the data of an answer, where that is written already; of any other answer the whole. */
export function writeRest(result: { readonly data?: unknown }): string {
  if (!(result.data instanceof WrittenData)) return JSON.stringify(result);
  const { data: _, ...rest } = result;
  return JSON.stringify(rest);
}
