import { AppError } from '@overture/core';

/** Where operators run. */
export type ExecutionProvider = 'cpu' | 'cuda' | 'webgpu' | 'coreml' | 'dml';

interface ProviderRow {
  /** Whether this project's own tests run on it. */
  readonly tried: boolean;
}

/** One row per provider that can be asked for. */
const providers: Readonly<Record<ExecutionProvider, ProviderRow>> = {
  cpu: { tried: true },
  cuda: { tried: false },
  webgpu: { tried: false },
  coreml: { tried: false },
  dml: { tried: false },
};

/**
 * A warning to show when the provider has not been tried by this project; undefined for `cpu`.
 * @throws AppError `RUNTIME_PROVIDER_UNAVAILABLE` when this build of onnxruntime does not bring it
 */
export function checkProvider(provider: ExecutionProvider, available: readonly string[]): string | undefined {
  if (!Object.hasOwn(providers, provider) || !available.includes(provider)) {
    throw new AppError(
      'RUNTIME_PROVIDER_UNAVAILABLE',
      `An execution provider of this machine's onnxruntime must be one of ${available.join(', ')}. Got ${JSON.stringify(provider)} instead: use "cpu".`,
      { details: { provider, available: [...available] } },
    );
  }
  if (providers[provider].tried) return undefined;
  return `Execution provider ${provider} has not been tried by this project: compare a few results with "cpu" before you trust them.`;
}
