/** The headers of an answer. They are read when they are asked for, as most never are. */
export class ResponseHeaders {
  /** Names and values by turns, as they came. */
  constructor(private readonly raw: readonly Uint8Array[]) {}

  /** The value of a header, whose name is given in lower case; values of one that came several times are joined by `, `. */
  get(name: string): string | undefined {
    let found: string | undefined;
    for (let index = 0; index < this.raw.length; index += 2) {
      if (this.raw[index]?.length !== name.length || this.text(index).toLowerCase() !== name) continue;
      found = found === undefined ? this.text(index + 1) : `${found}, ${this.text(index + 1)}`;
    }
    return found;
  }

  /** All of them, by their names in lower case. */
  all(): Record<string, string> {
    const names = this.raw.filter((_, index) => index % 2 === 0).map((_, index) => this.text(2 * index).toLowerCase());
    return Object.fromEntries(names.map((name) => [name, this.get(name) ?? '']));
  }

  private text(index: number): string {
    const bytes = this.raw[index];
    return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1') : '';
  }
}
