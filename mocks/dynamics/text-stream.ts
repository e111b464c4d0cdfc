/** Bytes that are sent at a time. */
const CHUNK_BYTES = 65_536;

/** Characters whose UTF-8 surely fits into what is left of a chunk, by the bytes that the longest of them takes. */
const MOST_BYTES = 3;

/**
 * A long text as a body: it is written piece by piece, so that the first bytes leave before the last ones are made, and no more are made
 * than the client takes. The pieces are read once.
 */
export class TextStream implements AsyncIterable<Buffer> {
  constructor(private readonly pieces: Iterable<string>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    yield* this.chunks();
  }

  /** All of it at once, for where a body stands inside another one. */
  text(): string {
    return [...this.pieces].join('');
  }

  /** Each piece is encoded on its own: joined first, one wide character would make all of a chunk wide. */
  private *chunks(): Generator<Buffer> {
    let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let length = 0;
    for (const piece of this.pieces) {
      if (length + piece.length * MOST_BYTES > CHUNK_BYTES && length > 0) {
        yield chunk.subarray(0, length);
        chunk = Buffer.allocUnsafe(CHUNK_BYTES);
        length = 0;
      }
      if (piece.length * MOST_BYTES > CHUNK_BYTES) yield Buffer.from(piece);
      else length += chunk.write(piece, length);
    }
    if (length > 0) yield chunk.subarray(0, length);
  }
}
