import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { labelingOptions } from '../labeling-options.ts';
import { corpusInput } from '../train-input.ts';

const splitCounts = z.object({ conversations: z.int(), examples: z.int(), initiative: z.int() });

/**
 * Reads dialogues in any supported format, checks them and divides them into splits. Produces one normalized
 * corpus.
 */
export const ingest = defineStage({
  name: 'ingest',
  version: 2,
  summary: 'Read the dialogues, check them, divide them into splits',
  queue: 'light',
  timeouts: { startToClose: 60 * 60, heartbeat: 60 },
  input: z.strictObject({ ...corpusInput.shape }),
  output: z.object({
    corpus: artifact('corpus'),
    /** The source of the dialogues, who chose it, and its warnings. */
    source: z.object({
      name: z.string(),
      uri: z.string(),
      format: z.string(),
      chosenBy: z.enum(['input', 'worker']),
      splitBy: z.enum(['given', 'valid-from-train', 'drawn']),
      protocol: labelingOptions.protocol,
      tagSet: z.string(),
      /** The note about weak labels for reports; absent if there are none. */
      labels: z.string().optional(),
      /** Warnings and notes of the inspection, each with its severity; absent in outputs of version 1. */
      problems: z.array(z.string()).optional(),
    }),
    summary: z.object({ splits: z.record(z.string(), splitCounts) }),
  }),
});
