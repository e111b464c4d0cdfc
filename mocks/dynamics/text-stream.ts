const CHUNK_LENGTH = 65_536;

/**
 * A long text as a body: it is written piece by piece, so that the first bytes leave before the last ones are made. The pieces are read
 * once.
 */
export class TextStream implements AsyncIterable<string> {
  constructor(private readonly pieces: Iterable<string>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    yield* this.chunks();
  }

  /** All of it at once, for where a body stands inside another one. */
  text(): string {
    return [...this.chunks()].join('');
  }

  /** Many small pieces cost more to send than to join. */
  private *chunks(): Generator<string> {
    let chunk: string[] = [];
    let length = 0;
    for (const piece of this.pieces) {
      chunk.push(piece);
      length += piece.length;
      if (length < CHUNK_LENGTH) continue;
      yield chunk.join('');
      chunk = [];
      length = 0;
    }
    if (chunk.length > 0) yield chunk.join('');
  }
}
