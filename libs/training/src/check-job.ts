import { AppError } from '@overture/core';
import { examplesOfSplit, lengthsOf } from '@overture/tokenization';
import { taskTable } from './tasks/task-table.ts';
import type { FineTuneJob } from './fine-tune-job.ts';

/**
 * Checks that the tokens fit the model before anything is allocated. All problems are reported in one error.
 * @throws AppError `TRAINING_TOKENS_MISFIT`
 */
export function checkJob(job: FineTuneJob): void {
  const { config, model, tokens } = job;
  const { vocabSize, maxPositions } = model.network.size;
  const longest = lengthsOf(tokens).reduce((most, length) => Math.max(most, length), 0);
  const problems: string[] = [];
  if (tokens.vocabSize > vocabSize) {
    problems.push(
      `The tokenizer has ${tokens.vocabSize} entries, the embedding of the base model ${vocabSize}: use the tokenizer of the base model.`,
    );
  }
  const limit = Math.min(config.maxLength, maxPositions);
  if (longest > limit) {
    problems.push(
      `The longest example has ${longest} tokens, training.maxLength is ${config.maxLength} and the base model has ${maxPositions} positions: tokenize with a maxLength of at most ${limit}.`,
    );
  }
  const strange = tokens.ids.findIndex((id) => !(id >= 0 && id < vocabSize));
  if (strange >= 0)
    problems.push(
      `Token ${strange} has the id ${tokens.ids[strange]}, the embedding of the base model ${vocabSize} rows: use the tokenizer of the base model.`,
    );
  problems.push(...taskTable[model.task].problems(job));
  if (examplesOfSplit(tokens, 'train').length === 0) {
    problems.push(
      `The split "train" has no examples; there are ${tokens.splitNames.join(', ')}: check the corpus and its splits.`,
    );
  }
  if (problems.length > 0)
    throw new AppError('TRAINING_TOKENS_MISFIT', `The tokens must fit the training. ${problems.join(' ')}`, {
      details: { problems },
    });
}
