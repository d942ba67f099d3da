import type { MetricsExporterConfig } from '@temporalio/worker';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the exporter of this worker's Temporal metrics, configured by OpenTelemetry's environment
 * variables. Returns undefined, so that nothing is measured, if they name no collector.
 * `OTEL_SDK_DISABLED=true` and `OTEL_METRICS_EXPORTER=none` turn it off.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function metricsExporter(env: Environment): MetricsExporterConfig | undefined {
  const ofMetrics = (name: string): string | undefined =>
    env[`OTEL_EXPORTER_OTLP_METRICS_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`] || undefined;
  if (
    ofMetrics('ENDPOINT') === undefined ||
    env['OTEL_SDK_DISABLED'] === 'true' ||
    env['OTEL_METRICS_EXPORTER'] === 'none'
  )
    return undefined;
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
    globalTags: {
      ...pairs(env['OTEL_RESOURCE_ATTRIBUTES']),
      service_name: env['OTEL_SERVICE_NAME'] || 'overture-worker',
    },
  };
}

/**
 * The endpoint for metrics is a complete URL. The general endpoint gets the metrics path appended for HTTP.
 */
function metricsUrl(env: Environment, http: boolean): string {
  const own = env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'];
  if (own) return own;
  const general = (env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '').replace(/\/$/, '');
  return http ? `${general}/v1/metrics` : general;
}

/** Parses `key=value,key=value` with percent-encoded values. */
function pairs(text = ''): Record<string, string> {
  return Object.fromEntries(
    text
      .split(',')
      .filter((pair) => pair.includes('='))
      .map((pair) => [
        pair.slice(0, pair.indexOf('=')).trim(),
        decodeURIComponent(pair.slice(pair.indexOf('=') + 1).trim()),
      ]),
  );
}
