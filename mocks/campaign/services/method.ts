import type { Engine } from '../engine.js';
import { MethodError } from '../errors.js';
import type { Session, Sessions } from '../session.js';
import type { SessionView } from '../session-view.js';
import type { CampaignSettings } from '../settings.js';
import type { SoapOutput } from '../soap.js';
import type { XmlElement } from '../xml.js';
import type { DocumentWriter } from './document-writer.js';

/** What a method of a service is called with. */
export interface MethodCall {
  readonly engine: Engine;
  readonly session: Session;
  readonly sessions: Sessions;
  readonly view: SessionView;
  /** The schema after the bar in `xtk:persist|nms:recipient`; undefined where there is none. */
  readonly schemaId: string | undefined;
  /** By position, after the session token. */
  readonly args: readonly XmlElement[];
  readonly settings: CampaignSettings;
  /** What wrote the document of the first argument while it was read; undefined where the method is called with elements, as by jobs. */
  readonly writer?: DocumentWriter | undefined;
  /** Calls another method in the same session, as jobs do. Throws what that method throws, and the fault of a method that is unknown. */
  invoke(service: string, method: string, args: readonly XmlElement[]): readonly SoapOutput[];
}

export type Method = (call: MethodCall) => readonly SoapOutput[];

export type Methods = Readonly<Record<string, Method>>;

/** Text of a simple argument; empty where it was not sent. */
export function textArgument(call: MethodCall, position: number): string {
  return call.args[position]?.text ?? '';
}

/** Root element of an XML argument, or undefined where it is empty. */
export function elementArgument(call: MethodCall, position: number): XmlElement | undefined {
  return call.args[position]?.children[0];
}

/** Root element of an XML argument. Faults where it is empty; `what` names it: `The document to write`. */
export function requiredElement(call: MethodCall, position: number, what: string): XmlElement {
  const element = elementArgument(call, position);
  if (!element) throw new MethodError([`XSV-350063 ${what} is empty.`]);
  return element;
}
