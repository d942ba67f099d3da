import { adamW } from './adamw.ts';
import { lion } from './lion.ts';
import type { OptimizerRow } from './optimizer-row.ts';
import { sgd } from './sgd.ts';

/** Every optimizer, by its name in a configuration. */
export const optimizerTable = { adamW, sgd, lion } as const satisfies Readonly<Record<string, OptimizerRow>>;

/** Name of an optimizer in a configuration. */
export type OptimizerName = keyof typeof optimizerTable;
