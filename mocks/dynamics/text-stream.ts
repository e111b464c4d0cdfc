import { bytesOf } from './byte-text.js';

/** Bytes that are sent at a time. */
const CHUNK_BYTES = 65_536;

/**
 * A long body, made of byte text: it is written piece by piece, so that the first bytes leave before the last ones are made, and no more are made
 * than the client takes. The pieces are read once.
 */
export class TextStream implements AsyncIterable<Buffer> {
  constructor(private readonly pieces: Iterable<string>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    yield* this.chunks();
  }

  /** All of it at once, for where a body stands inside another one. */
  text(): string {
    return bytesOf([...this.pieces].join('')).toString();
  }

  private *chunks(): Generator<Buffer> {
    let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let length = 0;
    for (const piece of this.pieces) {
      if (length + piece.length > CHUNK_BYTES && length > 0) {
        yield chunk.subarray(0, length);
        chunk = Buffer.allocUnsafe(CHUNK_BYTES);
        length = 0;
      }
      if (piece.length > CHUNK_BYTES) yield bytesOf(piece);
      else length += chunk.write(piece, length, 'latin1');
    }
    if (length > 0) yield chunk.subarray(0, length);
  }
}
