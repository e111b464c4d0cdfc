/** One piece of a pattern between two `%`: characters, and null where any one will do. */
type Piece = readonly (string | null)[];

/**
 * The test that a LIKE pattern is: `%` any text, `_` one character, a backslash takes the next as it is. Its time grows with the length
 * of the text times that of the pattern at worst, whatever the pattern: a regular expression's could double with every `%`.
 */
export function likePattern(pattern: string): (text: string) => boolean {
  const pieces = splitPattern(pattern);
  return pieces.some((piece) => piece.includes(null)) ? anyCharacterTest(pieces) : plainTest(pieces);
}

function splitPattern(pattern: string): readonly Piece[] {
  const characters = [...pattern];
  let last: (string | null)[] = [];
  const pieces = [last];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (character === '%') {
      last = [];
      pieces.push(last);
    } else if (character === '_') last.push(null);
    else if (character === '\\') last.push(characters[++at] ?? '\\');
    else last.push(character);
  }
  return pieces;
}

/** Each piece is taken where it first occurs after the one before: what stands earlier leaves the most for the rest. */
function plainTest(pieces: readonly Piece[]): (text: string) => boolean {
  const texts = pieces.map((piece) => piece.join(''));
  const first = texts[0] ?? '';
  const last = texts.at(-1) ?? '';
  if (texts.length === 1) return (text) => text === first;
  const inner = texts.slice(1, -1).filter((piece) => piece !== '');
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const piece of inner) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at + last.length <= text.length;
  };
}

function anyCharacterTest(pieces: readonly Piece[]): (text: string) => boolean {
  const first = pieces[0] ?? [];
  const last = pieces.at(-1) ?? [];
  const inner = pieces.slice(1, -1);
  return (text) => {
    const characters = [...text];
    const end = characters.length - last.length;
    if (pieces.length === 1) return end === 0 && stands(first, characters, 0);
    if (!stands(first, characters, 0) || end < first.length || !stands(last, characters, end)) return false;
    let at = first.length;
    for (const piece of inner) {
      while (at + piece.length <= end && !stands(piece, characters, at)) at += 1;
      at += piece.length;
      if (at > end) return false;
    }
    return true;
  };
}

function stands(piece: Piece, characters: readonly string[], at: number): boolean {
  return piece.every((character, index) => {
    const own = characters[at + index];
    return own !== undefined && (character === null || character === own);
  });
}
