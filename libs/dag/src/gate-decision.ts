import { z } from 'zod';

/** What a gate gives: the answer, and whose it is. */
export const gateDecision = z.object({
  approved: z.boolean(),
  decidedBy: z.enum(['rule', 'person']),
  /** Who decided and why, as they said themselves. */
  by: z.string().nullable(),
  reason: z.string().nullable(),
});
export type GateDecision = z.output<typeof gateDecision>;
