import { MethodError, notFound } from '../errors.js';
import { assertRight } from '../operators.js';
import type { Row } from '../store.js';
import { formatMoment } from '../values.js';
import type { XmlElement } from '../xml.js';
import { elementArgument, type Method, type MethodCall, type Methods, textArgument } from './method.js';
import { findBy, findByKey, insertRecord, rowSchema, textOf, updateRecord } from './records.js';

/** States of a workflow: https://experienceleague.adobe.com/docs/campaign-classic/using/automating-with-workflows/monitoring-workflows/monitoring-workflow-execution.html */
const STATE = { edited: '0', started: '11', paused: '13', finished: '20' } as const;

/**
 * Methods of `xtk:workflow`. The mock runs no activities: a workflow changes its state, and what it was given is recorded.
 * A workflow is named by its id or its internal name.
 */
export const WORKFLOW_METHODS: Methods = {
  Start: control((call, workflow) => start(workflow, call)),
  StartWithParameters: control((call, workflow) => {
    const parameters = variables(call, 1);
    start(workflow, call);
    record('StartWithParameters', workflow, call, { parameters });
  }),
  Stop: control((call, workflow) => {
    assertState(workflow, [STATE.started, STATE.paused], 'stopped');
    setState(workflow, STATE.finished, call);
  }),
  Pause: control((call, workflow) => {
    assertState(workflow, [STATE.started], 'paused');
    setState(workflow, STATE.paused, call);
  }),
  /** Delivered to a started workflow; kept for one that is paused until it goes on. */
  PostEvent: control((call, workflow) => {
    const parameters = variables(call, 3);
    assertState(workflow, [STATE.started, STATE.paused], 'sent an event');
    record('PostEvent', workflow, call, {
      activity: textArgument(call, 1),
      transition: textArgument(call, 2),
      complete: textArgument(call, 4),
      parameters,
      queued: textOf(workflow, 'state') === STATE.paused,
    });
  }),
  SimulateWithParameters: control((call, workflow) => simulate(workflow, variables(call, 1), call)),
  SpawnWithParameters: control((call, workflow) => spawn(workflow, variables(call, 1), call)),
  SpawnWithParametersEx: control((call, workflow) => {
    const parameters = variables(call, 2);
    const isSimulation = ['true', '1'].includes(textArgument(call, 1));
    if (isSimulation) simulate(workflow, parameters, call);
    else spawn(workflow, parameters, call);
  }),
};

/** All of them return nothing, and need the named right `workflow`. */
function control(work: (call: MethodCall, workflow: Row) => void): Method {
  return (call) => {
    assertRight(call.session.operator, 'workflow', 'control workflows');
    const key = textArgument(call, 0);
    const schema = rowSchema('xtk:workflow', call);
    const workflow = findByKey(key, schema, call) ?? findBy('xtk:workflow', 'internalName', key, call);
    if (!workflow) throw notFound(key, 'xtk:workflow');
    work(call, workflow);
    return [];
  };
}

function start(workflow: Row, call: MethodCall): void {
  assertState(workflow, [STATE.edited, STATE.paused, STATE.finished], 'started');
  setState(workflow, STATE.started, call);
  call.engine.recorder.deliverQueued(textOf(workflow, 'id'));
}

function setState(workflow: Row, state: string, call: MethodCall): void {
  const attributes: Record<string, string> = { state, failed: '0' };
  if (state === STATE.started) attributes.lastStart = formatMoment(call.view.now());
  updateRecord('xtk:workflow', textOf(workflow, 'id'), attributes, call);
}

function assertState(workflow: Row, allowed: readonly string[], deed: string): void {
  const state = textOf(workflow, 'state') || STATE.edited;
  if (allowed.includes(state)) return;
  const problem = `The workflow '${textOf(workflow, 'internalName')}' cannot be ${deed}: its state is ${state}`;
  throw new MethodError([`XTK-170006 ${problem}, not ${allowed.join(' or ')}.`]);
}

/** A simulation ends by itself and leaves the workflow as it was. */
function simulate(workflow: Row, parameters: XmlElement | undefined, call: MethodCall): void {
  record('SimulateWithParameters', workflow, call, { parameters });
}

/** Starts a copy of a workflow or of a template. */
function spawn(workflow: Row, parameters: XmlElement | undefined, call: MethodCall): void {
  const internalName = `${textOf(workflow, 'internalName')}_${call.engine.store.newId()}`;
  const attributes = {
    internalName,
    label: textOf(workflow, 'label'),
    state: STATE.started,
    isModel: '0',
    lastStart: formatMoment(call.view.now()),
  };
  const id = insertRecord('xtk:workflow', attributes, call);
  record('SpawnWithParameters', workflow, call, { parameters, spawned: id });
}

/** Campaign checks the name of the element that holds the variables. */
function variables(call: MethodCall, position: number): XmlElement | undefined {
  const element = elementArgument(call, position);
  if (element && element.name !== 'variables') {
    throw new MethodError([`XTK-170006 Expected the parameters to be an element 'variables', not '${element.name}'.`]);
  }
  return element;
}

function record(
  method: string,
  workflow: Row,
  call: MethodCall,
  { parameters, ...details }: { parameters: XmlElement | undefined } & Readonly<Record<string, unknown>>,
): void {
  call.engine.recorder.add({
    at: call.view.now().toISOString(),
    operator: call.session.operator.login,
    service: 'xtk:workflow',
    method,
    details: { workflowId: textOf(workflow, 'id'), ...details, variables: { ...parameters?.attributes } },
  });
}
