import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { crossEntropy } from './cross-entropy.ts';
import { focal } from './focal.ts';
import type { Loss } from './loss.ts';

/** What the losses can be told. */
export interface LossOptions {
  readonly labelSmoothing: number;
  readonly focalGamma: number;
}

interface LossRow {
  make(options: LossOptions): Loss;
  /** Whether labels can be smoothed. */
  readonly smooths: boolean;
}

/** Every loss over classes, by the name it has in a configuration. */
export const lossTable = {
  crossEntropy: { make: ({ labelSmoothing }) => crossEntropy(labelSmoothing), smooths: true },
  focal: { make: ({ focalGamma }) => focal(focalGamma), smooths: false },
  binaryCrossEntropy: { make: () => binaryCrossEntropy(), smooths: false },
} as const satisfies Readonly<Record<string, LossRow>>;

export type LossName = keyof typeof lossTable;
