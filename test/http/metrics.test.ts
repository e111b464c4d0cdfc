import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/http/metrics.js';

describe('the metrics', () => {
  it('count upstream requests by system and status', async () => {
    const metrics = createMetrics();
    metrics.upstream({ system: 'dynamics', method: 'GET', target: '/contacts', status: 200, milliseconds: 20 });
    metrics.upstream({
      system: 'campaign',
      method: 'POST',
      target: 'xtk:queryDef#ExecuteQuery',
      status: null,
      milliseconds: 5,
    });
    const { body } = await metrics.expose();
    expect(body).toContain('isthmus_upstream_request_duration_seconds_count{system="dynamics",status="200"} 1');
    expect(body).toContain('isthmus_upstream_request_duration_seconds_count{system="campaign",status="none"} 1');
  });

  it('count a request that another one was answered with as spared, and not as sent', async () => {
    const metrics = createMetrics();
    const call = { system: 'dynamics', method: 'GET', target: '/contacts', status: 200, milliseconds: 20 } as const;
    metrics.upstream(call);
    metrics.upstream({ ...call, shared: true });
    metrics.upstream({ ...call, shared: true });
    const { body } = await metrics.expose();
    expect(body).toContain('isthmus_upstream_request_duration_seconds_count{system="dynamics",status="200"} 1');
    expect(body).toContain('isthmus_upstream_requests_spared_total{system="dynamics"} 2');
  });

  it('tell how long certificates last, as they are when asked', async () => {
    let secondsLeft = 60;
    const metrics = createMetrics({ certificates: async () => [{ account: 'contoso', secondsLeft }] });
    expect((await metrics.expose()).body).toContain('isthmus_certificate_expires_seconds{account="contoso"} 60');
    secondsLeft = -1;
    expect((await metrics.expose()).body).toContain('isthmus_certificate_expires_seconds{account="contoso"} -1');
  });
});
