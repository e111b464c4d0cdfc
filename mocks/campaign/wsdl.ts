import type { SchemaGeneration } from './schemas.js';
import { declaredMethods, interfaceOf } from './services/services.js';
import { childNamed, childrenNamed, formatXml, isTrue, type XmlElement, xml } from './xml.js';

/**
 * The WSDL of a schema's methods, its own and those of the interfaces that it implements; undefined where there is no such schema.
 * `location` is the address of the SOAP router.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/web-service-calls.html
 */
export function writeWsdl(id: string, schemas: SchemaGeneration, location: string): string | undefined {
  const schema = schemas.schema(id);
  // An interface such as xtk:persist has a WSDL of its own.
  if (!schema && !interfaceOf(id, schemas)) return undefined;
  const methods = declaredMethods(id, schemas);
  const name = id.slice(id.indexOf(':') + 1);
  const port = `${name}MethodsSoap`;
  const definitions = xml('definitions', namespaces(id), [
    xml('types', {}, [
      xml('s:schema', { elementFormDefault: 'qualified', targetNamespace: `urn:${id}` }, methods.flatMap(messageTypes)),
    ]),
    ...methods.flatMap(messages),
    xml('portType', { name: port }, methods.map(portOperation)),
    binding(port, id, methods),
    xml('service', { name: capital(id.split(':')[0] ?? '') + capital(name) }, [
      xml('port', { binding: `tns:${port}`, name: port }, [xml('soap:address', { location })]),
    ]),
  ]);
  return `<?xml version='1.0' encoding='UTF-8'?>\n${formatXml(definitions)}`;
}

function namespaces(id: string): Record<string, string> {
  return {
    targetNamespace: `urn:${id}`,
    xmlns: 'http://schemas.xmlsoap.org/wsdl/',
    'xmlns:s': 'http://www.w3.org/2001/XMLSchema',
    'xmlns:soap': 'http://schemas.xmlsoap.org/wsdl/soap/',
    'xmlns:tns': `urn:${id}`,
    'xmlns:wsdl': 'http://schemas.xmlsoap.org/wsdl/',
  };
}

/** Prefixes of names on the wire, and types, by the type of a parameter; what is not here is an XML document. */
const SIMPLE: Readonly<Record<string, { readonly prefix: string; readonly type: string }>> = {
  string: { prefix: 'str', type: 's:string' },
  primarykey: { prefix: 'str', type: 's:string' },
  boolean: { prefix: 'b', type: 's:boolean' },
  byte: { prefix: 'bt', type: 's:byte' },
  short: { prefix: 'i', type: 's:short' },
  long: { prefix: 'l', type: 's:int' },
  int64: { prefix: 'l', type: 's:long' },
  double: { prefix: 'd', type: 's:double' },
  datetime: { prefix: 'dt', type: 's:dateTime' },
  date: { prefix: 'd', type: 's:date' },
};

function messageTypes(method: XmlElement): XmlElement[] {
  const name = method.attributes.name ?? '';
  const token = part('sessiontoken', 's:string');
  const object = isTrue(method.attributes.static) ? [] : [part('entity', undefined)];
  const inputs = parameters(method, ['in', 'inout']).map((param) => parameterPart(param, ''));
  const outputs = parameters(method, ['out', 'inout']).map((param) => parameterPart(param, 'p'));
  const returned = object.length > 0 && !isTrue(method.attributes.const) ? object : [];
  return [sequence(name, [token, ...object, ...inputs]), sequence(`${name}Response`, [...returned, ...outputs])];
}

function parameters(method: XmlElement, directions: readonly string[]): readonly XmlElement[] {
  const holder = childNamed(method, 'parameters');
  const params = holder ? childrenNamed(holder, 'param') : [];
  return params.filter(({ attributes }) => directions.includes(attributes.inout ?? 'in'));
}

/** Names on the wire begin with the type: `strName`, `pdomOutput`. */
function parameterPart({ attributes }: XmlElement, direction: '' | 'p'): XmlElement {
  const { name = '', type = 'string' } = attributes;
  const simple = SIMPLE[type];
  const prefix = simple?.prefix ?? (type === 'DOMDocument' ? 'dom' : 'elem');
  return part(direction + prefix + capital(name), simple?.type);
}

function part(name: string, type: string | undefined): XmlElement {
  const attributes = { maxOccurs: '1', minOccurs: '1', name, type };
  if (type !== undefined) return xml('s:element', attributes);
  const anything = xml('s:complexType', { mixed: 'true' }, [xml('s:sequence', {}, [xml('s:any')])]);
  return xml('s:element', attributes, [anything]);
}

function sequence(name: string, parts: readonly XmlElement[]): XmlElement {
  return xml('s:element', { name }, [xml('s:complexType', {}, [xml('s:sequence', {}, parts)])]);
}

function messages({ attributes: { name = '' } }: XmlElement): XmlElement[] {
  return [
    xml('message', { name: `${name}In` }, [xml('part', { element: `tns:${name}`, name: 'parameters' })]),
    xml('message', { name: `${name}Out` }, [xml('part', { element: `tns:${name}Response`, name: 'parameters' })]),
  ];
}

function portOperation({ attributes: { name = '' } }: XmlElement): XmlElement {
  const directions = [xml('input', { message: `tns:${name}In` }), xml('output', { message: `tns:${name}Out` })];
  return xml('operation', { name }, directions);
}

function binding(port: string, id: string, methods: readonly XmlElement[]): XmlElement {
  const body = xml('soap:body', { encodingStyle: 'http://schemas.xmlsoap.org/soap/encoding/', use: 'literal' });
  const operations = methods.map(({ attributes: { name = '' } }) =>
    xml('operation', { name }, [
      xml('soap:operation', { soapAction: `${id}#${name}`, style: 'document' }),
      xml('input', {}, [body]),
      xml('output', {}, [body]),
    ]),
  );
  const transport = xml('soap:binding', { style: 'document', transport: 'http://schemas.xmlsoap.org/soap/http' });
  return xml('binding', { name: port, type: `tns:${port}` }, [transport, ...operations]);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
