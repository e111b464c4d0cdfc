import { MethodError, notFound, SoapFault } from '../errors.js';
import type { SoapOutput } from '../soap.js';
import type { Row } from '../store.js';
import { TextPieces } from '../text-pieces.js';
import { formatMoment } from '../values.js';
import { formatXml, parseXml, type XmlElement, xml } from '../xml.js';
import { type Method, type MethodCall, type Methods, requiredElement, textArgument } from './method.js';
import { findBy, insertRecord, rowSchema, textOf, updateRecord } from './records.js';

/** States of a job: https://opensource.adobe.com/acc-js-sdk/xtkJob.html */
const STATUS = { running: '2', canceled: '4', finished: '5', error: '6', paused: '8' } as const;

/** Kinds of entries of a job's log. */
const LOG = { info: '0', error: '1', warning: '2' } as const;

/**
 * Methods of the interface `xtk:jobInterface`, called as `xtk:jobInterface|nms:delivery`. A job is a call of another method: `Execute`
 * carries it out at once, the others when the job's time (`jobDuration`) is over and somebody asks for it.
 */
export const JOB_METHODS: Methods = {
  Execute: (call) => submitted(execute(simpleCall(call), call)),
  Submit: (call) => submitted(submit(simpleCall(call), call)),
  SubmitSoapCall: (call) => {
    const described = requiredElement(call, 1, 'The SOAP call');
    return submitted(submit(describedCall(described, call), call));
  },

  /** The status, the log entries after `lastLogId`, at most `maxLogCount` of them, and the progress. */
  GetStatus: (call) => {
    const job = findJob(call);
    const lastLogId = Number(textArgument(call, 1) || 0);
    const maxLogCount = Number(textArgument(call, 2) || 100);
    const logs = logsOf(job, call).filter((log) => Number(log.attributes.id) > lastLogId);
    const isOver = textOf(job, 'status') === STATUS.finished;
    const progress = xml('progress', { current: isOver ? '100' : '0', max: '100' });
    const properties = xml('properties', { warning: String(hasWarning(job, call)) }, [progress]);
    return [
      { name: 'piStatus', type: 'short', text: textOf(job, 'status') },
      { name: 'pelemReturnLogs', type: 'element', element: xml('logs', {}, logs.slice(0, maxLogCount)) },
      { name: 'pelemProperties', type: 'element', element: properties },
    ];
  },

  /** What the method returned. Faults where the job has failed or is not over. */
  GetResult: (call) => {
    const job = findJob(call);
    const status = textOf(job, 'status');
    if (status === STATUS.finished) return [{ name: 'pstrResponse', type: 'string', text: textOf(job, 'result') }];
    const [error] = logsOf(job, call).filter(({ attributes }) => attributes.logType === LOG.error);
    if (error) throw new MethodError([error.attributes.message ?? '']);
    throw new MethodError([`XTK-170006 The job '${textOf(job, 'id')}' has no result: its status is ${status}.`]);
  },

  HasWarning: (call) => [{ name: 'pbHasWarning', type: 'boolean', text: String(hasWarning(findJob(call), call)) }],
  Cancel: changing([STATUS.running, STATUS.paused], STATUS.canceled),
  Pause: changing([STATUS.running], STATUS.paused),
  /** A job is cancelled at once, so there is nothing to wait for. */
  WaitJobCancelled: changing([STATUS.running, STATUS.paused], STATUS.canceled),
};

/** The method that a job runs. */
interface JobCall {
  readonly service: string;
  readonly method: string;
  /** As they are given to the method: elements with a text or with one child. */
  readonly args: readonly XmlElement[];
}

/** `Submit(object, "Prepare")`: a method without parameters of the object. */
function simpleCall(call: MethodCall): JobCall {
  const object = requiredElement(call, 0, 'The object of the job');
  return { service: call.schemaId ?? '', method: textArgument(call, 1), args: [xml('document', {}, [object])] };
}

/** `<soapCall name="PrepareProof" service="nms:delivery"><param …/></soapCall>`, its first parameter `this` where it needs an object. */
function describedCall({ attributes, children }: XmlElement, call: MethodCall): JobCall {
  const service = attributes.service ?? call.schemaId ?? '';
  const method = attributes.name ?? '';
  const params = children.filter((child) => child.name === 'param').map((param) => argumentOf(param, service));
  return { service, method, args: params };
}

/** A parameter's value: an attribute, a text, or an element, which takes its document's name. */
function argumentOf(param: XmlElement, service: string): XmlElement {
  const name = param.attributes.name ?? 'param';
  const [element] = param.children;
  if (!element) return xml(name, {}, [], param.attributes.value ?? param.text);
  const schemaId = element.attributes.xtkschema ?? service;
  const isUnnamed = element.name === 'value';
  return xml(name, {}, [{ ...element, name: isUnnamed ? schemaId.slice(schemaId.indexOf(':') + 1) : element.name }]);
}

function submitted(id: number): readonly SoapOutput[] {
  return [{ name: 'pstrId', type: 'string', text: String(id) }];
}

function execute(job: JobCall, call: MethodCall): number {
  const id = insertJob(job, 0, call);
  settle(requireJob(id, call), call);
  return id;
}

function submit(job: JobCall, call: MethodCall): number {
  const id = insertJob(job, call.settings.jobDuration, call);
  settle(requireJob(id, call), call);
  return id;
}

function insertJob({ service, method, args }: JobCall, seconds: number, call: MethodCall): number {
  if (method === '') throw new MethodError(['XTK-170006 The job names no method.']);
  const now = call.view.now();
  const attributes = {
    status: STATUS.running,
    service,
    method,
    startDate: formatMoment(now),
    endDate: formatMoment(new Date(now.getTime() + seconds * 1_000)),
  };
  const id = insertRecord('xtk:job', attributes, call, [
    xml('arguments', {}, [], formatXml(xml('arguments', {}, args))),
  ]);
  log(id, LOG.info, `Starting '${method}' of '${service}'.`, call);
  return id;
}

/** The job that a call names, after what was due of it has been done. */
function findJob(call: MethodCall): Row {
  const id = textArgument(call, 0);
  return settle(requireJob(id, call), call);
}

function requireJob(id: number | string, call: MethodCall): Row {
  const job = /^\d+$/.test(String(id)) ? findBy('xtk:job', 'id', Number(id), call) : undefined;
  if (!job) throw notFound(String(id), 'xtk:job');
  return job;
}

/** Runs a job whose time is over; gives it as it is then. */
function settle(job: Row, call: MethodCall): Row {
  const isDue = textOf(job, 'status') === STATUS.running && textOf(job, 'endDate') <= formatMoment(call.view.now());
  if (!isDue) return job;
  const id = Number(textOf(job, 'id'));
  const args = parseXml(textOf(job, 'arguments')).children;
  try {
    const outputs = call.engine.store.transaction(() =>
      call.invoke(textOf(job, 'service'), textOf(job, 'method'), args),
    );
    log(id, LOG.info, `The execution of '${textOf(job, 'method')}' is finished.`, call);
    finish(id, STATUS.finished, outputs.map(outputText).join('\n'), call);
  } catch (error) {
    log(id, LOG.error, messageOf(error), call);
    finish(id, STATUS.error, '', call);
  }
  return requireJob(id, call);
}

function finish(id: number, status: string, result: string, call: MethodCall): void {
  updateRecord('xtk:job', id, { status }, call, [xml('result', {}, [], result)]);
}

function outputText(output: SoapOutput): string {
  if (output.type !== 'element') return output.text;
  const { element = '' } = output;
  return typeof element === 'string' || element instanceof TextPieces ? element.toString() : formatXml(element);
}

/** A fault in the method fails its job; anything else is the mock's own. */
function messageOf(error: unknown): string {
  if (error instanceof SoapFault) return error.faultstring;
  if (error instanceof MethodError) return error.lines[0] ?? '';
  throw error;
}

function log(jobId: number, logType: string, message: string, call: MethodCall): void {
  const attributes = {
    'job-id': String(jobId),
    logType,
    iRc: logType === LOG.error ? '1' : '0',
    message: message.slice(0, 500),
    logDate: formatMoment(call.view.now()),
  };
  insertRecord('xtk:jobLog', attributes, call);
}

function logsOf(job: Row, call: MethodCall): XmlElement[] {
  const rows = call.view.tableOf(rowSchema('xtk:jobLog', call)).find(['job-id'], [Number(textOf(job, 'id'))]);
  const names = ['id', 'iRc', 'logDate', 'logType', 'message', 'object'];
  return rows.map((row) => xml('log', Object.fromEntries(names.map((name) => [name, textOf(row, name)]))));
}

function hasWarning(job: Row, call: MethodCall): boolean {
  return logsOf(job, call).some(({ attributes }) => attributes.logType === LOG.warning);
}

function changing(from: readonly string[], to: string): Method {
  return (call) => {
    const job = findJob(call);
    const status = textOf(job, 'status');
    if (!from.includes(status)) {
      throw new MethodError([`XTK-170006 The job '${textOf(job, 'id')}' cannot be stopped: its status is ${status}.`]);
    }
    updateRecord('xtk:job', textOf(job, 'id'), { status: to }, call);
    return [];
  };
}
