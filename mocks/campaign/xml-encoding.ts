const DECLARED = /^<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.-]+)["']/;
const CHARSET = /;\s*charset\s*=\s*"?([\w.-]+)/i;

/**
 * The text of an XML document, by its byte order mark, the charset of its content type, or its own declaration; UTF-8 where none tells.
 * An encoding that is not known is read as UTF-8. https://www.w3.org/TR/xml/#charencoding
 */
export function decodeXml(body: Buffer, contentType: string): string {
  const name = markedEncoding(body) ?? CHARSET.exec(contentType)?.[1] ?? declaredEncoding(body) ?? 'utf-8';
  if (/^utf-?8$/i.test(name)) return body.toString('utf8');
  try {
    return new TextDecoder(name).decode(body);
  } catch {
    return body.toString('utf8');
  }
}

function markedEncoding(body: Buffer): string | undefined {
  const [first, second] = body;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

function declaredEncoding(body: Buffer): string | undefined {
  return DECLARED.exec(body.toString('latin1', 0, 200))?.[1];
}
