import { z } from 'zod';

/** The output of a gate: whether it was approved, by whom, and why. */
export const gateDecision = z.object({
  approved: z.boolean(),
  decidedBy: z.enum(['rule', 'person']),
  /** The name and the reason that the approver entered; null if a rule decided or nothing was entered. */
  by: z.string().nullable(),
  reason: z.string().nullable(),
});
/** The parsed output of a gate. */
export type GateDecision = z.output<typeof gateDecision>;
