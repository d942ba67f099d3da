import { supervisedFineTune } from '@overture/contracts';
import { fineTuneOutputs } from '@overture/training';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { costMetrics } from '../cost-metrics.ts';
import { implement } from '../implement.ts';
import { trainInChild } from '../train-in-child.ts';
import { encodeAnswersInChild } from './encode-answers.ts';

/**
 * Fine-tunes a language model with adapters to write the answer to a prompt without demonstrations. Only
 * answer tokens count in the loss.
 */
export const supervisedFineTuneStage = implement(supervisedFineTune, async (input, context) => {
  const { artifacts, workDir, metrics } = context;
  const { files, maxLength, tokens } = await encodeAnswersInChild(input, context);
  const output = join(workDir, 'trained');
  const trained = await trainInChild(
    { task: 'causal', ...files, output, config: { ...input.training, maxLength } },
    supervisedFineTune.name,
    context,
  );
  metrics(costMetrics(supervisedFineTune.name, { tokens: trained.history.length * tokens }));
  return {
    adapter: await artifacts.putTree('adapter', join(output, fineTuneOutputs.adapter)),
    log: await artifacts.put('training-log', createReadStream(join(output, fineTuneOutputs.log))),
    summary: {
      steps: trained.steps,
      bestEpoch: trained.bestEpoch,
      validLoss: trained.history[trained.bestEpoch - 1]?.validLoss ?? null,
    },
  };
});
