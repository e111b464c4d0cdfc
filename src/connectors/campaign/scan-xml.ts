/** Hears of the parts of a document in their order. What it throws ends the reading. */
export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(value: string): void;
  close(): void;
}

/** What a character may be in a name, by its code; of names beyond ASCII another reader knows. */
const NAME_PARTS = new Uint8Array(128);
const [FIRST, LATER] = [1, 2];
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  NAME_PARTS[code] = /[A-Za-z_]/.test(character) ? FIRST : /[\d:.-]/.test(character) ? LATER : 0;
}

const [TAB, LINE_END, SPACE, EXCLAMATION, QUOTE, APOSTROPHE, SLASH, EQUALS, GREATER] = [
  9, 10, 32, 33, 34, 39, 47, 61, 62,
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 leaves out, https://www.w3.org/TR/xml/#charsets
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;

/**
 * Reads a document of the plain sort that Campaign sends, several times faster than a reader that knows all of XML. Gives false as soon as
 * it meets anything else: a document type definition, an entity of the document's own, a name beyond ASCII, and all that is not well
 * formed. The handler has heard of some parts by then; what it made of them is to be thrown away, and another reader asked.
 */
export function scanXml(source: string, handler: XmlHandler): boolean {
  if (NOT_XML.test(source)) return false;
  const text = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
  const hasBreaks = /[\t\n]/.test(text);
  const open: string[] = [];
  /** The attributes that an element of a name had: the next one mostly has the same in the same order, though it may lack some. */
  const usualNames = new Map<string, readonly string[]>();
  let hasRoot = false;
  let at = afterDeclaration(text);
  /** Where the next tag begins, behind that at hand; -1 where none follows. */
  let next = text.indexOf('<', at);
  /** Where the next reference begins, as far as it has been looked for; -1 where none follows. */
  let reference = text.indexOf('&', at);

  /** Moves behind an opening tag; false where it is not a plain one. */
  function readOpening(): boolean {
    at += 1;
    const name = readName();
    if (name === '' || (open.length === 0 && hasRoot)) return false;
    const attributes = readAttributes(name);
    if (attributes === null) return false;
    const isEmpty = text.charCodeAt(at) === SLASH;
    if (isEmpty) at += 1;
    if (text.charCodeAt(at) !== GREATER) return false;
    at += 1;
    hasRoot = true;
    handler.open(name, attributes);
    if (isEmpty) handler.close();
    else open.push(name);
    return true;
  }

  function readAttributes(element: string): Record<string, string> | null {
    const attributes: Record<string, string> = {};
    const usual = usualNames.get(element) ?? NO_NAMES;
    let isSpaced = skipSpace();
    for (let index = 0; isSpaced && index < usual.length; index++) {
      if (readUsual(usual[index] ?? '', attributes)) isSpaced = skipSpace();
    }
    if (!isSpaced || !isNameStart()) return attributes;
    do {
      const name = readName();
      // Names that every object has, such as "constructor", are left to another reader too.
      if (attributes[name] !== undefined || !readValue(name, attributes)) return null;
    } while (skipSpace() && isNameStart());
    usualNames.set(element, Object.keys(attributes).slice(0, MOST_USUAL));
    return attributes;
  }

  /** Reads the attribute of this name, if that is what comes. */
  function readUsual(name: string, attributes: Record<string, string>): boolean {
    if (text.charCodeAt(at + name.length) !== EQUALS || !text.startsWith(name, at)) return false;
    const start = at;
    at += name.length;
    if (readValue(name, attributes)) return true;
    at = start;
    return false;
  }

  function readValue(name: string, attributes: Record<string, string>): boolean {
    skipSpace();
    if (text.charCodeAt(at) !== EQUALS) return false;
    at += 1;
    skipSpace();
    const quote = text.charCodeAt(at);
    if (quote !== QUOTE && quote !== APOSTROPHE) return false;
    const end = text.indexOf(quote === QUOTE ? '"' : "'", at + 1);
    // No value may hold the beginning of a tag.
    if (end === -1 || (next !== -1 && next < end)) return false;
    const raw = text.slice(at + 1, end);
    const spaced = hasBreaks ? raw.replace(/[\t\n]/g, ' ') : raw;
    const value = hasReference(end) ? decode(spaced) : spaced;
    if (value === null) return false;
    at = end + 1;
    attributes[name] = value;
    return true;
  }

  /** Tells whether a reference begins before `end`. */
  function hasReference(end: number): boolean {
    if (reference !== -1 && reference < at) reference = text.indexOf('&', at);
    return reference !== -1 && reference < end;
  }

  function readClosing(): boolean {
    at += 2;
    const name = readName();
    skipSpace();
    if (text.charCodeAt(at) !== GREATER || open.pop() !== name) return false;
    at += 1;
    handler.close();
    return true;
  }

  /** Reads a name and moves behind it; gives an empty text where there is none. */
  function readName(): string {
    if (!isNameStart()) return '';
    const start = at;
    do at += 1;
    while ((NAME_PARTS[text.charCodeAt(at)] ?? 0) > 0);
    return text.slice(start, at);
  }

  function isNameStart(): boolean {
    return NAME_PARTS[text.charCodeAt(at)] === FIRST;
  }

  /** Moves behind white space; false where there is none. */
  function skipSpace(): boolean {
    const start = at;
    for (let code = text.charCodeAt(at); code === SPACE || code === TAB || code === LINE_END; ) {
      at += 1;
      code = text.charCodeAt(at);
    }
    return at > start;
  }

  function readSpecial(): boolean {
    if (text.startsWith('<![CDATA[', at)) return readCdata();
    if (!text.startsWith('<!--', at)) return false;
    const end = text.indexOf('--', at + 4);
    at = end + 3;
    return end !== -1 && text[end + 2] === '>';
  }

  function readCdata(): boolean {
    const end = text.indexOf(']]>', at);
    if (end === -1 || open.length === 0) return false;
    handler.text(text.slice(at + '<![CDATA['.length, end));
    at = end + 3;
    return true;
  }

  function readText(end: number): boolean {
    const raw = text.slice(at, end);
    const isReferring = hasReference(end);
    at = end;
    if (open.length === 0) return /^[ \t\n]*$/.test(raw);
    const value = raw.includes(']]>') ? null : isReferring ? decode(raw) : raw;
    if (value !== null) handler.text(value);
    return value !== null;
  }

  while (at < text.length) {
    if (next !== at && !readText(next === -1 ? text.length : next)) return false;
    if (next === -1) break;
    next = text.indexOf('<', at + 1);
    const second = text.charCodeAt(at + 1);
    const isPlain = second === SLASH ? readClosing() : second === EXCLAMATION ? readSpecial() : readOpening();
    if (!isPlain) return false;
    // Comments and sections of characters may hold what looks like tags.
    if (next !== -1 && next < at) next = text.indexOf('<', at);
  }
  return hasRoot && open.length === 0;
}

const NO_NAMES: readonly string[] = [];

/** Names of attributes that are looked for in an element; one with more is read as if it were the first. */
const MOST_USUAL = 50;

const DECLARATION =
  /^\uFEFF?<\?xml version=(["'])1\.0\1(?: encoding=(["'])[A-Za-z][\w.-]*\2)?(?: standalone=(["'])(?:yes|no)\3)? ?\?>/;

function afterDeclaration(text: string): number {
  return DECLARATION.exec(text)?.[0].length ?? 0;
}

const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** The text with its references written out; null where one is not XML's own. */
function decode(text: string): string | null {
  let isPlain = true;
  const decoded = text.replace(/&([^;&]*)(;?)/g, (_whole, name: string, end: string) => {
    const character = end === '' ? undefined : (REFERENCES.get(name) ?? characterOf(name));
    if (character === undefined) isPlain = false;
    return character ?? '';
  });
  return isPlain ? decoded : null;
}

function characterOf(name: string): string | undefined {
  const [, decimal, hex] = /^#(?:(\d{1,7})|x([0-9A-Fa-f]{1,6}))$/.exec(name) ?? [];
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  const isXml = code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0xd7ff);
  const isFarXml = (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
  return isXml || isFarXml ? String.fromCodePoint(code) : undefined;
}
