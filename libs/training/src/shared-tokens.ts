import type { Runtime } from '@overture/runtime';
import { commonBeginning, examplesOfSplit, idsOf } from '@overture/tokenization';
import { dropoutRates } from './dropout/dropout-rates.ts';
import type { FineTuneJob } from './fine-tune-job.ts';

/** Below this, what sharing saves is less than what its operators cost. */
const worthIt = 16;

/**
 * How many tokens all prompts of a job begin with alike, as an instruction: a step computes them once for all sequences of a run. 0 where
 * they are few, and where each sequence needs its own: in classifiers, under dropout, above frozen layers, whose results are kept by sequence, and on a device.
 */
export function sharedTokensOf({ model, tokens, config, runtime }: Pick<FineTuneJob, 'model' | 'tokens' | 'config'> & { readonly runtime?: Pick<Runtime, 'separateMemory'> }): number {
  const { answerStarts } = tokens;
  if (runtime?.separateMemory === true || model.task !== 'causal' || answerStarts === undefined || config.freezeLayers > 0 || dropoutRates(config) !== undefined) return 0;
  const examples = (['train', 'valid'] as const).flatMap((split) => [...examplesOfSplit(tokens, split)]);
  const shared = commonBeginning(examples.map((i) => idsOf(tokens, i).subarray(0, answerStarts[i])));
  return shared < worthIt ? 0 : shared;
}
