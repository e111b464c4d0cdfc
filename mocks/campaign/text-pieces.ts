/** Characters of a piece; no answer of ordinary size is cut. */
const PIECE = 65_536;

/** A text as it is written, kept in pieces that are sent one after the other: a large document is never one long string. */
export class TextPieces {
  private readonly whole: string[] = [];
  private last = '';

  /** Adds a text at the end. */
  add(text: string): this {
    this.last += text;
    if (this.last.length >= PIECE) {
      this.whole.push(this.last);
      this.last = '';
    }
    return this;
  }

  /** Adds all of another text at the end. */
  addAll(other: TextPieces): this {
    for (const piece of other.pieces()) this.add(piece);
    return this;
  }

  pieces(): readonly string[] {
    return this.last === '' ? this.whole : [...this.whole, this.last];
  }

  toString(): string {
    return this.pieces().join('');
  }
}
