import type { MetricsExporterConfig } from '@temporalio/worker';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where Temporal's metrics of this worker go, by OpenTelemetry's own variables; undefined, and nothing is measured, where they name no
 * collector. `OTEL_SDK_DISABLED=true` and `OTEL_METRICS_EXPORTER=none` turn it off.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function metricsExporter(env: Environment): MetricsExporterConfig | undefined {
  const ofMetrics = (name: string): string | undefined => env[`OTEL_EXPORTER_OTLP_METRICS_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`] || undefined;
  if (ofMetrics('ENDPOINT') === undefined || env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_METRICS_EXPORTER'] === 'none') return undefined;
  const http = (ofMetrics('PROTOCOL') ?? 'grpc').startsWith('http');
  const headers = pairs(ofMetrics('HEADERS'));
  return {
    otel: {
      url: metricsUrl(env, http),
      http,
      ...(Object.keys(headers).length > 0 && { headers }),
      metricsExportInterval: Number(env['OTEL_METRIC_EXPORT_INTERVAL'] || 60_000),
      useSecondsForDurations: true,
    },
    globalTags: { ...pairs(env['OTEL_RESOURCE_ATTRIBUTES']), service_name: env['OTEL_SERVICE_NAME'] || 'overture-worker' },
  };
}

/** What is said for metrics alone is the whole address; over HTTP the general one gets the signal's path. */
function metricsUrl(env: Environment, http: boolean): string {
  const own = env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'];
  if (own) return own;
  const general = (env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '').replace(/\/$/, '');
  return http ? `${general}/v1/metrics` : general;
}

/** `key=value,key=value`, the values percent-encoded. */
function pairs(text = ''): Record<string, string> {
  return Object.fromEntries(text.split(',').filter((pair) => pair.includes('=')).map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), decodeURIComponent(pair.slice(pair.indexOf('=') + 1).trim())]));
}
