import { invalidMessage, type SoapFault } from './errors.js';
import { readXml } from './read-xml.js';
import { TextPieces } from './text-pieces.js';
import { ElementBuilder, escapeText, formatXml, localName, type XmlElement, XmlError, type XmlEvents } from './xml.js';

/** The method that a SOAPAction header names. */
export interface SoapAction {
  /** `xtk:session`, or `xtk:persist|nms:recipient` for a method of an interface. */
  readonly service: string;
  readonly method: string;
}

/** A call as it stands in a SOAP envelope. `args` are what follows the session token, by position: names differ between clients. */
export interface SoapCall extends SoapAction {
  /** Session token of the body; empty where it is left to the cookie. */
  readonly token: string;
  readonly args: readonly XmlElement[];
}

/** Splits a SOAPAction header, with or without quotes, at its `#`. */
export function readSoapAction(header: string): SoapAction {
  const action = header.trim().replace(/^"(.*)"$/, '$1');
  const at = action.lastIndexOf('#');
  return at < 0 ? { service: action, method: '' } : { service: action.slice(0, at), method: action.slice(at + 1) };
}

/**
 * Reads the envelope of a call from its events. Any prefix is taken; the SOAPAction header, not the body's namespace, tells the service.
 *
 * Arguments are gathered, but for the document of a method that works on events: `openDocument` is asked once, with the token, when
 * the first argument begins, and what it gives is told that document; of it the argument then shows the root alone, without content.
 * The message is read to its end whatever the document holds. Throws the fault of an invalid message.
 */
export function readCall(
  action: SoapAction,
  body: string,
  openDocument: (token: string) => XmlEvents | undefined = () => undefined,
): SoapCall {
  const { service, method } = action;
  const reader = new CallReader(method, openDocument);
  try {
    readXml(body, reader);
  } catch (error) {
    if (error instanceof XmlError) throw invalidMessage(service, method, error.message);
    throw error;
  }
  const { call } = reader;
  if (!call) throw invalidMessage(service, method, 'No SOAP body was found.');
  const called = localName(call.name);
  if (called !== method) {
    const cause = `The body calls '${called}', the SOAPAction header '${method}'.`;
    throw invalidMessage(service, method, cause);
  }
  const [token, ...args] = call.children;
  return { service, method, token: token?.text.trim() ?? '', args };
}

/** How many elements are open where a part of the envelope begins. */
const BODY = 1;
const CALL = 2;
const ARGUMENT = 3;
const DOCUMENT = 4;

/** Tells the parts of an envelope apart by their depth. Only the first body and the first call in it count. */
class CallReader implements XmlEvents {
  private depth = 0;
  private isEnvelope = false;
  private bodies = 0;
  private calls = 0;
  private inBody = false;
  private inCall = false;
  private readonly gathered = new ElementBuilder();
  /** Who is told the document of the argument that is read. */
  private document: XmlEvents | undefined;
  private documents = 0;

  constructor(
    private readonly method: string,
    private readonly openDocument: (token: string) => XmlEvents | undefined,
  ) {}

  /** The element in the body: its first child holds the token, the others are the arguments. */
  get call(): XmlElement | undefined {
    return this.gathered.root;
  }

  open(name: string, names: readonly string[], values: readonly string[]): void {
    const depth = this.depth;
    this.depth += 1;
    if (depth < ARGUMENT) this.openEnvelope(localName(name), depth);
    else if (depth === ARGUMENT && this.inCall) this.document = this.documentOfArgument();
    if (depth === DOCUMENT) this.documents += 1;
    if (this.isShown(depth)) this.gathered.open(name, names, values);
    if (this.document && depth >= DOCUMENT && this.documents === 1) this.document.open(name, names, values);
  }

  text(piece: string): void {
    if (!this.inCall) return;
    if (!this.document || this.depth <= DOCUMENT) this.gathered.text(piece);
    else if (this.documents === 1) this.document.text(piece);
  }

  close(name: string): void {
    this.depth -= 1;
    const { depth } = this;
    if (this.document && depth >= DOCUMENT && this.documents === 1) this.document.close(name);
    if (this.isShown(depth)) this.gathered.close();
    if (depth === ARGUMENT) this.document = undefined;
    else if (depth === CALL) this.inCall = false;
    else if (depth === BODY) this.inBody = false;
  }

  /** Of a document that somebody is told the root alone is shown, and of two both: that is how the call is refused. */
  private isShown(depth: number): boolean {
    if (!this.inCall) return false;
    return !this.document || depth < DOCUMENT || (depth === DOCUMENT && this.documents <= 2);
  }

  private openEnvelope(name: string, depth: number): void {
    if (depth === 0) this.isEnvelope = name === 'Envelope';
    else if (depth === BODY && name === 'Body') {
      this.bodies += 1;
      this.inBody = this.isEnvelope && this.bodies === 1;
    } else if (depth === CALL && this.inBody) {
      this.calls += 1;
      this.inCall = this.calls === 1;
    }
  }

  private documentOfArgument(): XmlEvents | undefined {
    const [token, ...others] = this.call?.children ?? [];
    this.documents = 0;
    const isFirst = token !== undefined && others.length === 0;
    if (!isFirst || localName(this.call?.name ?? '') !== this.method) return undefined;
    return this.openDocument(token.text.trim());
  }
}

type SimpleType = 'string' | 'boolean' | 'byte' | 'short' | 'int' | 'long' | 'dateTime';

/** One output of a method. Elements travel as literal XML; an `element` of undefined is an empty output. */
export type SoapOutput =
  | { readonly name: string; readonly type: SimpleType; readonly text: string }
  | { readonly name: string; readonly type: 'element'; readonly element: XmlElement | TextPieces | string | undefined };

const ENCODING = "SOAP-ENV:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'";
const LITERAL = "SOAP-ENV:encodingStyle='http://xml.apache.org/xml-soap/literalxml'";

/** The answer to a call, in the order that the method's schema declares its outputs. */
export function writeResponse(service: string, method: string, outputs: readonly SoapOutput[]): TextPieces {
  const urn = `urn:${escapeText(service)}`;
  const out = new TextPieces().add(startEnvelope(urn)).add(`<${method}Response xmlns='${urn}' ${ENCODING}>`);
  for (const output of outputs) writeOutput(output, out);
  return out.add(`</${method}Response>`).add(END_ENVELOPE);
}

function writeOutput(output: SoapOutput, out: TextPieces): void {
  if (output.type !== 'element') {
    out.add(`<${output.name} xsi:type='xsd:${output.type}'>${escapeText(output.text)}</${output.name}>`);
    return;
  }
  const { element, name } = output;
  out.add(`<${name} xsi:type='ns:Element' ${LITERAL}>`);
  if (element instanceof TextPieces) out.addAll(element);
  else if (element !== undefined) out.add(typeof element === 'string' ? element : formatXml(element));
  out.add(`</${name}>`);
}

/** A fault. Campaign v7 sends it with HTTP 200. */
export function writeFault(fault: SoapFault): string {
  const detail = fault.detail === '' ? '' : `<detail xsi:type='xsd:string'>${escapeText(fault.detail)}</detail>`;
  const body =
    `<SOAP-ENV:Fault><faultcode>${fault.faultcode}</faultcode>` +
    `<faultstring xsi:type='xsd:string'>${escapeText(fault.faultstring)}</faultstring>${detail}</SOAP-ENV:Fault>`;
  return startEnvelope('urn:wpp:default') + body + END_ENVELOPE;
}

function startEnvelope(urn: string): string {
  return (
    "<?xml version='1.0'?>\n<SOAP-ENV:Envelope xmlns:xsd='http://www.w3.org/2001/XMLSchema' " +
    "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' " +
    `xmlns:ns='${urn}' xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'><SOAP-ENV:Body>`
  );
}

const END_ENVELOPE = '</SOAP-ENV:Body></SOAP-ENV:Envelope>';
