import type { OptimizerName } from '@overture/training-settings';
import { adamW } from './adamw.ts';
import { lion } from './lion.ts';
import type { OptimizerRow } from './optimizer-row.ts';
import { sgd } from './sgd.ts';

/** Every optimizer, by its name in a configuration. */
export const optimizerTable: Readonly<Record<OptimizerName, OptimizerRow>> = { adamW, sgd, lion };
