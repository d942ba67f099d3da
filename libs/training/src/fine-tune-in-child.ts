import { inChildProcess, type ExecutionProvider, type ProcessUsage } from '@overture/runtime';
import type { FineTuneConfig } from './fine-tune-config.ts';
import { parseFineTuneConfig } from './fine-tune-config.ts';
import type { ControlSource, RecordControl, ToTraining } from './controls/controls-over-messages.ts';
import type { AppliedControl } from './controls/training-controls.ts';
import type { EpochRecord, EvaluationRecord, StepProgress, TrainingProgress } from './training-progress.ts';

/** A fine-tuning run as plain JSON: files in, a folder out. */
export interface FineTuneFiles {
  /** A token set, as `encodeTokenSet` writes it. */
  readonly tokens: string;
  /** Pretrained weights, safetensors. */
  readonly weights: string;
  /** The base model's config.json. */
  readonly modelConfig: string;
  /** What is learnt: the two classes of the initiative classifier, or answers. Default `classification`. */
  readonly task?: 'classification' | 'causal';
  /** A folder of this job's own; kept between attempts. */
  readonly checkpoints: string;
  /** A folder that jobs share, for what the network gives before it has learnt: below frozen layers, and to a head that starts from a probe. Default: each computes it. */
  readonly kept?: string;
  /** The folder to write `fineTuneOutputs` to. */
  readonly output: string;
  /** Defaults for what is left out. */
  readonly config: Partial<FineTuneConfig>;
  /** Where it computes. Default `cpu`. */
  readonly executionProvider?: ExecutionProvider;
}

/** What `training.json` holds, less the steps. */
export interface FineTuneSummary {
  readonly config: FineTuneConfig;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  readonly steps: number;
  readonly classWeights: readonly number[];
  readonly threshold: number;
  readonly temperature: number;
  readonly controls: readonly AppliedControl[];
  readonly evaluations: readonly EvaluationRecord[];
}

/** `training.json`: the summary and one line per step that this attempt did itself. */
export interface TrainingLog extends FineTuneSummary {
  readonly stepLog: readonly Pick<StepProgress, 'step' | 'loss' | 'learningRate' | 'gradientNorm' | 'tokensPerSecond'>[];
}

/** Names in the output folder: weights with adapters merged in, the log, and the adapters by themselves in PEFT's layout. */
export const fineTuneOutputs = { weights: 'model.safetensors', log: 'training.json', adapter: 'adapter' } as const;

export interface FineTuneInChildOptions {
  readonly signal?: AbortSignal;
  /** Whether nobody continues a training that was aborted for this reason: it gets no time for a checkpoint. Default never. */
  readonly isFinal?: (reason: unknown) => boolean;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Called with what the process of this attempt took. */
  readonly onUsage?: (usage: ProcessUsage) => void;
  /** What people ask of the training. A record that fails ends it with that error: what is not on record must not take effect. */
  readonly controls?: ControlSource;
}

/** A child that is asked to stop ends its step and writes a checkpoint: seconds with a large model, and on a busy machine more. */
const stopMs = 60_000;
/** One whose checkpoint nobody will want. */
const finalMs = 500;

/**
 * `fineTune` in a process of its own, so that the caller's event loop stays free and a native crash or a lack of memory costs
 * an attempt only. Going on with the same checkpoint folder is exact.
 * @throws AppError as `fineTune`; `RUNTIME_CHILD_DIED` (retryable)
 */
export async function fineTuneInChild(files: FineTuneFiles, options: FineTuneInChildOptions = {}): Promise<FineTuneSummary> {
  parseFineTuneConfig(files.config); // refuse before a process is started
  const { signal, isFinal, onProgress, onUsage, controls } = options;
  const unrecorded = new AbortController();
  let tell: ((message: ToTraining) => void) | undefined;
  return inChildProcess<FineTuneSummary>(new URL('./fine-tune-child.ts', import.meta.url).href, { ...files, applied: controls?.applied }, {
    onUsage,
    signal: AbortSignal.any([unrecorded.signal, ...(signal ? [signal] : [])]),
    graceMs: (reason) => (isFinal?.(reason) ? finalMs : stopMs),
    onStarted(send) {
      tell = send;
      controls?.onWish((wish) => tell?.({ kind: 'wish', wish }));
    },
    onMessage(given) {
      const message = given as TrainingProgress | RecordControl;
      if (message.kind !== 'record') return onProgress?.(message);
      controls?.record(message.control).then(
        () => tell?.({ kind: 'recorded', id: message.control.id }),
        (error: unknown) => unrecorded.abort(error),
      );
    },
  });
}
