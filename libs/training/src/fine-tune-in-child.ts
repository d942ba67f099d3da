import { inChildProcess, type ExecutionProvider, type ProcessUsage } from '@overture/runtime';
import type { FineTuneConfig } from './fine-tune-config.ts';
import { parseFineTuneConfig } from './fine-tune-config.ts';
import type { ControlSource, RecordControl, ToTraining } from './controls/controls-over-messages.ts';
import type { AppliedControl } from './controls/training-controls.ts';
import type { EpochRecord, EvaluationRecord, StepProgress, TrainingProgress } from './training-progress.ts';

/** A fine-tuning run described by files, as plain JSON. */
export interface FineTuneFiles {
  /** A token set written by `encodeTokenSet`. */
  readonly tokens: string;
  /** Pretrained weights in safetensors format. */
  readonly weights: string;
  /** The base model's config.json. */
  readonly modelConfig: string;
  /**
   * Training task: classification of initiative, or causal language modeling of answers. Default
   * `classification`.
   */
  readonly task?: 'classification' | 'causal';
  /** Checkpoint folder of this job only; kept between attempts. */
  readonly checkpoints: string;
  /**
   * Folder of cached features of the pretrained network, shared by jobs: outputs of frozen layers and inputs
   * of the linear probe. Default: no cache.
   */
  readonly kept?: string;
  /** Folder that receives the `fineTuneOutputs`. */
  readonly output: string;
  /** Missing settings have their defaults. */
  readonly config: Partial<FineTuneConfig>;
  /** Where to compute. Default `cpu`. */
  readonly executionProvider?: ExecutionProvider;
}

/** The contents of `training.json` without the steps. */
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

/** The contents of `training.json`: the summary, and one entry per step that this attempt computed. */
export interface TrainingLog extends FineTuneSummary {
  readonly stepLog: readonly Pick<
    StepProgress,
    'step' | 'loss' | 'learningRate' | 'gradientNorm' | 'tokensPerSecond'
  >[];
}

/**
 * Names in the output folder: the weights with adapters merged in, the log, and the separate adapter in
 * PEFT's layout.
 */
export const fineTuneOutputs = {
  weights: 'model.safetensors',
  log: 'training.json',
  adapter: 'adapter',
} as const;

/** Options of `fineTuneInChild`. */
export interface FineTuneInChildOptions {
  readonly signal?: AbortSignal;
  /**
   * Whether an abort with this reason is final: nobody will resume the training, so no time is spent on a
   * checkpoint. Default: never.
   */
  readonly isFinal?: (reason: unknown) => boolean;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Called with the resource usage of this attempt's process. */
  readonly onUsage?: (usage: ProcessUsage) => void;
  /**
   * Controls for the running training. If recording a control fails, training stops with that error: a
   * control that is not recorded must not be applied.
   */
  readonly controls?: ControlSource;
}

/**
 * Time for the child to finish its step and write a checkpoint, which takes seconds with a large model and
 * longer on a busy machine.
 */
const stopMs = 60_000;
/** Time for the child to stop if the abort is final and no checkpoint is needed. */
const finalMs = 500;

/**
 * Runs `fineTune` in a child process. The caller's event loop stays responsive, and a native crash or lack of
 * memory loses only this attempt. Resuming with the same checkpoint folder is exact.
 * @throws AppError as `fineTune`; `RUNTIME_CHILD_DIED` (retryable)
 */
export async function fineTuneInChild(
  files: FineTuneFiles,
  options: FineTuneInChildOptions = {},
): Promise<FineTuneSummary> {
  parseFineTuneConfig(files.config); // reject an invalid configuration before starting a process
  const { signal, isFinal, onProgress, onUsage, controls } = options;
  const unrecorded = new AbortController();
  let tell: ((message: ToTraining) => void) | undefined;
  return inChildProcess<FineTuneSummary>(
    new URL('./fine-tune-child.ts', import.meta.url).href,
    { ...files, applied: controls?.applied },
    {
      onUsage,
      signal: AbortSignal.any([unrecorded.signal, ...(signal ? [signal] : [])]),
      graceMs: (reason) => (isFinal?.(reason) ? finalMs : stopMs),
      onStarted(send) {
        tell = send;
        controls?.onRequest((request) => tell?.({ kind: 'request', request }));
      },
      onMessage(given) {
        const message = given as TrainingProgress | RecordControl;
        if (message.kind !== 'record') return onProgress?.(message);
        controls?.record(message.control).then(
          () => tell?.({ kind: 'recorded', id: message.control.id }),
          (error: unknown) => unrecorded.abort(error),
        );
      },
    },
  );
}
