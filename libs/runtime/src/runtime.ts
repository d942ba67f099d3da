import { encodeOnnx, type Graph } from '@overture/graph';
import { listSupportedBackends, InferenceSession } from 'onnxruntime-node';
import {
  checkProvider,
  hasSeparateMemory,
  providerMissing,
  providerSettings,
  type ExecutionProvider,
} from './execution-provider.ts';
import { OnnxSession, type Session } from './session.ts';
import { toRuntimeError } from './runtime-error.ts';
import { ThreadSession } from './thread-session.ts';
import type { LoadOptions, RuntimeOptions } from './runtime-options.ts';

/** Access to onnxruntime. */
export interface Runtime {
  /** Threads per operator, unless `load` overrides it. */
  readonly threads: number;
  readonly executionProvider: ExecutionProvider;
  /**
   * Whether operators have separate memory, such as a GPU's. Every run copies its feeds there, so constants
   * are better than feeds that never change, and few large operators are better than many small ones.
   */
  readonly separateMemory: boolean;
  /**
   * Loads a graph, the bytes of an ONNX file, or a file by path. Blocks the thread while onnxruntime
   * optimizes it.
   * @throws AppError `RUNTIME_LOAD_FAILED`; `RUNTIME_PROVIDER_UNAVAILABLE` if the provider's libraries or
   * device are missing
   */
  load(source: Graph | Uint8Array | string, options?: LoadOptions): Promise<Session>;
}

/**
 * Opens onnxruntime with an execution provider.
 * @throws AppError `RUNTIME_PROVIDER_UNAVAILABLE`
 */
export function openRuntime(options: RuntimeOptions = {}): Runtime {
  const { threads = 2, executionProvider = 'cpu', allowSpinning = false, arena = true, onWarning } = options;
  const threadOptions = { executionProvider, allowSpinning, arena };
  const warning = checkProvider(
    executionProvider,
    listSupportedBackends().map(({ name }) => name),
  );
  if (warning !== undefined) onWarning?.(warning);
  return {
    threads,
    executionProvider,
    separateMemory: hasSeparateMemory(executionProvider),
    async load(source, { inThread = false, ...load } = {}) {
      const { name, optimization = 'all', profileTo, threads: ownThreads = threads } = load;
      const { content, called } = named(source, name);
      if (inThread)
        return ThreadSession.open(called, {
          content,
          runtime: { threads: ownThreads, ...threadOptions },
          load: { ...load, name: called },
        });
      try {
        const settings: InferenceSession.SessionOptions = {
          executionProviders: providerSettings(executionProvider),
          intraOpNumThreads: ownThreads,
          interOpNumThreads: 1,
          executionMode: 'sequential',
          graphOptimizationLevel: optimization,
          enableCpuMemArena: arena,
          enableMemPattern: false, // shapes change from batch to batch
          logSeverityLevel: 4, // errors are thrown, not logged
          ...(profileTo === undefined ? {} : { enableProfiling: true, profileFilePrefix: profileTo }),
          extra: {
            session: {
              intra_op: { allow_spinning: allowSpinning ? '1' : '0' },
              use_deterministic_compute: '1',
            },
          },
        };
        const inner = await (typeof content === 'string'
          ? InferenceSession.create(content, settings)
          : InferenceSession.create(content, settings));
        return new OnnxSession(called, inner);
      } catch (thrown) {
        throw (
          providerMissing(executionProvider, thrown) ??
          toRuntimeError('RUNTIME_LOAD_FAILED', `Graph ${called} was not accepted by onnxruntime`, thrown)
        );
      }
    },
  };
}

function named(
  source: Graph | Uint8Array | string,
  name: string | undefined,
): { readonly content: Uint8Array | string; readonly called: string } {
  if (typeof source === 'string') return { content: source, called: name ?? source };
  if (source instanceof Uint8Array) return { content: source, called: name ?? 'an ONNX file' };
  return { content: encodeOnnx(source), called: name ?? source.name };
}
