import type { RecordData, RecordValue } from '../../model/record.js';
import { childElements, textOf, type XmlElement } from '../../model/xml.js';
import type { CompiledQuery } from './compile.js';
import { writeCursor } from './cursor.js';
import { literalKind } from './literals.js';
import type { ResolvedPath } from './paths.js';
import type { NestedShape, Shape } from './shape.js';

/** Decodes an element of an answer to a record of the selected shape. What Campaign adds unasked (`_cs`, `_key`) is left out. */
export function decodeRecord(row: XmlElement, shape: Shape): RecordData {
  return createDecoder(shape)(row);
}

type Decode<Value> = (row: XmlElement) => Value;

/** Makes the decoder of all rows of one shape, which does as `decodeRecord`. */
export function createDecoder(shape: Shape): Decode<RecordData> {
  const decode = decoders.get(shape) ?? decoderOf(shape);
  decoders.set(shape, decode);
  return decode;
}

const decoders = new WeakMap<Shape, Decode<RecordData>>();

function decoderOf(shape: Shape): Decode<RecordData> {
  const fields = [...shape.fields].map(([name, path]) => ({ name, decode: valueDecoder(path) }));
  const nested = [...shape.nested].map(([name, inner]) => ({ name, decode: nestedDecoder(inner) }));
  return (row) => {
    const record: Record<string, RecordValue> = {};
    for (const { name, decode } of fields) record[name] = decode(row);
    for (const { name, decode } of nested) record[name] = decode(row);
    return record;
  };
}

/** Most values stand in an attribute of the row itself. */
function valueDecoder(path: ResolvedPath): Decode<RecordValue> {
  const [name = '', ...further] = path.steps;
  if (further.length > 0 || path.attribute.isElement) return (row) => decodeValue(rawValue(row, path), path);
  if (path.enumeration === null && literalKind(path.attribute.type) === 'text')
    return (row) => row.attributes[name] || null;
  return (row) => decodeValue(row.attributes[name] ?? '', path);
}

/**
 * A link that leads nowhere is null: its key is empty, or 0, the id of the row that stands for none.
 * Paths of a nested shape begin at the record itself, so that is what is read.
 */
function nestedDecoder(nested: NestedShape): Decode<RecordData | null> {
  const decode = createDecoder(nested);
  const key = nested.link?.key;
  return (row) => (key?.every((path) => isNoKey(rawValue(row, path))) ? null : decode(row));
}

function isNoKey(text: string): boolean {
  return text === '' || text === '0';
}

/** The cursor of a query after one of its rows. */
export function cursorAfter(
  row: XmlElement,
  { fingerprint, order }: Pick<CompiledQuery, 'fingerprint' | 'order'>,
): string {
  return writeCursor(
    fingerprint(),
    order.map((term) => rawValue(row, term.path)),
  );
}

/** The text at a path of an answer; empty where there is none. */
export function rawValue(row: XmlElement, { steps, attribute }: ResolvedPath): string {
  let element: XmlElement | undefined = row;
  for (const step of steps.slice(0, -1)) element = element && childElements(element, step)[0];
  const name = steps.at(-1) ?? '';
  if (!element) return '';
  const child = attribute.isElement ? childElements(element, name)[0] : undefined;
  return child ? textOf(child) : (element.attributes[name] ?? '');
}

/** Decodes one value by the type of its attribute. */
export function decodeValue(text: string, { attribute, enumeration }: ResolvedPath): RecordValue {
  if (enumeration !== null) return decodeEnumerated(text, enumeration.values);
  if (text === '') return null;
  switch (literalKind(attribute.type)) {
    case 'boolean':
      return text === '1' || text === 'true';
    case 'integer':
    case 'number':
      return attribute.type === 'int64' ? text : decodeNumber(text);
    case 'datetime':
      return decodeMoment(text);
    case 'date':
      return text.slice(0, 10).replaceAll('/', '-');
    default:
      return text;
  }
}

/** An empty value that the enumeration does not list is no value. */
function decodeEnumerated(
  text: string,
  values: readonly { readonly name: string; readonly value: string; readonly label: string }[],
): RecordValue {
  const listed = values.find(({ value }) => value === text);
  if (!listed && text === '') return null;
  return { name: listed?.name ?? null, value: text, label: listed?.label ?? null };
}

function decodeNumber(text: string): number | null {
  const number = Number(text);
  return Number.isNaN(number) ? null : number;
}

/** `2026-01-31 13:45:00.123Z` → ISO 8601. A moment without an offset is in UTC; a text that is no moment is no value. */
function decodeMoment(text: string): string | null {
  const iso = text.trim().replaceAll('/', '-').replace(' ', 'T');
  const complete = iso.includes('T') ? iso : `${iso}T00:00:00`;
  const moment = new Date(/(Z|[+-]\d{2}:?\d{2})$/.test(complete) ? complete : `${complete}Z`);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}
