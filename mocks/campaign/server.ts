import { createClock, type Fault, listenMock, type Mock, type MockOptions, type MockResponse } from '../control.js';
import { Engine } from './engine.js';
import { SoapFault } from './errors.js';
import { CampaignInstance } from './instance.js';
import { plainText, xmlPage } from './pages.js';
import type { RecordedCall } from './recorder.js';
import { type CampaignSettings, DEFAULT_SETTINGS, splitOptions } from './settings.js';
import { writeFault } from './soap.js';
import { readState, writeState } from './state-file.js';
import type { RowValues } from './store.js';

/** Options of the mock. All but the port may be left as they are. */
export interface CampaignMockOptions extends MockOptions, Partial<CampaignSettings> {
  /** Keeps the whole state: read at start where the file exists, written now and then and at close. Without it the state ends with the mock. */
  readonly stateFile?: string;
  /** `v8` answers SOAP faults with HTTP 500; default `v7`. */
  readonly profile?: 'v7' | 'v8';
}

/** A mock of Adobe Campaign Classic v7 that listens. The operator is `admin` with the password `admin`. */
export interface CampaignMock extends Mock {
  /** Copies of all rows of a schema such as `nms:recipient`, by attribute path without `@`. Throws where it does not exist. */
  rows(schema: string): readonly RowValues[];
  /** Calls that change no row, or not only rows: variables and events of workflows, deliveries, events. Oldest first. */
  recorded(): readonly RecordedCall[];
  settings(): CampaignSettings;
  /** Changes some settings while the mock runs. Throws a `ControlError` naming the field that is wrong. */
  changeSettings(change: Partial<CampaignSettings> & { readonly profile?: 'v7' | 'v8' }): void;
}

/** Starts a Campaign server. Rejects where the port is taken, a setting is wrong, or the state file cannot be read. */
export async function createCampaignMock(options: CampaignMockOptions = {}): Promise<CampaignMock> {
  const { settings: given, others } = splitOptions(options);
  const { stateFile, clock = createClock(), ...mockOptions } = others;
  const state = stateFile === undefined ? undefined : await readState(stateFile);
  // What the caller says counts more than what a tester changed in the last run.
  const settings = { ...DEFAULT_SETTINGS, ...state?.settings, ...given };
  const instance = new CampaignInstance(new Engine(clock, state), settings, state?.settings);
  const mock = await listenMock({
    ...mockOptions,
    clock,
    name: 'campaign',
    handle: (request) => instance.handle(request),
    fail: (fault) => failedResponse(fault, instance.currentSettings()),
    reset: () => instance.reset(),
    health: () => instance.health(),
    settings: { get: () => instance.currentSettings(), change: (input) => instance.changeSettings(input) },
    recorded: () => instance.recorded(),
    save: stateFile === undefined ? undefined : () => writeState(stateFile, instance.state()),
  });
  return {
    ...mock,
    rows: (schema) => instance.rows(schema),
    recorded: () => instance.recorded(),
    settings: () => instance.currentSettings(),
    changeSettings: (change) => void instance.changeSettings(change),
  };
}

/** An injected fault: a SOAP fault where no status is named, else an HTTP error as the web server in front would send it. */
function failedResponse(fault: Fault, { faultHttpStatus }: CampaignSettings): MockResponse {
  const code = fault.code ?? 'SOP-330011';
  const message = fault.message ?? 'The server could not answer the request.';
  const isRefusal = code === 'XSV-350008' || code === 'XSV-350012' || code === 'XSV-350013';
  const status = fault.status ?? (isRefusal ? 403 : faultHttpStatus);
  const isFault = !isRefusal && (fault.status === undefined || status === 200);
  const text = fault.code === undefined ? message : `${code} ${message}`;
  const response = isFault ? xmlPage(writeFault(new SoapFault(code, message)), status) : plainText(status, text);
  if (fault.retryAfter === undefined) return response;
  return { ...response, headers: { ...response.headers, 'retry-after': String(fault.retryAfter) } };
}
