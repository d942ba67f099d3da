import { AppError } from '@overture/core';
import { inputProblems } from '@overture/dag';
import { fineTuneSettings, type FineTuneSettings } from '@overture/training-settings';
import { z } from 'zod';

/** All settings of a fine-tuning run; see `fineTuneSettings` for their ranges and defaults. */
export type FineTuneConfig = Readonly<FineTuneSettings>;

/** Default values of all settings. */
export const fineTuneDefaults: FineTuneConfig = fineTuneSettings.parse({});

/** The key under which messages name the settings, as in a workflow's input. */
const named = z.object({ training: fineTuneSettings });

/**
 * Validates a partial configuration and fills in the defaults. All problems are reported in one error.
 * @throws AppError `TRAINING_CONFIG_INVALID` with each invalid key, its rule, and its value
 */
export function parseFineTuneConfig(partial: unknown = {}): FineTuneConfig {
  const result = named.safeParse({ training: partial }, { reportInput: true });
  if (result.success) return result.data.training;
  const problems = inputProblems(named, result.error);
  throw new AppError('TRAINING_CONFIG_INVALID', problems.join(' '), { details: { problems } });
}
