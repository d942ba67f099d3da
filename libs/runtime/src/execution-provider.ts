import { AppError } from '@overture/core';
import type { InferenceSession } from 'onnxruntime-node';

/** Where operators run. */
export type ExecutionProvider = 'cpu' | 'cuda' | 'webgpu' | 'coreml' | 'dml';

interface ProviderRow {
  /** Whether this project has compared its results with PyTorch's or with those of `cpu`. */
  readonly tried: boolean;
  /** Whether operators have memory of their own, to which feeds are copied at every run and results back. */
  readonly separateMemory: boolean;
  /** What a machine must have for it, for the message where it does not. */
  readonly needs?: string;
}

/** One row per provider that can be asked for. */
const providers: Readonly<Record<ExecutionProvider, ProviderRow>> = {
  cpu: { tried: true, separateMemory: false },
  cuda: {
    tried: false,
    separateMemory: true,
    needs: "an NVIDIA GPU with its driver, the CUDA and cuDNN libraries where the loader finds them (LD_LIBRARY_PATH), and libonnxruntime_providers_cuda.so and libonnxruntime_providers_shared.so of the same version beside onnxruntime-node's library, see docs/deploy.md",
  },
  webgpu: { tried: false, separateMemory: true },
  coreml: { tried: false, separateMemory: false },
  dml: { tried: false, separateMemory: true },
};

/** All that can be asked for. */
export const executionProviders = Object.keys(providers) as readonly ExecutionProvider[];

/** Whether what is fed to a run is copied to the memory of a device. */
export function hasSeparateMemory(provider: ExecutionProvider): boolean {
  return providers[provider].separateMemory;
}

/**
 * A warning to show when the provider has not been tried by this project; undefined for those that have.
 * @throws AppError `RUNTIME_PROVIDER_UNAVAILABLE` when this build of onnxruntime does not bring it
 */
export function checkProvider(provider: ExecutionProvider, available: readonly string[]): string | undefined {
  const usable = executionProviders.filter((name) => available.includes(name)); // it may know more, such as tensorrt
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

/** The provider as onnxruntime is asked for it. CUDA computes float32 in float32, not in TF32, unless the environment says otherwise. */
export function providerSettings(provider: ExecutionProvider): InferenceSession.SessionOptions['executionProviders'] {
  // eslint-disable-next-line no-restricted-properties -- a variable of NVIDIA's libraries, not a setting of ours: onnxruntime-node passes no such option on
  if (provider === 'cuda') process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  return [provider];
}

/** @returns the error to throw where onnxruntime could not load the provider's library; undefined where something else went wrong */
export function providerMissing(provider: ExecutionProvider, thrown: unknown): AppError | undefined {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const { needs } = providers[provider];
  if (needs === undefined || !/providers_(shared|cuda)|Failed to load (shared )?library|CUDA driver|no CUDA-capable device|cudaSetDevice/i.test(message)) return undefined;
  return new AppError('RUNTIME_PROVIDER_UNAVAILABLE', `Execution provider ${provider} needs ${needs}. onnxruntime says: ${message.trim()}. Without them use "cpu".`, { cause: thrown, details: { provider } });
}
