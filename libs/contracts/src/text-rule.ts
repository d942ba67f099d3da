import { z } from 'zod';

/** How utterances become turns and which tags count as taking the initiative; every result states both. */
export const textRule = {
  protocol: z.enum(['cikm23', 'utterance']).default('cikm23'),
  /** A preset's name or a list of tags; the dialogue lib knows both. */
  tagSet: z.union([z.string().min(1), z.array(z.string()).min(1)]).default('cikm23-5'),
} as const;

/** A part of a corpus. */
export const splitName = z.enum(['train', 'valid', 'test']);
export type SplitName = z.output<typeof splitName>;
