import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { splitName, labelingOptions } from '../labeling-options.ts';

/** Fits the baselines on the training split and scores them on the reported split. */
export const computeBaselines = defineStage({
  name: 'computeFloors',
  version: 5,
  summary: 'Compute the floors: always no, first turn, TF-IDF',
  queue: 'light',
  timeouts: { startToClose: 60 * 60, heartbeat: 60 },
  input: z.strictObject({ corpus: artifact('corpus'), ...labelingOptions, split: splitName }),
  output: z.object({ floors: artifact('floors'), names: z.array(z.string()) }),
});
