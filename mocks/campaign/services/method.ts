import type { Engine } from '../engine.js';
import type { QueryLimits } from '../query-def.js';
import type { Session } from '../session.js';
import type { SessionView } from '../session-view.js';
import type { SoapOutput } from '../soap.js';
import type { XmlElement } from '../xml.js';

/** What a method of a service is called with. */
export interface MethodCall {
  readonly engine: Engine;
  readonly session: Session;
  readonly view: SessionView;
  /** The schema after the bar in `xtk:persist|nms:recipient`; undefined where there is none. */
  readonly schemaId: string | undefined;
  /** By position, after the session token. */
  readonly args: readonly XmlElement[];
  readonly limits: QueryLimits;
  /** Whether a write leaves out what its schema does not know instead of refusing it. */
  readonly ignoreUnknown: boolean;
}

export type Method = (call: MethodCall) => readonly SoapOutput[];

/** Text of a simple argument; empty where it was not sent. */
export function textArgument(call: MethodCall, position: number): string {
  return call.args[position]?.text ?? '';
}

/** Root element of an XML argument, or undefined where it is empty. */
export function elementArgument(call: MethodCall, position: number): XmlElement | undefined {
  return call.args[position]?.children[0];
}
