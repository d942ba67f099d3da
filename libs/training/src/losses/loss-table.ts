import type { LossName } from '@overture/training-settings';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { crossEntropy } from './cross-entropy.ts';
import { focal } from './focal.ts';
import type { Loss } from './loss.ts';

/** Options of the losses. */
export interface LossOptions {
  readonly labelSmoothing: number;
  readonly focalGamma: number;
}

/** Every loss over classes, by its name in a configuration. */
export const lossTable: Readonly<Record<LossName, (options: LossOptions) => Loss>> = {
  crossEntropy: ({ labelSmoothing }) => crossEntropy(labelSmoothing),
  focal: ({ focalGamma }) => focal(focalGamma),
  binaryCrossEntropy: () => binaryCrossEntropy(),
};
