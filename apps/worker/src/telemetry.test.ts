import { describe, expect, it } from 'vitest';
import { metricsExporter } from './telemetry.ts';

describe('metricsExporter', () => {
  it('is off until a collector is named, and when it is turned off', () => {
    expect(metricsExporter({})).toBeUndefined();
    for (const off of [{ OTEL_SDK_DISABLED: 'true' }, { OTEL_METRICS_EXPORTER: 'none' }])
      expect(
        metricsExporter({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317', ...off }),
      ).toBeUndefined();
  });

  it('speaks gRPC to the general endpoint', () => {
    expect(metricsExporter({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' })).toEqual({
      otel: {
        url: 'http://collector:4317',
        http: false,
        metricsExportInterval: 60_000,
        useSecondsForDurations: true,
      },
      globalTags: { service_name: 'overture-worker' },
    });
  });

  it('takes what is said for metrics over what is said for all, with headers, names and an interval', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x,team=a',
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      OTEL_SERVICE_NAME: 'trainer',
      OTEL_RESOURCE_ATTRIBUTES: 'region=north',
    };
    expect(metricsExporter(env)).toMatchObject({
      otel: {
        url: 'http://collector:4318/v1/metrics',
        http: true,
        headers: { authorization: 'Bearer x', team: 'a' },
        metricsExportInterval: 1000,
      },
      globalTags: { region: 'north', service_name: 'trainer' },
    });
    expect(
      metricsExporter({ ...env, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://metrics:9/own' }),
    ).toMatchObject({ otel: { url: 'http://metrics:9/own' } });
  });
});
