import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { labelingOptions } from '../labeling-options.ts';

/** Tokenizes every labeled system turn. */
export const tokenize = defineStage({
  name: 'tokenize',
  version: 3,
  summary: 'Turn every example into token ids',
  queue: 'light',
  timeouts: { startToClose: 60 * 60, heartbeat: 60 },
  input: z.strictObject({
    corpus: artifact('corpus'),
    tokenizer: artifact('tokenizer'),
    ...labelingOptions,
    maxLength: z.int().default(256),
  }),
  output: z.object({ tokens: artifact('tokens'), examples: z.int(), truncated: z.int() }),
});
