import { invalidMessage, type SoapFault } from './errors.js';
import { escapeText, formatXml, localName, parseXml, type XmlElement, XmlError } from './xml.js';

/** A call as it stands in a SOAP envelope. `args` are what follows the session token, by position: names differ between clients. */
export interface SoapCall {
  /** What the SOAPAction header names: `xtk:session`, or `xtk:persist|nms:recipient` for a method of an interface. */
  readonly service: string;
  readonly method: string;
  /** Session token of the body; empty where it is left to the cookie. */
  readonly token: string;
  readonly args: readonly XmlElement[];
}

/** Splits a SOAPAction header, with or without quotes, at its `#`. */
export function readSoapAction(header: string): { readonly service: string; readonly method: string } {
  const action = header.trim().replace(/^"(.*)"$/, '$1');
  const at = action.lastIndexOf('#');
  return at < 0 ? { service: action, method: '' } : { service: action.slice(0, at), method: action.slice(at + 1) };
}

/**
 * Reads the envelope of a call. Any prefix is taken; the SOAPAction header, not the body's namespace, tells the service.
 * Throws the fault of an invalid message.
 */
export function readCall(action: string, body: string): SoapCall {
  const { service, method } = readSoapAction(action);
  const envelope = parseEnvelope(body, service, method);
  const bodyElement = envelope.children.find((child) => localName(child.name) === 'Body');
  const call = bodyElement?.children[0];
  if (localName(envelope.name) !== 'Envelope' || !call)
    throw invalidMessage(service, method, 'No SOAP body was found.');
  if (localName(call.name) !== method) {
    throw invalidMessage(
      service,
      method,
      `The body calls '${localName(call.name)}', the SOAPAction header '${method}'.`,
    );
  }
  const [token, ...args] = call.children;
  return { service, method, token: token?.text.trim() ?? '', args };
}

function parseEnvelope(body: string, service: string, method: string): XmlElement {
  try {
    return parseXml(body);
  } catch (error) {
    if (error instanceof XmlError) throw invalidMessage(service, method, error.message);
    throw error;
  }
}

/** `long`s of Campaign are `int`s on the wire, its `int64`s are `long`s. */
export type SimpleType = 'string' | 'boolean' | 'byte' | 'short' | 'int' | 'long' | 'dateTime';

/** One output of a method. Elements travel as literal XML; an `element` of undefined is an empty output. */
export type SoapOutput =
  | { readonly name: string; readonly type: SimpleType; readonly text: string }
  | { readonly name: string; readonly type: 'element'; readonly element: XmlElement | string | undefined };

const ENCODING = "SOAP-ENV:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'";
const LITERAL = "SOAP-ENV:encodingStyle='http://xml.apache.org/xml-soap/literalxml'";

/** The answer to a call, in the order that the method's schema declares its outputs. */
export function writeResponse(service: string, method: string, outputs: readonly SoapOutput[]): string {
  const urn = `urn:${escapeText(service)}`;
  const body = `<${method}Response xmlns='${urn}' ${ENCODING}>${outputs.map(writeOutput).join('')}</${method}Response>`;
  return envelope(urn, body);
}

function writeOutput(output: SoapOutput): string {
  if (output.type !== 'element') {
    return `<${output.name} xsi:type='xsd:${output.type}'>${escapeText(output.text)}</${output.name}>`;
  }
  const { element } = output;
  const content = element === undefined ? '' : typeof element === 'string' ? element : formatXml(element);
  return `<${output.name} xsi:type='ns:Element' ${LITERAL}>${content}</${output.name}>`;
}

/** A fault. Campaign v7 sends it with HTTP 200. */
export function writeFault(fault: SoapFault): string {
  const detail = fault.detail === '' ? '' : `<detail xsi:type='xsd:string'>${escapeText(fault.detail)}</detail>`;
  const body =
    `<SOAP-ENV:Fault><faultcode>${fault.faultcode}</faultcode>` +
    `<faultstring xsi:type='xsd:string'>${escapeText(fault.faultstring)}</faultstring>${detail}</SOAP-ENV:Fault>`;
  return envelope('urn:wpp:default', body);
}

function envelope(urn: string, body: string): string {
  return (
    "<?xml version='1.0'?>\n<SOAP-ENV:Envelope xmlns:xsd='http://www.w3.org/2001/XMLSchema' " +
    "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' " +
    `xmlns:ns='${urn}' xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'>` +
    `<SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`
  );
}
