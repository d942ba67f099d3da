import { encodeOnnx, type Graph } from '@overture/graph';
import { listSupportedBackends, InferenceSession } from 'onnxruntime-node';
import { checkProvider, hasSeparateMemory, providerMissing, providerSettings, type ExecutionProvider } from './execution-provider.ts';
import { OnnxSession, type Session } from './session.ts';
import { toRuntimeError } from './runtime-error.ts';
import { ThreadSession } from './thread-session.ts';

export interface RuntimeOptions {
  /** Threads inside one operator. Default 2. */
  readonly threads?: number;
  /** Default `cpu`, the only one that this project has tried. */
  readonly executionProvider?: ExecutionProvider;
  /** Whether idle threads wait actively. Faster by a little alone, much slower where cores are shared. Default false. */
  readonly allowSpinning?: boolean;
  /** Keep freed memory for the next run: fast, but it never shrinks. Default true. */
  readonly arena?: boolean;
  /** Told once when the provider is one that this project has not tried. */
  readonly onWarning?: (message: string) => void;
}

export interface LoadOptions {
  /** Names the graph in messages. */
  readonly name?: string;
  /** How far onnxruntime may rewrite the graph. Default `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Writes a profile of every operator to a file that begins with this path, when the session closes. */
  readonly profileTo?: string;
  /** Threads inside one operator, of this session. Default: the runtime's. */
  readonly threads?: number;
  /**
   * Runs in a worker thread of its own, beside the caller's. Tensors over a SharedArrayBuffer are read and written in place, others are
   * copied. Default false.
   */
  readonly inThread?: boolean;
}

/** The door to onnxruntime. */
export interface Runtime {
  /** Threads inside one operator, where `load` is not told otherwise. */
  readonly threads: number;
  readonly executionProvider: ExecutionProvider;
  /**
   * Whether operators run in memory of their own, as a GPU's: what is fed is copied there at every run, so constants are better than
   * feeds that never change, and few large operators better than many small ones.
   */
  readonly separateMemory: boolean;
  /**
   * Prepares a graph, the bytes of an ONNX file, or the file at a path to run. Blocks the thread while onnxruntime optimizes it.
   * @throws AppError `RUNTIME_LOAD_FAILED`; `RUNTIME_PROVIDER_UNAVAILABLE` where the provider's libraries or its device are missing
   */
  load(source: Graph | Uint8Array | string, options?: LoadOptions): Promise<Session>;
}

/** @throws AppError `RUNTIME_PROVIDER_UNAVAILABLE` */
export function openRuntime(options: RuntimeOptions = {}): Runtime {
  const { threads = 2, executionProvider = 'cpu', allowSpinning = false, arena = true, onWarning } = options;
  const threadOptions = { executionProvider, allowSpinning, arena };
  const warning = checkProvider(executionProvider, listSupportedBackends().map(({ name }) => name));
  if (warning !== undefined) onWarning?.(warning);
  return {
    threads,
    executionProvider,
    separateMemory: hasSeparateMemory(executionProvider),
    async load(source, { inThread = false, ...load } = {}) {
      const { name, optimization = 'all', profileTo, threads: ownThreads = threads } = load;
      const { content, called } = named(source, name);
      if (inThread) return ThreadSession.open(called, { content, runtime: { threads: ownThreads, ...threadOptions }, load: { ...load, name: called } });
      try {
        const settings: InferenceSession.SessionOptions = {
          executionProviders: providerSettings(executionProvider),
          intraOpNumThreads: ownThreads,
          interOpNumThreads: 1,
          executionMode: 'sequential',
          graphOptimizationLevel: optimization,
          enableCpuMemArena: arena,
          enableMemPattern: false, // shapes change from batch to batch
          logSeverityLevel: 4, // what fails is thrown
          ...(profileTo === undefined ? {} : { enableProfiling: true, profileFilePrefix: profileTo }),
          extra: { session: { intra_op: { allow_spinning: allowSpinning ? '1' : '0' }, use_deterministic_compute: '1' } },
        };
        const inner = await (typeof content === 'string' ? InferenceSession.create(content, settings) : InferenceSession.create(content, settings));
        return new OnnxSession(called, inner);
      } catch (thrown) {
        throw providerMissing(executionProvider, thrown) ?? toRuntimeError('RUNTIME_LOAD_FAILED', `Graph ${called} was not accepted by onnxruntime`, thrown);
      }
    },
  };
}

function named(source: Graph | Uint8Array | string, name: string | undefined): { readonly content: Uint8Array | string; readonly called: string } {
  if (typeof source === 'string') return { content: source, called: name ?? source };
  if (source instanceof Uint8Array) return { content: source, called: name ?? 'an ONNX file' };
  return { content: encodeOnnx(source), called: name ?? source.name };
}
