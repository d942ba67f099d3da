import { z } from 'zod';

/**
 * How utterances are combined into turns, and which tags count as initiative. Every result includes both
 * settings.
 */
export const labelingOptions = {
  protocol: z.enum(['cikm23', 'utterance']).default('cikm23'),
  /** The name of a preset or a list of tags, as defined by the dialogue library. */
  tagSet: z.union([z.string().min(1), z.array(z.string()).min(1)]).default('cikm23-5'),
} as const;

/** A part of a corpus. */
export const splitName = z.enum(['train', 'valid', 'test']);
/** The name of a split. */
export type SplitName = z.output<typeof splitName>;
