import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { crossEntropy } from './cross-entropy.ts';
import { focal } from './focal.ts';
import type { Loss } from './loss.ts';

/** Options of the losses. */
export interface LossOptions {
  readonly labelSmoothing: number;
  readonly focalGamma: number;
}

interface LossRow {
  make(options: LossOptions): Loss;
  /** Whether the loss supports label smoothing. */
  readonly smooths: boolean;
}

/** Every loss over classes, by its name in a configuration. */
export const lossTable = {
  crossEntropy: { make: ({ labelSmoothing }) => crossEntropy(labelSmoothing), smooths: true },
  focal: { make: ({ focalGamma }) => focal(focalGamma), smooths: false },
  binaryCrossEntropy: { make: () => binaryCrossEntropy(), smooths: false },
} as const satisfies Readonly<Record<string, LossRow>>;

/** Name of a loss in a configuration. */
export type LossName = keyof typeof lossTable;
