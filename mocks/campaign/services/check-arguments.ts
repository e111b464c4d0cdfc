import { invalidMessage } from '../errors.js';
import { childNamed, childrenNamed, isTrue, type XmlElement } from '../xml.js';

/**
 * Refuses a call whose arguments are not those that its method declares: in number, and where a type is simple, in form. Arguments go by
 * position, since names differ between clients.
 */
export function assertArguments(service: string, declared: XmlElement, args: readonly XmlElement[]): void {
  const method = declared.attributes.name ?? '';
  const types = [...(isTrue(declared.attributes.static) ? [] : ['DOMDocument']), ...inputTypes(declared)];
  if (args.length !== types.length) {
    throw invalidMessage(
      service,
      method,
      `Expected ${types.length} arguments after the session token, not ${args.length}.`,
    );
  }
  types.forEach((type, position) => {
    const argument = args[position];
    if (argument && !isOfType(argument, type)) {
      throw invalidMessage(service, method, `Argument ${position + 1} is not of type '${type}'.`);
    }
  });
}

function inputTypes(declared: XmlElement): string[] {
  const parameters = childNamed(declared, 'parameters');
  const inputs = (parameters ? childrenNamed(parameters, 'param') : []).filter((it) => it.attributes.inout !== 'out');
  return inputs.map((param) => param.attributes.type ?? 'string');
}

const FORMS: Readonly<Record<string, RegExp>> = {
  boolean: /^(true|false|0|1)?$/,
  byte: /^([+-]?\d{1,3})?$/,
  short: /^([+-]?\d{1,5})?$/,
  long: /^([+-]?\d{1,10})?$/,
  int64: /^([+-]?\d{1,19})?$/,
};

const DOCUMENTS: ReadonlySet<string> = new Set(['DOMDocument', 'DOMElement']);

/** An empty argument is every type's; a document has one root. */
function isOfType(argument: XmlElement, type: string): boolean {
  if (DOCUMENTS.has(type)) return argument.children.length <= 1;
  return argument.children.length === 0 && (FORMS[type]?.test(argument.text.trim()) ?? true);
}
