/** Thrown for text that is not well-formed XML, declares a document type, is nested too deep, or has too many attributes. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

/** What `readXml` reports, in the order of the document. */
export interface XmlEvents {
  /**
   * A start tag. The values stand in the order of the names and are only the handler's during the call: the next element may take the
   * list. Elements that are written alike mostly come with one and the same list of names.
   */
  open(name: string, names: readonly string[], values: readonly string[]): void;
  /** Text or CDATA, with references resolved and line ends made one line feed; one run of text may come in pieces. */
  text(text: string): void;
  close(name: string): void;
}

const MAX_DEPTH = 200;
const MAX_ATTRIBUTES = 5_000;

/**
 * Reads well-formed XML 1.0 as a stream of events. Comments and processing instructions are passed over. A document type is refused,
 * and with it every entity but the five of XML itself: nothing is fetched and nothing expands.
 * https://www.w3.org/TR/xml/
 *
 * Throws `XmlError`.
 */
export function readXml(text: string, events: XmlEvents): void {
  new Reader(text, events).read();
}

// https://www.w3.org/TR/xml/#NT-Name
const NAME_START =
  ':A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const NAME = new RegExp(`[${NAME_START}][${NAME_START}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040]*`, 'uy');
const SPACE = /[ \t\r\n]+/y;
// https://www.w3.org/TR/xml/#NT-Char: what no document may hold.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;
const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(["'])1\.[0-9]+\1(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(["'])[A-Za-z][\w.-]*\2)?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(["'])(?:yes|no)\3)?[ \t\r\n]*\?>/;

class Reader {
  private at = 0;
  private readonly open: string[] = [];
  private readonly layouts = new Map<string, AttributeLayout>();
  /** Of the element that is read; one list for all. */
  private readonly values: string[] = [];
  private rootSeen = false;

  constructor(
    private readonly source: string,
    private readonly events: XmlEvents,
  ) {}

  read(): void {
    const illegal = ILLEGAL.exec(this.source);
    if (illegal) this.fail('A character is not allowed in XML', illegal.index);
    this.at = this.source.charCodeAt(0) === 0xfeff ? 1 : 0;
    this.at += DECLARATION.exec(this.source.slice(this.at, this.at + 200))?.[0].length ?? 0;
    while (this.at < this.source.length) this.next();
    const [unclosed] = this.open.slice(-1);
    if (unclosed !== undefined) this.fail(`Element '${unclosed}' is not closed`);
    if (!this.rootSeen) this.fail('The document is empty');
  }

  private next(): void {
    const tag = this.source.indexOf('<', this.at);
    const end = tag < 0 ? this.source.length : tag;
    if (end > this.at) this.readText(end);
    if (tag >= 0) this.readMarkup();
  }

  private readText(end: number): void {
    const raw = this.source.slice(this.at, end);
    if (raw.includes(']]>')) this.fail("Text holds ']]>'");
    if (this.open.length === 0) {
      if (/[^ \t\r\n]/.test(raw)) this.fail('Text stands outside the root element');
    } else this.events.text(this.resolve(unifyLineEnds(raw)));
    this.at = end;
  }

  private readMarkup(): void {
    const second = this.source.charCodeAt(this.at + 1);
    if (second === SLASH) this.readEndTag();
    else if (second === QUESTION) this.readInstruction();
    else if (second !== EXCLAMATION) this.readStartTag();
    else if (this.source.startsWith('<!--', this.at)) this.readComment();
    else if (this.source.startsWith('<![CDATA[', this.at)) this.readCdata();
    else if (this.source.startsWith('<!DOCTYPE', this.at)) this.fail('A document type is not allowed');
    else this.fail('Markup is not complete');
  }

  private readStartTag(): void {
    if (this.open.length === 0 && this.rootSeen) this.fail('A second root element begins');
    if (this.open.length >= MAX_DEPTH) this.fail(`Elements are nested deeper than ${MAX_DEPTH}`);
    this.at += 1;
    const name = this.readName();
    const names = this.readAttributes(name);
    this.rootSeen = true;
    this.events.open(name, names, this.values);
    if (this.source.charCodeAt(this.at) === GREATER) {
      this.open.push(name);
      this.at += 1;
      return;
    }
    if (this.source.charCodeAt(this.at + 1) !== GREATER) this.fail(`The tag of element '${name}' is not closed`);
    this.events.close(name);
    this.at += 2;
  }

  /**
   * Reads the values of a tag and gives their names. Elements of one name mostly have the same attributes in the same order, or some of
   * them: one that had others tells what to expect of the next.
   */
  private readAttributes(element: string): readonly string[] {
    const { values } = this;
    values.length = 0;
    const expected = this.layouts.get(element) ?? NO_LAYOUT;
    /** Undefined as long as none is missing. */
    let names: string[] | undefined;
    let absent = 0;
    for (let index = 0; index < expected.heads.length; index += 1) {
      const head = expected.heads[index] ?? '';
      const name = expected.names[index] ?? '';
      if (this.source.startsWith(head, this.at)) {
        this.at += head.length;
        values.push(this.readValue(name, QUOTE));
        names?.push(name);
        continue;
      }
      names ??= expected.names.slice(0, index);
      absent += 1;
      // The work for an element is to grow with its own text, not with what another one had.
      if (absent > MAX_ABSENT) break;
    }
    if (this.endsTag()) return names ?? expected.names;
    return this.readMoreAttributes(element, names ?? [...expected.names]);
  }

  private readMoreAttributes(element: string, names: string[]): readonly string[] {
    const expected = names.length;
    this.readOtherAttributes(names, this.values);
    const isKnown = this.layouts.has(element);
    if (names.length > expected && (isKnown || this.layouts.size < MAX_LAYOUTS))
      this.layouts.set(element, attributeLayout(names));
    return names;
  }

  private readOtherAttributes(names: string[], values: string[]): void {
    const known = new Set(names);
    let isSpaced = this.skipSpace();
    while (!this.endsTag()) {
      if (!isSpaced) this.fail('White space is missing between attributes');
      const name = this.readName();
      if (known.has(name)) this.fail(`Attribute '${name}' is given twice`);
      if (names.length >= MAX_ATTRIBUTES) this.fail(`An element has more than ${MAX_ATTRIBUTES} attributes`);
      known.add(name);
      names.push(name);
      values.push(this.readAssigned(name));
      isSpaced = this.skipSpace();
    }
  }

  private endsTag(): boolean {
    const next = this.source.charCodeAt(this.at);
    return next === GREATER || next === SLASH;
  }

  private readAssigned(name: string): string {
    this.skipSpace();
    if (this.source.charCodeAt(this.at) !== EQUALS) this.fail(`Attribute '${name}' has no value`);
    this.at += 1;
    this.skipSpace();
    const quote = this.source.charCodeAt(this.at);
    if (quote !== QUOTE && quote !== APOSTROPHE) this.fail(`The value of attribute '${name}' is not in quotes`);
    this.at += 1;
    return this.readValue(name, quote);
  }

  private readValue(name: string, quote: number): string {
    const { source, at } = this;
    let end = at;
    let isPlain = true;
    for (let code = source.charCodeAt(end); code !== quote; code = source.charCodeAt(end)) {
      if (code === LESS) this.fail(`The value of attribute '${name}' holds '<'`);
      if (Number.isNaN(code)) this.fail(`The value of attribute '${name}' does not end`);
      if (code === AMPERSAND || code < BLANK) isPlain = false;
      end += 1;
    }
    this.at = end + 1;
    const raw = source.slice(at, end);
    // https://www.w3.org/TR/xml/#AVNormalize
    return isPlain ? raw : this.resolve(unifyLineEnds(raw).replace(/[\t\n]/g, ' '));
  }

  private readEndTag(): void {
    this.at += 2;
    const name = this.readName();
    this.skipSpace();
    if (this.source.charCodeAt(this.at) !== GREATER) this.fail(`The end tag of '${name}' is not closed`);
    const expected = this.open.pop();
    if (name !== expected) this.fail(`The end tag '${name}' closes no element of this name`);
    this.at += 1;
    this.events.close(name);
  }

  private readCdata(): void {
    const end = this.source.indexOf(']]>', this.at);
    if (end < 0 || this.open.length === 0) this.fail('A CDATA section is out of place or does not end');
    this.events.text(unifyLineEnds(this.source.slice(this.at + 9, end)));
    this.at = end + 3;
  }

  private readComment(): void {
    const end = this.source.indexOf('--', this.at + 4);
    if (end < 0 || this.source.charCodeAt(end + 2) !== GREATER) this.fail('A comment does not end');
    this.at = end + 3;
  }

  private readInstruction(): void {
    const end = this.source.indexOf('?>', this.at + 2);
    if (end < 0) this.fail('A processing instruction does not end');
    this.at += 2;
    if (this.readName().toLowerCase() === 'xml') this.fail('An XML declaration stands inside the document');
    if (this.at !== end && !this.skipSpace()) this.fail('A processing instruction has no valid name');
    this.at = end + 2;
  }

  private readName(): string {
    let end = this.at;
    while (isNameCode(this.source.charCodeAt(end))) end += 1;
    const name = this.source.slice(this.at, end);
    if (ENDS_NAME.has(this.source.charCodeAt(end)) && isNameStart(name.charCodeAt(0))) {
      this.at = end;
      return name;
    }
    NAME.lastIndex = this.at;
    const match = NAME.exec(this.source);
    if (!match) return this.fail('A name was expected');
    this.at += match[0].length;
    return match[0];
  }

  private skipSpace(): boolean {
    const next = this.source.charCodeAt(this.at);
    if (next !== BLANK && next !== 9 && next !== 10 && next !== 13) return false;
    SPACE.lastIndex = this.at;
    this.at += SPACE.exec(this.source)?.[0].length ?? 0;
    return true;
  }

  private resolve(raw: string): string {
    if (!raw.includes('&')) return raw;
    return raw.replace(/&([^&;]*;?)/g, (_, reference: string) => this.character(reference));
  }

  private character(reference: string): string {
    const known = ENTITIES[reference];
    if (known !== undefined) return known;
    const code = /^#x[0-9a-fA-F]{1,8};$/.test(reference)
      ? Number.parseInt(reference.slice(2), 16)
      : /^#[0-9]{1,8};$/.test(reference)
        ? Number(reference.slice(1, -1))
        : Number.NaN;
    if (!(code <= 0x10ffff) || ILLEGAL.test(String.fromCodePoint(code))) {
      this.fail(`The reference '&${reference.slice(0, 20)}' names no character`);
    }
    return String.fromCodePoint(code);
  }

  private fail(problem: string, at = this.at): never {
    const line = this.source.slice(0, at).split('\n').length;
    const column = at - this.source.lastIndexOf('\n', at - 1);
    throw new XmlError(`${problem} (line ${line}, column ${column}).`);
  }
}

const MAX_LAYOUTS = 200;
/** How many of the attributes that are expected may be missing before the others are read as they come. */
const MAX_ABSENT = 50;

/** The names of an element's attributes, and what stands before each value as most programs write it. */
interface AttributeLayout {
  readonly names: readonly string[];
  readonly heads: readonly string[];
}

const NO_LAYOUT: AttributeLayout = { names: [], heads: [] };

function attributeLayout(names: readonly string[]): AttributeLayout {
  return { names, heads: names.map((name) => ` ${name}="`) };
}

const BLANK = 0x20;
const EXCLAMATION = 0x21;
const QUOTE = 0x22;
const AMPERSAND = 0x26;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;

const ENTITIES: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
  'amp;': '&',
  'lt;': '<',
  'gt;': '>',
  'quot;': '"',
  'apos;': "'",
});

/** What may follow a name that is plain ASCII; anything else is left to the whole grammar of names. */
const ENDS_NAME: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, EQUALS, SLASH, GREATER, QUESTION]);

function isNameCode(code: number): boolean {
  return isNameStart(code) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e;
}

function isNameStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code === 0x3a;
}

/** https://www.w3.org/TR/xml/#sec-line-ends */
function unifyLineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
