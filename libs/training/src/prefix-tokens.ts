import type { Runtime } from '@overture/runtime';
import { commonBeginning, examplesOfSplit, idsOf } from '@overture/tokenization';
import { dropoutRates } from './dropout/dropout-rates.ts';
import type { FineTuneJob } from './fine-tune-job.ts';

/** With fewer tokens, sharing costs more than it saves. */
const worthIt = 16;

/**
 * Length of the common prefix of all prompts of a job, such as an instruction. A step computes it once for
 * all sequences of a run.
 * The length is 0 if the prefix is short or if each sequence needs its own. That is the case for classifiers,
 * with dropout, with frozen layers (whose outputs are cached by sequence), and on a device.
 */
export function prefixTokensOf({
  model,
  tokens,
  config,
  runtime,
}: Pick<FineTuneJob, 'model' | 'tokens' | 'config'> & {
  readonly runtime?: Pick<Runtime, 'separateMemory'>;
}): number {
  const { answerStarts } = tokens;
  if (
    runtime?.separateMemory === true ||
    model.task !== 'causal' ||
    answerStarts === undefined ||
    config.freezeLayers > 0 ||
    dropoutRates(config) !== undefined
  )
    return 0;
  const examples = (['train', 'valid'] as const).flatMap((split) => [...examplesOfSplit(tokens, split)]);
  const shared = commonBeginning(examples.map((i) => idsOf(tokens, i).subarray(0, answerStarts[i])));
  return shared < worthIt ? 0 : shared;
}
