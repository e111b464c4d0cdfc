/** Hears of the parts of a document in their order. What it throws ends the reading. */
export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(value: string): void;
  close(): void;
}

const NAME = '[A-Za-z_][\\w:.-]*';
const OPENING = new RegExp(`<(${NAME})`, 'y');
const CLOSING = new RegExp(`</(${NAME})\\s*>`, 'y');
const ATTRIBUTE = new RegExp(`\\s+(${NAME})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'y');
const TAG_END = /\s*(\/?)>/y;

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
  const open: string[] = [];
  let hasRoot = false;
  let at = afterDeclaration(text);

  /** Moves behind an opening tag; false where it is not a plain one. */
  function readOpening(): boolean {
    const name = match(OPENING)?.[1];
    if (name === undefined || (open.length === 0 && hasRoot)) return false;
    const attributes: Record<string, string> = {};
    for (let found = match(ATTRIBUTE); found; found = match(ATTRIBUTE)) {
      const [, key = '', double, single = ''] = found;
      const value = decode((double ?? single).replace(/[\t\n]/g, ' '));
      if (value === null || key === '__proto__' || key in attributes) return false;
      attributes[key] = value;
    }
    const end = match(TAG_END);
    if (!end) return false;
    hasRoot = true;
    handler.open(name, attributes);
    if (end[1] === '/') handler.close();
    else open.push(name);
    return true;
  }

  function readClosing(): boolean {
    const name = match(CLOSING)?.[1];
    if (name === undefined || open.pop() !== name) return false;
    handler.close();
    return true;
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
    at = end;
    if (open.length === 0) return /^[ \t\n]*$/.test(raw);
    const value = raw.includes(']]>') ? null : decode(raw);
    if (value !== null) handler.text(value);
    return value !== null;
  }

  function match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  }

  while (at < text.length) {
    const next = text.indexOf('<', at);
    if (next !== at && !readText(next === -1 ? text.length : next)) return false;
    if (next === -1) break;
    const second = text[at + 1];
    const isPlain = second === '/' ? readClosing() : second === '!' ? readSpecial() : readOpening();
    if (!isPlain) return false;
  }
  return hasRoot && open.length === 0;
}

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
  if (!text.includes('&')) return text;
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
