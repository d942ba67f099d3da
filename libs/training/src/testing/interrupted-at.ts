import type { CheckpointStore } from '../checkpoints/checkpoint-store.ts';
import { fineTune } from '../fine-tune.ts';
import type { FineTuneOptions } from '../fine-tune-options.ts';
import { memoryCheckpoints } from './memory-checkpoints.ts';

/**
 * Makes a run fail after a step and returns its checkpoints.
 * @throws Error if the run ends before that step
 */
export async function interruptedAt(step: number, options: FineTuneOptions): Promise<CheckpointStore> {
  const interruption = new Error('interrupted');
  const checkpoints = memoryCheckpoints();
  try {
    await fineTune({
      ...options,
      checkpoints,
      onProgress: (event) => {
        if (event.kind === 'step' && event.step === step) throw interruption;
      },
    });
  } catch (thrown) {
    if (thrown === interruption) return checkpoints;
    throw thrown;
  }
  throw new Error(`The run must have a step ${step}. It ended before.`);
}
