import { AppError } from '@overture/core';
import type { InferenceSession } from 'onnxruntime-node';

/** Where operators run. */
export type ExecutionProvider = 'cpu' | 'cuda' | 'webgpu' | 'coreml' | 'dml';

interface ProviderRow {
  /** Whether this project has compared its results with those of PyTorch or `cpu`. */
  readonly tried: boolean;
  /** Whether operators have separate memory, so that every run copies feeds to it and results back. */
  readonly separateMemory: boolean;
  /** Requirements of the provider, for the error message. */
  readonly needs?: string;
}

/** One row per supported provider. */
const providers: Readonly<Record<ExecutionProvider, ProviderRow>> = {
  cpu: { tried: true, separateMemory: false },
  cuda: {
    tried: false,
    separateMemory: true,
    needs:
      "an NVIDIA GPU with its driver, the CUDA and cuDNN libraries where the loader finds them (LD_LIBRARY_PATH), and libonnxruntime_providers_cuda.so and libonnxruntime_providers_shared.so of the same version beside onnxruntime-node's library, see docs/deploy.md",
  },
  webgpu: { tried: false, separateMemory: true },
  coreml: { tried: false, separateMemory: false },
  dml: { tried: false, separateMemory: true },
};

/** All supported providers. */
export const executionProviders = Object.keys(providers) as readonly ExecutionProvider[];

/** Whether feeds are copied to a device's memory. */
export function hasSeparateMemory(provider: ExecutionProvider): boolean {
  return providers[provider].separateMemory;
}

/**
 * Checks that a provider is available. Returns a warning if this project has not tested it, otherwise
 * undefined.
 * @throws AppError `RUNTIME_PROVIDER_UNAVAILABLE` if this build of onnxruntime does not include it
 */
export function checkProvider(provider: ExecutionProvider, available: readonly string[]): string | undefined {
  // onnxruntime can have others, such as tensorrt
  const usable = executionProviders.filter((name) => available.includes(name));
  if (!usable.includes(provider)) {
    throw new AppError(
      'RUNTIME_PROVIDER_UNAVAILABLE',
      `An execution provider of this machine's onnxruntime must be one of ${usable.join(', ')}. Got ${JSON.stringify(provider)} instead: use "cpu".`,
      { details: { provider, available: [...available] } },
    );
  }
  if (providers[provider].tried) return undefined;
  return `Execution provider ${provider} has not been tried by this project: compare a few results with "cpu" before you trust them.`;
}

/**
 * The provider as an onnxruntime option. CUDA computes float32 products in float32 and not in TF32, unless
 * the environment overrides it.
 */
export function providerSettings(
  provider: ExecutionProvider,
): InferenceSession.SessionOptions['executionProviders'] {
  // A variable of NVIDIA's libraries, for which onnxruntime-node has no option.
  // eslint-disable-next-line no-restricted-properties
  if (provider === 'cuda') process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  return [provider];
}

/**
 * Creates the error for a provider whose library onnxruntime could not load.
 * @returns undefined if something else failed
 */
export function providerMissing(provider: ExecutionProvider, thrown: unknown): AppError | undefined {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const { needs } = providers[provider];
  if (
    needs === undefined ||
    !/providers_(shared|cuda)|Failed to load (shared )?library|CUDA driver|no CUDA-capable device|cudaSetDevice/i.test(
      message,
    )
  )
    return undefined;
  return new AppError(
    'RUNTIME_PROVIDER_UNAVAILABLE',
    `Execution provider ${provider} needs ${needs}. onnxruntime says: ${message.trim()}. Without them use "cpu".`,
    { cause: thrown, details: { provider } },
  );
}
