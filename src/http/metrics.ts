import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { UpstreamCall } from '../model/call.js';

/** What the gateway counts, in Prometheus' text form at /metrics. */
export interface Metrics {
  /** A request that another one was answered with counts as spared, and not as a request. */
  upstream(call: UpstreamCall): void;
  operation(type: string, outcome: 'ok' | 'error', seconds: number): void;
  /** Content type and body of the exposition. */
  expose(): Promise<{ readonly contentType: string; readonly body: string }>;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface MetricsOptions {
  /** The certificates whose expiry is known, asked at each exposition. */
  readonly certificates?: () => Promise<readonly { readonly account: string; readonly secondsLeft: number }[]>;
}

/** Makes a registry of its own, so that several gateways may live in one process. */
export function createMetrics({ certificates }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'isthmus_' });
  const upstream = new Histogram({
    name: 'isthmus_upstream_request_duration_seconds',
    help: 'Requests to Dynamics, Entra ID and Campaign; status is "none" where no answer came.',
    labelNames: ['system', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  const spared = new Counter({
    name: 'isthmus_upstream_requests_spared_total',
    help: 'Requests to Dynamics and Campaign that were not sent, as the same one was under way.',
    labelNames: ['system'],
    registers: [registry],
  });
  const operations = new Histogram({
    name: 'isthmus_graphql_operation_duration_seconds',
    help: 'GraphQL operations by type and outcome.',
    labelNames: ['type', 'outcome'],
    buckets: SECONDS,
    registers: [registry],
  });
  const failures = new Counter({
    name: 'isthmus_graphql_operation_errors_total',
    help: 'GraphQL operations whose answer held an error.',
    labelNames: ['type'],
    registers: [registry],
  });

  const upstreamSeries = new Map<string, Series>();
  const operationSeries = new Map<string, Series>();

  if (certificates) {
    new Gauge({
      name: 'isthmus_certificate_expires_seconds',
      help: 'Seconds until the certificate of an external account expires; negative once it has.',
      labelNames: ['account'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const { account, secondsLeft } of await certificates()) this.set({ account }, secondsLeft);
      },
    });
  }

  return {
    upstream({ system, status, milliseconds, shared }) {
      if (shared) return spared.inc({ system });
      const labels = { system, status: String(status ?? 'none') };
      seriesOf(upstreamSeries, upstream, `${system} ${labels.status}`, labels).observe(milliseconds / 1000);
    },
    operation(type, outcome, seconds) {
      seriesOf(operationSeries, operations, `${type} ${outcome}`, { type, outcome }).observe(seconds);
      if (outcome === 'error') failures.inc({ type });
    },
    expose: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

type Series = ReturnType<Histogram['labels']>;

/** One series of a histogram, looked up by its labels once; those have few values. */
function seriesOf<Label extends string>(
  known: Map<string, Series>,
  histogram: Histogram<Label>,
  key: string,
  labels: Readonly<Record<Label, string>>,
): Series {
  const series = known.get(key) ?? histogram.labels(labels);
  known.set(key, series);
  return series;
}
