import { childElements, isElement, textOf, type XmlElement, type XmlNode } from '../../model/xml.js';
import { parseXml, writeXml } from './xml-text.js';

/** A call of a method of Campaign's. `service` is a schema or interface: `xtk:queryDef`, `xtk:persist`. */
export interface SoapCall {
  readonly service: string;
  readonly method: string;
  /** In the order that the method declares them: Campaign goes by position, not by name. */
  readonly parameters: readonly SoapParameter[];
}

export interface SoapParameter {
  readonly name: string;
  readonly value: string | boolean | number | XmlElement | null;
}

/** What an answer holds: the outputs in order, a fault, or nothing that is SOAP. */
export type SoapAnswer =
  | { readonly kind: 'outputs'; readonly outputs: readonly XmlElement[] }
  | { readonly kind: 'fault'; readonly summary: string; readonly detail: string }
  | { readonly kind: 'other'; readonly text: string };

/** `xtk:queryDef#ExecuteQuery`: the value of the SOAPAction header, by which Campaign routes. */
export function soapAction(call: SoapCall): string {
  return `${call.service}#${call.method}`;
}

/**
 * Writes the envelope of a call. The first parameter of every method is the session token:
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/web-service-calls.html
 */
export function writeEnvelope(call: SoapCall, sessionToken: string): string {
  const parameters = [{ name: 'sessiontoken', value: sessionToken }, ...call.parameters].map(parameterElement);
  const attributes = { 'xmlns:m': `urn:${call.service}`, 'SOAP-ENV:encodingStyle': SOAP_ENCODING };
  return BEFORE_BODY + writeXml({ name: `m:${call.method}`, attributes, children: parameters }) + AFTER_BODY;
}

const SOAP_ENCODING = 'http://schemas.xmlsoap.org/soap/encoding/';
const LITERAL_XML = 'http://xml.apache.org/xml-soap/literalxml';
const BEFORE_BODY =
  '<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:xsd="http://www.w3.org/2001/XMLSchema"' +
  ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns="http://xml.apache.org/xml-soap"' +
  ' xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>';
const AFTER_BODY = '</SOAP-ENV:Body></SOAP-ENV:Envelope>';

function parameterElement({ name, value }: SoapParameter): XmlElement {
  if (typeof value === 'string') return { name, attributes: STRING, children: value === '' ? [] : [value] };
  if (typeof value === 'number') return { name, attributes: INTEGER, children: [String(value)] };
  if (typeof value === 'boolean') return { name, attributes: BOOLEAN, children: [String(value)] };
  return { name, attributes: ELEMENT, children: value === null ? [] : [value] };
}

const STRING = { 'xsi:type': 'xsd:string' };
const INTEGER = { 'xsi:type': 'xsd:int' };
const BOOLEAN = { 'xsi:type': 'xsd:boolean' };
const ELEMENT = { 'xsi:type': 'ns:Element', 'SOAP-ENV:encodingStyle': LITERAL_XML };

/** Reads an answer. Prefixes and namespaces are not looked at, as they differ from build to build. */
export function readAnswer(text: string): SoapAnswer {
  const body = readBody(text);
  if (body === null) return { kind: 'other', text };
  const fault = body.find((element) => localName(element) === 'Fault');
  if (fault) return { kind: 'fault', summary: partOf(fault, 'faultstring'), detail: partOf(fault, 'detail') };
  const response = body.find((element) => localName(element).endsWith('Response'));
  return response ? { kind: 'outputs', outputs: childElements(response) } : { kind: 'other', text };
}

function readBody(text: string): readonly XmlElement[] | null {
  try {
    const body = childElements(parseXml(text)).find((element) => localName(element) === 'Body');
    return body ? childElements(body) : null;
  } catch {
    return null;
  }
}

function partOf(fault: XmlElement, name: string): string {
  const part = childElements(fault).find((element) => localName(element) === name);
  return part ? allText(part).trim() : '';
}

function allText(node: XmlNode): string {
  return isElement(node) ? node.children.map(allText).join('') : node;
}

function localName(element: XmlElement): string {
  return element.name.slice(element.name.indexOf(':') + 1);
}

/** The text of an output that holds a simple value. */
export function textOutput(output: XmlElement | undefined): string {
  return output ? textOf(output) : '';
}

/** The document inside an output that holds one, or null where it is empty. */
export function documentOutput(output: XmlElement | undefined): XmlElement | null {
  return output?.children.find(isElement) ?? null;
}

/** Text of an answer in the character set that it names, else UTF-8. */
export function decodeBody(body: Buffer, contentType = ''): string {
  const named = CHARSET.exec(contentType) ?? DECLARATION.exec(body.toString('latin1', 0, 200));
  const charset = named?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset === 'utf-8') return UTF_8.decode(body);
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString('utf8'); // a character set that nobody knows
  }
}

const UTF_8 = new TextDecoder();
const CHARSET = /charset="?([\w-]+)/i;
const DECLARATION = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w-]+)/i;
