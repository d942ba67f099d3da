import { openArtifacts } from '@overture/artifacts';
import { proxyFetch } from '@overture/downloads';
import type { ChildContext, ChildJob } from '@overture/runtime';
import type { Compute, ComputeJob, ComputeMessage } from './compute-messages.ts';

/**
 * The job of a compute child process: loads the function, runs it with a context that forwards everything to
 * the worker, and returns its result.
 */
const computeChild: ChildJob<ComputeJob, unknown> = async (
  { moduleUrl, name, input, place, settings, ...given },
  { send, signal }: ChildContext,
) => {
  // Without a parent there is no receiver.
  const tell = (message: ComputeMessage): void => void send(message).catch(() => undefined);
  const compute = ((await import(moduleUrl)) as Record<string, Compute<unknown, unknown> | undefined>)[name];
  if (compute === undefined)
    throw new Error(
      `${moduleUrl} has no export ${name}: a function that computes in a child process must be exported under its own name.`,
    );
  return compute(input, {
    ...given,
    signal,
    artifacts: await openArtifacts(place),
    settings: {
      ...settings,
      baseModels: { ...settings.baseModels, fetch: proxyFetch(settings.baseModels.env ?? {}) },
    },
    heartbeat: (progress) => tell({ kind: 'heartbeat', progress }),
    metrics: (measured) => tell({ kind: 'metrics', measured }),
    logger: {
      info: (details, message) => tell({ kind: 'log', level: 'info', details, message }),
      warn: (details, message) => tell({ kind: 'log', level: 'warn', details, message }),
    },
  });
};

export default computeChild;
